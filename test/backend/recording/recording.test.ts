import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { HttpBackend } from '../../../src/backend/http/index.js';
import { checkRecording, eventsOf, RecordingFile } from '../../../src/backend/recording/recording-file.js';
import { ReplayBackend } from '../../../src/backend/recording/replay-backend.js';
import { CannotStart } from '../../../src/base/errors.js';
import { chargerTopics } from '../../../src/topics/index.js';
import { isBridgeTopic } from '../../../src/topics/namespaces.js';
import { FakeClock, FakeLog, settle } from '../../_fakes.js';
import { until } from '../../_until.js';
import { FastClock } from '../_backends.js';
import { RecordingSink } from '../http/_rig.js';
import { testTarget } from '../http/_target.js';
import { type Day, newFile, recorded, replayed } from './_recorded.js';

const WARP3 = { type: 'warp3', firmware: '2.12.1' } as const;

/** A car comes and charges, somebody lowers the current, the charger restarts. */
const aDay: Day = async ({ world, write, told }) => {
  await world('simulator/vehicle', { connected: true, requesting: true });
  const shows = (path: string, pattern: RegExp) =>
    until(() => pattern.test(told.latest.get(path) ?? ''), `${path}: ${pattern}`);
  await shows('evse/state', /"iec61851_state":2/);
  await write('evse/external_current', { current: 8000 });
  await shows('evse/external_current', /8000/);
  await world('simulator/vehicle', { connected: false });
  await shows('evse/state', /"iec61851_state":0/);
};

/** Topics of a simulated charger with something in them that could be private. */
const BLANKED = /^(network|mqtt|users|ntp|wifi|wireguard|remote_access|info\/last_boots|meters\/0\/config)/;

test('what a charger says is recorded as it came, and played so', async (t) => {
  const { file, told, text } = await recorded(t, WARP3, aDay);
  const facts = await checkRecording(file);
  t.like(facts, { firmware: '2.12.1', type: 'warp3' });
  t.is(facts.lines, text.trimEnd().split('\n').length - 1);
  const states: [string, string][] = [];
  for await (const event of eventsOf(file))
    if (event.type === 'state') states.push([event.topic, event.text]);
  t.is(states.length, told.states.length);
  const open = ([path]: readonly [string, string]) => !BLANKED.test(path);
  const differing = states.filter(([path, text], at) => open([path, text]) && text !== told.states[at]?.[1]);
  t.deepEqual(differing, []);

  const sink = new RecordingSink();
  const clock = new FastClock(1_000);
  const log = new FakeLog();
  const stop = new AbortController();
  const running = new ReplayBackend({ events: eventsOf(file), clock, log, speed: 1 }).run(sink, stop.signal);
  await until(() => log.texts('info').length > 0, 'the end');
  stop.abort();
  await running;
  clock.stop();
  t.deepEqual(sink.states, states);
});

test('a recording becomes a charger with byte-equal topics, at any speed', async (t) => {
  const { file, told } = await recorded(t, WARP3, aDay);
  for (const speed of [1, 1000]) {
    const { charger, port } = await replayed(t, file, WARP3, speed);
    const paths = [...told.latest.keys()];
    t.deepEqual(
      [...charger.store.entries()]
        .map(([path]) => path)
        .filter((path) => !isBridgeTopic(path))
        .sort(),
      paths.sort(),
    );
    for (const path of paths) {
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
      const body = await answer.text();
      t.is<string | undefined, string | undefined>(body, charger.store.get(path), path);
      if (!BLANKED.test(path))
        t.is<string | undefined, string | undefined>(body, told.latest.get(path), path);
    }
    t.is((await fetch(`http://127.0.0.1:${port}/evse/gp_output`)).status, 404, 'a WARP3 has none');
  }
});

test('a bridge takes it for a charger, and its writes change nothing', async (t) => {
  const { file, told } = await recorded(t, WARP3, aDay);
  const { port, log } = await replayed(t, file, WARP3, 1000);
  const clock = new FastClock();
  const sink = new RecordingSink();
  const stop = new AbortController();
  const backend = new HttpBackend({
    target: testTarget(`http://127.0.0.1:${port}`, { timeout: 60_000 }),
    transport: 'auto',
    pollInterval: 1_000,
    topics: chargerTopics(),
    clock,
    log: new FakeLog(),
  });
  const running = backend.run(sink, stop.signal);
  await until(() => sink.latest.has('info/display_name'), 'the dump');
  await backend.write('evse/external_current', { current: 6000 });
  await backend.write('info/display_name', { display_name: 'garage' });
  stop.abort();
  await running;
  clock.stop();
  const shown = await (await fetch(`http://127.0.0.1:${port}/evse/external_current`)).text();
  t.is<string | undefined, string | undefined>(shown, told.latest.get('evse/external_current'));
  t.is(log.texts('info').filter((text) => /a recording accepts writes/.test(text)).length, 1);
  for (const path of ['evse/state', 'evse/slots', 'meters/0/value_ids']) {
    t.is(sink.latest.get(path), told.latest.get(path), path);
  }
});

test('requests and frames are there too', async (t) => {
  const { text } = await recorded(t, WARP3, aDay);
  const lines = text.trimEnd().split('\n');
  t.true(lines.some((line) => /"type":"frame","bytes":[1-9]/.test(line)));
  t.true(
    lines.some((line) => /"type":"request","method":"GET","path":"evse\/state","status":200/.test(line)),
  );
  t.true(
    lines.some((line) =>
      line.includes(
        '"method":"PUT","path":"evse/external_current_update","body":{"current":8000},"status":200',
      ),
    ),
  );
  t.true(lines.some((line) => /"type":"online","transport":"websocket"/.test(line)));
  t.regex(lines.at(-1) ?? '', /"type":"end"/);
});

test('a recording that was cut, changed or is none is told, and not played', async (t) => {
  const clock = new FakeClock();
  const whole = await newFile(t);
  const recording = await RecordingFile.create(whole, '1.2.3', clock, new FakeLog());
  recording.add({ at: 5, type: 'online', transport: 'websocket' });
  recording.add({ at: 6, type: 'state', topic: 'evse/state', text: '{"iec61851_state":0}' });
  await recording.close(7);
  await checkRecording(whole);
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(whole, 'utf8');
  const lines = text.trimEnd().split('\n');
  const end = lines.at(-1) ?? '';
  const cases: readonly (readonly [content: string, why: RegExp])[] = [
    ['', /it is empty/],
    ['hello\n', /no recording of this program/],
    [text.replace('"format":1', '"format":2'), /has format 2/],
    [`${lines.slice(0, -1).join('\n')}\n`, /was cut after line 3/],
    [text.slice(0, text.indexOf('iec61851')), /line 3 is damaged/],
    [text.slice(0, -10), /line 4 is damaged/],
    [text.replace('"iec61851_state":0', '"iec61851_state":2'), /digest differs/],
    [`${[lines[0], lines[2], end].join('\n')}\n`, /it has 2 lines, and 3 were written/],
    [`${text}{}\n`, /something after its last line/],
    [text.replace('"type":"state"', '"type":"stat"'), /line 3 is damaged/],
  ];
  for (const [content, why] of cases) {
    const file = await newFile(t);
    await writeFile(file, content);
    const error = await t.throwsAsync(checkRecording(file), { instanceOf: CannotStart });
    t.regex(error.message, why);
    t.true(error.message.includes(file));
  }
  await t.throwsAsync(checkRecording(`${whole}.missing`), {
    instanceOf: CannotStart,
    message: /can't play .*missing/,
  });
});

test('a file that exists is not written over', async (t) => {
  const file = await newFile(t);
  await writeFile(file, 'precious');
  const error = await t.throwsAsync(RecordingFile.create(file, '1.2.3', new FakeClock(), new FakeLog()), {
    instanceOf: CannotStart,
  });
  t.regex(error.message, /it exists/);
});

test('it is played in time, and stops at once', async (t) => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const sink = new RecordingSink();
  async function* events() {
    yield { at: 1_000, type: 'state', topic: 'evse/state', text: '1' } as const;
    yield { at: 3_000, type: 'offline', why: 'away' } as const;
    yield { at: 60_000, type: 'state', topic: 'evse/state', text: '2' } as const;
  }
  const backend = new ReplayBackend({ events: events(), clock, log: new FakeLog(), speed: 2 });
  const running = backend.run(sink, stop.signal);
  await settle();
  await clock.pass(499);
  t.deepEqual(sink.states, []);
  await clock.pass(1);
  t.deepEqual(sink.states, [['evse/state', '1']]);
  await clock.pass(1_000);
  t.is(sink.connection, 'offline away');
  stop.abort();
  await running;
  t.is(sink.states.length, 1);
  t.is(clock.waiting, 0);
});
