import test from 'ava';
import type { Firmware } from '../../src/simulator/profile.js';
import { ask, Line, shown, world } from './_simulator.js';

interface Case {
  readonly request: readonly [method: string, path: string, body?: string];
  /** Status with 2.0.9 and 2.6.1, then with 2.8.9 and 2.12.1. */
  readonly old: number;
  /** From 2.8.13 on, where that is again different. */
  readonly newest?: number;
  readonly now: number;
}

/** Wire document 4.1 and 4.2. */
const cases: readonly Case[] = [
  { request: ['GET', '/evse/state'], old: 200, now: 200 },
  { request: ['PUT', '/evse/external_current_update', '16000'], old: 200, now: 200 },
  { request: ['POST', '/evse/external_current_update', '16000'], old: 200, now: 200 },
  { request: ['PUT', '/evse/external_current', '16000'], old: 200, now: 200 },
  { request: ['POST', '/evse/external_current', '16000'], old: 200, now: 200 },
  { request: ['PUT', '/evse/stop_charging', 'null'], old: 200, now: 200 },
  { request: ['POST', '/evse/start_charging'], old: 200, now: 200 },
  { request: ['GET', '/evse/stop_charging'], old: 200, now: 200 },
  { request: ['PUT', '/evse/state', 'null'], old: 405, now: 405 },
  { request: ['POST', '/info/name', 'null'], old: 405, now: 405 },
  { request: ['GET', '/evse/external_current_update'], old: 405, now: 400 },
  { request: ['PUT', '/evse/stop_charging_update', 'null'], old: 404, now: 404 },
  { request: ['PUT', '/evse/state_update', 'null'], old: 404, now: 404 },
  { request: ['DELETE', '/evse/state'], old: 405, now: 405 },
  { request: ['PATCH', '/evse/external_current', '16000'], old: 405, now: 405 },
  { request: ['OPTIONS', '/evse/external_current_update'], old: 405, now: 405 },
  { request: ['HEAD', '/evse/state'], old: 405, now: 405 },
  { request: ['HEAD', '/evse/nothing'], old: 404, now: 404 },
  { request: ['GET', '/evse/nothing'], old: 404, now: 404 },
  { request: ['PUT', '/evse/nothing', '1'], old: 404, now: 404 },
  { request: ['GET', '/evse/state?x=1'], old: 405, now: 200, newest: 404 },
  { request: ['PUT', '/evse/external_current?x', '16000'], old: 405, now: 200, newest: 404 },
  { request: ['GET', '/evse/nothing?x'], old: 404, now: 404 },
  { request: ['GET', '/EVSE/state'], old: 404, now: 404 },
  { request: ['GET', '/evse%2Fstate'], old: 404, now: 404 },
  { request: ['GET', '/evse'], old: 404, now: 404 },
  { request: ['GET', '//'], old: 404, now: 404 },
  { request: ['GET', '/'], old: 200, now: 200 },
  { request: ['PUT', '/', 'x'], old: 405, now: 405 },
  { request: ['GET', '/info/ws'], old: 200, now: 200 },
  { request: ['GET', '/event_log'], old: 200, now: 200 },
  { request: ['GET', '/login_state'], old: 200, now: 200 },
  { request: ['GET', '/evse/state/charger_state'], old: 404, now: 200 },
  { request: ['PUT', '/evse/external_current/current', '16000'], old: 404, now: 200 },
];

for (const firmware of ['2.0.9', '2.6.1', '2.8.9', '2.12.1'] satisfies Firmware[]) {
  test(`methods and status codes of ${firmware}`, async (t) => {
    const { port } = await world(t, { firmware });
    const isOld = firmware === '2.0.9' || firmware === '2.6.1';
    for (const { request, old, now, newest = now } of cases) {
      const reply = await ask(port, ...request);
      t.is(reply.status, isOld ? old : firmware === '2.12.1' ? newest : now, request.join(' '));
    }
  });
}

test('reads are compact JSON in the charger’s order, writes are answered empty', async (t) => {
  const { port } = await world(t);
  const read = await ask(port, 'GET', '/evse/hardware_configuration');
  t.is(read.body, '{"jumper_configuration":6,"has_lock_switch":false,"evse_version":15}');
  t.deepEqual(read.headers, [
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${read.body.length}`,
  ]);
  const written = await ask(port, 'PUT', '/evse/external_current', '16000');
  t.deepEqual(written.headers, ['Content-Type: text/plain; charset=utf-8', 'Content-Length: 0']);
});

test('up to 2.1.4 a write is answered as text/html', async (t) => {
  const { port } = await world(t, { firmware: '2.0.9' });
  const written = await ask(port, 'PUT', '/evse/external_current', '16000');
  t.deepEqual(written.headers, ['Content-Type: text/html', 'Content-Length: 0']);
});

test('a connection stays open, also for a client that says it will close it', async (t) => {
  const { port, clock } = await world(t);
  const line = await Line.open(port);
  for (const path of ['/evse/nothing', '/evse/state']) {
    line.request('GET', path);
    await line.reply();
  }
  line.request('GET', '/evse/state', undefined, ['Connection: close']);
  t.is((await line.reply()).status, 200);
  await clock.pass(1_000);
  t.false(line.closed);
  line.end();
});

test('up to 2.8.8 a connection ends after 404', async (t) => {
  const { port } = await world(t, { firmware: '2.6.1' });
  const line = await Line.open(port);
  line.request('GET', '/evse/nothing');
  t.is((await line.reply()).status, 404);
  await line.untilClosed();
  t.true(line.closed);
});

test('GET runs an action', async (t) => {
  const { port, writes } = await world(t);
  await ask(port, 'GET', '/evse/stop_charging');
  t.deepEqual(writes, [{ path: 'evse/stop_charging', value: null }]);
});

/** Wire document 3.5. */
const reads: readonly (readonly [path: string, expected: unknown])[] = [
  ['/evse/state/charger_state', 0],
  ['/evse/slots/8/max_current', 32000],
  ['/evse/slots/8', { max_current: 32000, active: true, clear_on_disconnect: false }],
  ['/evse/low_level_state/resistances/0', 65535],
  ['/evse/external_current/', { current: 32000 }],
  ['/info/features/0', 'evse'],
  ['/evse/external_current//', 404],
  ['/evse/external_current/current/', 404],
  ['/evse/slots//8', 404],
  ['/evse/slots/15', 404],
  ['/evse/slots/-1', 404],
  ['/evse/slots/length', 404],
  ['/evse/state/0', 404],
  ['/evse/state/toString', 404],
  ['/evse/state/charger_state/x', 404],
  ['/evse/state/1/2/3/4/5/6/7/8/9', 404],
];

test('members are read by path', async (t) => {
  const { port } = await world(t);
  for (const [path, expected] of reads) t.deepEqual(await shown(port, path), expected, path);
});

test('a member is written by path, the others come from the last write', async (t) => {
  const { port, writes } = await world(t);
  t.is((await ask(port, 'PUT', '/evse/external_defaults/clear_on_disconnect', 'true')).status, 200);
  t.deepEqual(writes.at(-1)?.value, { current: 0, clear_on_disconnect: true }, 'not what the charger shows');
  t.is((await ask(port, 'PUT', '/evse/external_defaults_update/current', '16000')).status, 200);
  t.deepEqual(writes.at(-1)?.value, { current: 16000, clear_on_disconnect: true });
  t.is((await ask(port, 'PUT', '/evse/user_calibration/resistance_880/13', '5')).status, 200);
  const { resistance_880: resistances } = (writes.at(-1)?.value ?? {}) as {
    readonly resistance_880: number[];
  };
  t.deepEqual([resistances.length, resistances[13]], [14, 5]);
  t.is((await ask(port, 'PUT', '/evse/external_current_update/', '8000')).status, 200);
  t.deepEqual(writes.at(-1)?.value, { current: 8000 });
});

/** Writes to parts of documents that are refused. */
const refused: readonly (readonly [path: string, body: string, status: number, says: RegExp])[] = [
  ['/evse/external_defaults/currant', '1', 400, /^\["currant"\] there is no such/],
  ['/evse/external_defaults/current', '"x"', 400, /^\["current"\] /],
  ['/evse/external_defaults/0', '1', 400, /^\[0\] /],
  ['/evse/external_defaults/current/x', '1', 400, /no such/],
  ['/evse/user_calibration/resistance_880/14', '5', 400, /^\["resistance_880"\] \[14\] /],
  ['/evse/user_calibration/resistance_880/13', '40000', 400, /^\["resistance_880"\] \[13\] /],
  ['/evse/external_defaults/toString', '1', 400, /no such/],
  ['/evse/external_defaults//current', '1', 404, /nothing/],
  ['/evse/external_defaults/current/', '1', 404, /nothing/],
  ['/evse/external_current/current', '', 400, /empty/],
];

test('a member that is not there, or not so, is refused', async (t) => {
  const { port, writes } = await world(t);
  for (const [path, body, status, says] of refused) {
    const reply = await ask(port, 'PUT', path, body);
    t.is(reply.status, status, path);
    t.regex(reply.body, says, path);
  }
  t.deepEqual(writes, []);
});

test('an action with a suffix and no body is refused, but has run', async (t) => {
  const { port, writes } = await world(t);
  for (const method of ['GET', 'PUT']) {
    t.is((await ask(port, method, '/evse/stop_charging/x')).status, 400);
    t.deepEqual(writes.splice(0), [{ path: 'evse/stop_charging', value: null }]);
  }
  t.is((await ask(port, 'PUT', '/evse/stop_charging/x', 'null')).status, 400);
  t.deepEqual(writes, []);
});

test('bodies are limited to what a WARP1 takes', async (t) => {
  const sizes: readonly (readonly [Firmware, number])[] = [
    ['2.0.9', 2048],
    ['2.6.1', 4096],
    ['2.8.9', 4096],
    ['2.12.1', 4352],
  ];
  for (const [firmware, limit] of sizes) {
    const { port } = await world(t, { firmware });
    const fits = await ask(port, 'PUT', '/evse/external_current', `${' '.repeat(limit - 5)}16000`);
    t.is(fits.status, 200, firmware);
    const reply = await ask(port, 'PUT', '/evse/external_current', `${' '.repeat(limit - 4)}16000`);
    t.deepEqual([reply.status, reply.body], [413, ''], firmware);
  }
});

test('the start page answers 304 to its own tag', async (t) => {
  const { port } = await world(t);
  const page = await ask(port, 'GET', '/');
  t.regex(page.body, /simulated/);
  const tag = page.headers.find((header) => header.startsWith('ETag: '))?.slice('ETag: '.length);
  t.is((await ask(port, 'GET', '/', undefined, [`If-None-Match: ${tag}`])).status, 304);
});
