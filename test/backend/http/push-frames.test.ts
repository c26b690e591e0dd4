import test from 'ava';
import { PushFrameReader, readLine } from '../../../src/backend/http/push-frames.js';

const lines: readonly [line: string, expected: readonly [string, string] | undefined][] = [
  ['{"topic":"evse/state","payload":{"a":1}}', ['evse/state', '{"a":1}']],
  [
    '{"topic":"meter/values","payload":{"power":230.1000061,"x":1e-7}}',
    ['meter/values', '{"power":230.1000061,"x":1e-7}'],
  ],
  ['{"topic":"a/b","payload": { "a" : 1.50 } }', ['a/b', ' { "a" : 1.50 } ']],
  ['{"topic":"info/features","payload":["evse"]}', ['info/features', '["evse"]']],
  ['{"topic":"a/b","payload":null}', ['a/b', 'null']],
  ['{"topic":"keep-alive","payload":"null"}', ['keep-alive', '"null"']],
  ['{"topic":"a/b","payload":"}"}', ['a/b', '"}"']],
  ['{"topic":"a/b","payload":{"text":"\\"payload\\":1}"}}', ['a/b', '{"text":"\\"payload\\":1}"}']],
  ['{"topic": "info/keep_alive", "payload": {"uptime": 5}}', ['info/keep_alive', '{"uptime":5}']],
  ['{"payload":{"a":1},"topic":"a/b"}', ['a/b', '{"a":1}']],
  ['{"topic":"a/b","payload":1,"more":2}', ['a/b', '1']],
  ['{"topic":"a/b","payload":{"a":1},"more":{}}', ['a/b', '{"a":1}']],
  ['{"topic":"a\\u002fb","payload":1}', ['a/b', '1']],
  ['{"topic":"a/b","payload":}', undefined],
  ['{"topic":"a/b","payload":{"a":1}', undefined],
  ['{"topic":"a/b"}', undefined],
  ['{"topic":5,"payload":1}', undefined],
  ['{"payload":1}', undefined],
  ['{"topic":"a/b","payload":01}', undefined],
  ['null', undefined],
  ['[]', undefined],
  ['"text"', undefined],
  ['hello', undefined],
  ['{"topic":"', undefined],
  [`{"topic":"a/b","payload":${'['.repeat(50_000)}}`, undefined],
  [`{"payload":${'['.repeat(200_000)}${']'.repeat(200_000)},"topic":"a/b"}`, undefined],
];

for (const [line, expected] of lines) {
  test(`line ${line.slice(0, 60)}`, (t) => {
    const read = readLine(line);
    t.deepEqual(read && [read.path, read.text], expected && [...expected]);
  });
}

function dump(frames: readonly string[]) {
  const states: string[] = [];
  const unreadable: string[] = [];
  const completeAfter: number[] = [];
  let frame = 0;
  const taken = new PushFrameReader({
    complete: () => completeAfter.push(frame),
    reads: (path) => path !== 'unwanted',
    state: (path, text) => states.push(`${path}=${text}`),
    unreadable: (line) => unreadable.push(line),
  });
  for (const text of frames) {
    frame += 1;
    taken.frame(Buffer.from(text));
  }
  return { states, unreadable, completeAfter };
}

const state = (path: string, value: number) => `{"topic":"${path}","payload":${value}}\n`;
const keepAlive = '{"topic":"info/keep_alive","payload":{"uptime":1}}\n';
const oldKeepAlive = '{"topic":"keep-alive","payload":"null"}\n';

const dumps: Readonly<
  Record<string, { frames: readonly string[]; states: readonly string[]; complete: readonly number[] }>
> = {
  'several frames of several lines, ended by an empty line': {
    frames: [keepAlive + state('a', 1), state('b', 2) + state('c', 3), `${state('d', 4)}\n`, state('a', 5)],
    states: ['a=1', 'b=2', 'c=3', 'd=4', 'a=5'],
    complete: [3],
  },
  'the empty line in a frame of its own': {
    frames: [state('a', 1), state('b', 2), '\n', state('a', 3)],
    states: ['a=1', 'b=2', 'a=3'],
    complete: [3],
  },
  'one frame and no end: the first keep-alive alone shows it (up to 2.2.0)': {
    frames: [state('a', 1) + state('b', 2), keepAlive, state('a', 3), keepAlive],
    states: ['a=1', 'b=2', 'a=3'],
    complete: [2],
  },
  'one frame, and the keep-alive of the oldest firmware': {
    frames: [state('a', 1) + state('b', 2), oldKeepAlive],
    states: ['a=1', 'b=2'],
    complete: [2],
  },
  'a keep-alive before the dump does not end it': {
    frames: [keepAlive, state('a', 1), `${state('b', 2)}\n`],
    states: ['a=1', 'b=2'],
    complete: [3],
  },
  'a missing line feed and carriage returns': {
    frames: [`${state('a', 1).trim()}\r\n${state('b', 2)}\r\n`, state('a', 3).trim()],
    states: ['a=1', 'b=2', 'a=3'],
    complete: [1],
  },
  'log lines are no states': {
    frames: ['{"topic":"event_log/message","payload":"boot"}\n', `${state('a', 1)}\n`],
    states: ['a=1'],
    complete: [2],
  },
};

for (const [name, { frames, states, complete }] of Object.entries(dumps)) {
  test(`dump: ${name}`, (t) => {
    const got = dump(frames);
    t.deepEqual(got, { states: [...states], unreadable: [], completeAfter: [...complete] });
  });
}

test('a line that can’t be read does not hide its neighbours', (t) => {
  const got = dump([`${state('a', 1)}{"topic":"b","payl\n${state('c', 3)}\n`]);
  t.deepEqual(got.states, ['a=1', 'c=3']);
  t.deepEqual(got.unreadable, ['{"topic":"b","payl']);
});

test('the payload of a topic that nobody wants is not looked at', (t) => {
  const got = dump(['{"topic":"unwanted","payload":{"half":}\n']);
  t.deepEqual(got.states, ['unwanted={"half":']);
  t.deepEqual(got.unreadable, []);
});

test('a dump that nothing ends is over with the first change: a line that comes alone after a pause', (t) => {
  let complete = 0;
  const taken = new PushFrameReader({
    complete: () => complete++,
    reads: () => true,
    state() {},
    unreadable() {},
  });
  taken.frame(Buffer.from(state('a', 1)), 60_000);
  t.is(complete, 0, 'nothing had begun');
  taken.frame(Buffer.from(state('b', 2)), 10);
  t.is(complete, 0, 'a part of the dump');
  taken.frame(Buffer.from(state('c', 2) + state('d', 2)), 5_000);
  t.is(complete, 0, 'a dump that stalled goes on');
  taken.frame(Buffer.from(state('a', 3)), 1_000);
  t.is(complete, 1);
  // It was a guess: the network had held up a frame of the dump that has one line.
  taken.frame(Buffer.from(state('e', 3)));
  taken.frame(Buffer.from('\n'));
  t.is(complete, 2);
  taken.frame(Buffer.from('\n'));
  t.is(complete, 2, 'the charger says it once');
});
