import test from 'ava';
import { WebSocket } from 'ws';
import type { Firmware } from '../../src/simulator/profile.js';
import { frames } from '../../src/simulator/push-dump.js';
import { ask, Line, Listener, until, world } from './_simulator.js';

/** Waits for the end of the dump, and forgets it. */
async function dumped(listener: Listener): Promise<string[]> {
  await until(() => listener.frames.at(-1)?.endsWith('\n\n') ?? false);
  return listener.frames.splice(0);
}

const sizes: readonly (readonly [Firmware, number])[] = [
  ['2.6.1', 4224],
  ['2.8.9', 4224],
  ['2.12.1', 4480],
];

for (const [firmware, limit] of sizes) {
  test(`${firmware} sends the dump in frames of whole lines of at most ${limit} bytes`, async (t) => {
    const { port } = await world(t, { firmware });
    const parts = await dumped(await Listener.open(t, port));
    t.true(parts.length > 1);
    for (const part of parts) {
      t.true(Buffer.byteLength(part) <= limit);
      t.true(part.endsWith('\n'));
      for (const line of part.trimEnd().split('\n'))
        t.deepEqual(Object.keys(JSON.parse(line)), ['topic', 'payload']);
    }
    t.is(parts.filter((part) => part.endsWith('\n\n')).length, 1);
  });
}

test('2.0.9 sends the dump in one frame without an end', async (t) => {
  const { port } = await world(t, { firmware: '2.0.9' });
  const listener = await Listener.open(t, port);
  await until(() => listener.frames.length > 0);
  const [dump = ''] = listener.frames;
  t.true(dump.endsWith('}\n') && !dump.endsWith('\n\n'));
  t.true(dump.split('\n').length > 30);
});

test('the dump holds every state once, in the charger’s order', async (t) => {
  const { port } = await world(t);
  const listener = await Listener.open(t, port);
  await until(() => listener.frames.at(-1)?.endsWith('\n\n') ?? false);
  const topics = listener.lines().map(({ topic }) => topic);
  t.deepEqual(topics.slice(0, 9), [
    'info/keep_alive',
    'info/modules',
    'event_log/boot_id',
    'info/features',
    'info/version',
    'info/last_boots',
    'evse/identity',
    'evse/state',
    'evse/hardware_configuration',
  ]);
  t.is(new Set(topics).size, topics.length);
  t.true(topics.indexOf('meter/values') > 0 && topics.indexOf('users/config') > 0);
  t.deepEqual(topics.slice(-2), ['info/name', 'info/display_name']);
  t.false(topics.some((topic) => /^(simulator|bridge)\//.test(topic)));
  for (const { topic, payload } of listener.lines().slice(1)) {
    t.deepEqual(JSON.parse((await ask(port, 'GET', `/${topic}`)).body), payload, topic);
  }
});

test('a line that is longer than a frame is a frame of its own', (t) => {
  const lines = ['aaaa\n', `${'b'.repeat(20)}\n`, 'cc\n', 'dd\n'];
  t.deepEqual(frames(lines, 10), ['aaaa\n', `${'b'.repeat(20)}\n`, 'cc\ndd\n\n']);
  t.deepEqual(frames(['12345\n', '123\n'], 10), ['12345\n', '123\n\n'], 'room for the end');
  t.deepEqual(frames(['é\n', 'é\n', 'é\n'], 8), ['é\né\n', 'é\n\n'], 'bytes count, not characters');
});

const signs: readonly (readonly [Firmware, RegExp])[] = [
  ['2.0.9', /^\{"topic":"keep-alive","payload":"null"\}\n$/],
  ['2.6.1', /^\{"topic": "info\/keep_alive", "payload": \{"uptime": 2000\}\}\n$/],
  ['2.8.9', /^\{"topic":"info\/keep_alive","payload":\{"uptime":2000\}\}\n$/],
];

for (const [firmware, expected] of signs) {
  test(`${firmware} says every second that it lives, and pings`, async (t) => {
    const { port, clock } = await world(t, { firmware });
    const listener = await Listener.open(t, port);
    await clock.pass(1_000);
    await until(() => listener.pings === 1);
    await clock.pass(1_000);
    await until(() => listener.pings === 2);
    const signs = listener.frames.filter((frame) => /^.{0,40}keep.alive.{0,40}\n$/.test(frame));
    t.is(signs.length, 2);
    t.regex(signs[1] ?? '', expected);
  });
}

test('changes come once a second, one line each, the button at once', async (t) => {
  const { port, clock, controller } = await world(t);
  await clock.pass(1_000);
  const listener = await Listener.open(t, port);
  await dumped(listener);
  controller.world.setButton({ pressed: true });
  await ask(port, 'PUT', '/evse/external_current', '10000');
  await clock.pass(750);
  const early = listener.lines().map(({ topic }) => topic);
  await clock.pass(250);
  await until(() => listener.pings === 1);
  const late = listener.lines().slice(early.length);
  const topics = late.map(({ topic }) => topic);
  t.deepEqual(early, ['evse/button_state']);
  for (const topic of [
    'evse/state',
    'evse/slots',
    'evse/external_current',
    'evse/low_level_state',
    'info/keep_alive',
  ]) {
    t.is(topics.filter((other) => other === topic).length, 1, topic);
  }
  t.deepEqual(late.find(({ topic }) => topic === 'evse/external_current')?.payload, { current: 10000 });
  for (const unchanged of ['evse/global_current', 'info/name', 'users/config'])
    t.false(topics.includes(unchanged));
  for (const frame of listener.frames) t.regex(frame, /^[^\n]+\n$/);
});

test('a change there and back within a second is sent as the last value', async (t) => {
  const { port, clock, controller } = await world(t);
  await clock.pass(1_000);
  const listener = await Listener.open(t, port);
  await dumped(listener);
  controller.limits.setExternalCurrent(10_000);
  await clock.pass(300);
  controller.limits.setExternalCurrent(32_000);
  await clock.pass(2_000);
  await until(() => listener.pings === 2);
  const payloads = listener
    .lines()
    .filter(({ topic }) => topic === 'evse/external_current')
    .map(({ payload }) => payload);
  t.deepEqual(payloads, [{ current: 32000 }]);
});

test('a client that does not answer pings is dropped after ten seconds, without a close frame', async (t) => {
  const { port, clock } = await world(t);
  const [silent, alive] = [await Listener.open(t, port, false), await Listener.open(t, port)];
  for (let second = 1; second <= 9; second++) {
    await clock.pass(1_000);
    await until(() => alive.pings === second);
    await pongsHave(port, (pongs) => pongs[1] === second * 1_000);
  }
  t.is(silent.code, undefined);
  await clock.pass(2_000);
  await until(() => silent.code !== undefined);
  t.is(silent.code, 1006);
  t.is(alive.ws.readyState, WebSocket.OPEN);
});

/** Waits until the uptimes at which clients last answered are as a test wants them. */
async function pongsHave(port: number, holds: (pongs: readonly number[]) => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    const { body } = await ask(port, 'GET', '/info/ws');
    if (holds((JSON.parse(body) as { keep_alive_pongs: number[] }).keep_alive_pongs)) return;
  }
  throw new Error('waited in vain');
}

test('the sixth client throws out the one with the oldest pong', async (t) => {
  const { port, clock } = await world(t);
  const first = await Listener.open(t, port);
  const second = await Listener.open(t, port, false);
  await clock.pass(1_000);
  await pongsHave(port, ([pong]) => pong === 1_000);
  const others = [await Listener.open(t, port), await Listener.open(t, port), await Listener.open(t, port)];
  t.is(second.code, undefined);
  const sixth = await Listener.open(t, port);
  await until(() => second.code !== undefined);
  t.is(second.code, 1006);
  for (const { ws } of [first, ...others, sixth]) t.is(ws.readyState, WebSocket.OPEN);
});

test('up to 2.7.1 the sixth client is refused', async (t) => {
  const { port } = await world(t, { firmware: '2.6.1' });
  const clients = [];
  for (let at = 0; at < 5; at++) clients.push(await Listener.open(t, port));
  const sixth = await upgrade(port);
  t.is(sixth.status, 503);
  for (const { ws } of clients) t.is(ws.readyState, WebSocket.OPEN);
});

test('what a client says is ignored, its pings are answered', async (t) => {
  const { port, clock } = await world(t);
  const listener = await Listener.open(t, port);
  const pong = new Promise((resolve) => listener.ws.on('pong', (data) => resolve(String(data))));
  listener.ws.send('{"topic":"evse/external_current_update","payload":6000}');
  listener.ws.send(Buffer.from([1, 2, 3]));
  listener.ws.ping('hello');
  t.is(await pong, 'hello');
  await clock.pass(1_000);
  await until(() => listener.pings === 1);
  t.is(listener.ws.readyState, WebSocket.OPEN);
});

const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade'];

async function upgrade(
  port: number,
  path = '/ws',
  headers = [...UPGRADE, 'Sec-WebSocket-Version: 13', KEY],
  method = 'GET',
) {
  const line = await Line.open(port);
  line.request(method, path, undefined, headers);
  const reply = await line.reply();
  line.end();
  return reply;
}

test('handshakes', async (t) => {
  const { port } = await world(t);
  const plain = await upgrade(port);
  t.is(plain.status, 101);
  t.deepEqual(
    plain.headers.map((header) => header.split(':')[0]),
    ['Upgrade', 'Connection', 'Sec-WebSocket-Accept'],
  );
  t.is((await upgrade(port, '/ws', [...UPGRADE, 'Sec-WebSocket-Version: 8', KEY])).status, 400);
  t.is((await upgrade(port, '/ws', [...UPGRADE, 'Sec-WebSocket-Version: 13'])).status, 400);
  t.is(
    (await upgrade(port, '/ws', [...UPGRADE, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x'])).status,
    400,
  );
  t.is((await upgrade(port, '/nothing')).status, 400);
  t.is((await upgrade(port, '/ws', undefined, 'PUT')).status, 400);
  t.is((await upgrade(port, '/ws', ['Upgrade: h2c', 'Connection: Upgrade'])).status, 400);
  t.is((await ask(port, 'GET', '/ws')).status, 400);
  t.is((await ask((await world(t, { firmware: '2.12.1' })).port, 'GET', '/ws')).status, 426);
  const extension = 'Sec-WebSocket-Extensions: permessage-deflate';
  const offered = await upgrade(port, '/ws', [...UPGRADE, 'Sec-WebSocket-Version: 13', KEY, extension]);
  t.is(offered.status, 101);
  t.false(offered.headers.some((header) => header.startsWith('Sec-WebSocket-Extensions')));
});
