import test from 'ava';
import { Refused, Unavailable } from '../../src/base/errors.js';
import type { Json } from '../../src/base/json.js';
import { bytes, fakeCharger, openPolicy, settle } from '../_fakes.js';

type FakeSetup = ReturnType<typeof fakeCharger>;

const call = ({ charger }: FakeSetup, path: string, payload: string | Uint8Array, retained = false) =>
  charger.write({ path, payload: typeof payload === 'string' ? bytes(payload) : payload, retained });

const defaults = { current: 32000, clear_on_disconnect: false };

const good: readonly (readonly [path: string, payload: string, sent: Json])[] = [
  ['evse/external_current', '{"current":16000}', { current: 16000 }],
  ['evse/external_current', '16000', { current: 16000 }],
  ['evse/external_current', ' 16000.0\n', { current: 16000 }],
  ['evse/external_current', '1.6e4', { current: 16000 }],
  ['evse/external_current', '0', { current: 0 }],
  ['evse/external_current', '6000', { current: 6000 }],
  ['evse/external_current', '32000', { current: 32000 }],
  ['evse/boost_mode', 'true', { enabled: true }],
  ['evse/external_defaults', '{"current":6000}', { current: 6000, clear_on_disconnect: false }],
  [
    'evse/external_defaults',
    '{"clear_on_disconnect":true,"current":6000}',
    { current: 6000, clear_on_disconnect: true },
  ],
  ['evse/meter_config', '255', { slot: 255 }],
  ...['null', '""', 'false', '0', '[]', '{}', ''].map(
    (p) => ['evse/start_charging', p, p ? JSON.parse(p) : null] as const,
  ),
];

for (const [path, payload, sent] of good) {
  test(`taken: ${path} ${payload || '(empty)'}`, async (t) => {
    const bench = fakeCharger();
    bench.backend.reports('evse/external_defaults', defaults);
    const receipt = await call(bench, path, payload);
    t.deepEqual(receipt, { topic: path, status: 'ok', value: sent });
    t.deepEqual(bench.backend.writes, [{ path, value: sent }]);
    t.is(JSON.stringify(bench.backend.writes[0]?.value), JSON.stringify(sent), 'in the order of the members');
  });
}

const bad: readonly [path: string, payload: string, error: RegExp][] = [
  ['evse/external_current', '3000', /^current: expected 0 or 6000\.\.32000 mA, got 3000$/],
  ['evse/external_current', '{"current":3000}', /^current: expected 0 or 6000\.\.32000 mA, got 3000$/],
  ['evse/external_current', '32001', /got 32001/],
  ['evse/external_current', '-6000', /got -6000/],
  ['evse/external_current', '16000.5', /got 16000\.5/],
  ['evse/external_current', '"16000"', /got "16000"/],
  ['evse/external_current', 'null', /got null/],
  ['evse/external_current', '{"current":null}', /got null/],
  ['evse/external_current', 'true', /got true/],
  ['evse/external_current', '[]', /got \[\]/],
  ['evse/external_current', '{}', /^current: missing; expected 0 or 6000\.\.32000 mA$/],
  ['evse/external_current', '', /^empty payload; expected e\.g\. \{"current":16000\} or 16000$/],
  ['evse/external_current', '16A', /^not JSON: expected e\.g\. \{"current":16000\} or 16000, got "16A"$/],
  ['evse/external_current', '{"current":16000', /^not JSON/],
  [
    'evse/external_current',
    '{"curent":16000}',
    /current: missing.*curent: unknown member; known are current/,
  ],
  ['evse/external_current', '{"__proto__":1,"current":6000}', /unknown member/],
  ['evse/external_current', '9'.repeat(400), /too large for any charger/],
  [
    'evse/external_defaults',
    '{"current":1,"clear_on_disconnect":1,"x":1}',
    /current: .*; clear_on_disconnect: .*; x: unknown/,
  ],
  ['evse/external_defaults', '6000', /expected an object with current, clear_on_disconnect, got 6000/],
  ['evse/boost_mode', '1', /enabled: expected true or false, got 1/],
  ['evse/boost_mode', 'on', /not JSON: .*true/],
  [
    'evse/indicator_led',
    '{"indication":300,"duration":1,"color_h":360,"color_s":0,"color_v":256}',
    /indication: .*color_h: .*color_v: /,
  ],
  [
    'evse/user_calibration',
    '{"user_calibration_active":true,"voltage_diff":0,"voltage_mul":1,"voltage_div":1,"resistance_2700":0,"resistance_880":[1,2]}',
    /resistance_880: expected an array of 14 times a whole number/,
  ],
  ['evse/meter_config', '256', /slot: expected a whole number 0\.\.255, got 256/],
  ['evse/start_charging', '1', /expected an empty payload/],
  ['evse/start_charging', '{"a":1}', /expected an empty payload/],
  ['evse/start_charging', 'now', /not JSON: expected null or an empty payload, got "now"/],
  ['evse/external_current', '['.repeat(9_000), /nested deeper than 10 levels/],
];

for (const [path, payload, error] of bad) {
  test(`refused as invalid: ${path} ${payload.slice(0, 60)}`, async (t) => {
    const bench = fakeCharger();
    const receipt = await call(bench, path, payload);
    t.is(receipt.status, 'error');
    if (receipt.status === 'error') {
      t.is(receipt.code, 'invalid');
      t.regex(receipt.error, error);
    }
    t.deepEqual(bench.backend.writes, []);
  });
}

test('bytes that are no text, and a payload that is too large', async (t) => {
  const bench = fakeCharger();
  const binary = await call(bench, 'evse/external_current', new Uint8Array([0xff, 0xfe, 0x00]));
  t.like(binary, { status: 'error', code: 'invalid' });
  const large = await call(bench, 'evse/external_current', '['.repeat(1_000_000));
  t.like(large, {
    status: 'error',
    code: 'too_large',
    error: 'payload of 1000000 bytes; at most 10240 are taken',
  });
  t.deepEqual(bench.backend.writes, []);
});

test('retained messages: never an action, a setting only where that is allowed', async (t) => {
  const strict = fakeCharger();
  t.like(await call(strict, 'evse/external_current', '6000', true), { code: 'retained' });
  t.like(await call(strict, 'evse/start_charging', 'null', true), { code: 'retained' });
  const lenient = fakeCharger({ policy: { ...openPolicy, acceptRetained: true } });
  t.like(await call(lenient, 'evse/external_current', '6000', true), { status: 'ok' });
  t.like(await call(lenient, 'evse/start_charging', 'null', true), { code: 'retained' });
  t.is(strict.backend.writes.length + lenient.backend.writes.length, 1);
});

test('read-only, and topics that may not be written', async (t) => {
  const readOnly = fakeCharger({ policy: { ...openPolicy, readOnly: true } });
  t.like(await call(readOnly, 'evse/external_current', '6000'), { code: 'read_only' });
  const some = fakeCharger({ policy: { ...openPolicy, writable: ['external_*', 'start_charging'] } });
  t.like(await call(some, 'evse/global_current', '6000'), {
    code: 'denied',
    error: 'global_current is not among WRITABLE_TOPICS (external_*,start_charging)',
  });
  t.like(await call(some, 'evse/external_current', '6000'), { status: 'ok' });
  t.like(await call(some, 'evse/start_charging', ''), { status: 'ok' });
  t.like(await call(some, 'evse/stop_charging', ''), { code: 'denied' });
});

test('unknown topics and topics that can only be read', async (t) => {
  const bench = fakeCharger();
  t.like(await call(bench, 'evse/nonsense', '1'), {
    code: 'unknown',
    error: 'there is no topic evse/nonsense',
  });
  t.like(await call(bench, 'evse/state', '1'), { code: 'unknown', error: 'evse/state can only be read' });
});

test('a topic without a row is passed on both ways, but never null', async (t) => {
  const bench = fakeCharger();
  bench.backend.reports('evse/brand_new', { mode: 3 });
  t.is(bench.charger.store.get('evse/brand_new'), '{"mode":3}');
  t.like(await call(bench, 'evse/brand_new', '{"mode":1}'), { status: 'ok', value: { mode: 1 } });
  for (const nothing of ['null', '{"mode":null}', '1e999', '{"mode":-1e400}', '[[1e309]]'])
    t.like(await call(bench, 'evse/brand_new', nothing), { code: 'invalid' }, nothing);
  // One secret of several may be kept as it is (charger-wire 1).
  t.like(await call(bench, 'evse/brand_new', '{"mode":2,"secret":null}'), { status: 'ok' });
  const closed = fakeCharger({ passthrough: false });
  closed.backend.reports('evse/brand_new', { mode: 3 });
  t.false(closed.charger.store.has('evse/brand_new'));
  t.like(await call(closed, 'evse/brand_new', '1'), { code: 'unknown' });
});

test('what the charger refuses and when it does not answer is told', async (t) => {
  const bench = fakeCharger();
  bench.backend.answer = () => Promise.reject(new Refused('rejected', '["current"] too large'));
  t.like(await call(bench, 'evse/external_current', '6000'), {
    code: 'rejected',
    error: '["current"] too large',
  });
  bench.backend.answer = () => Promise.reject(new Unavailable('no answer within 5 s'));
  t.like(await call(bench, 'evse/external_current', '6000'), {
    code: 'offline',
    error: 'no answer within 5 s',
  });
});

test('a bug in a backend is not taken for an answer', async (t) => {
  const bench = fakeCharger();
  bench.backend.answer = () => Promise.reject(new TypeError('bug'));
  await t.throwsAsync(call(bench, 'evse/external_current', '6000'), { instanceOf: TypeError });
});

test('offline: writes fail at once, those that wait too, and nothing is sent later', async (t) => {
  const bench = fakeCharger();
  let release = () => {};
  bench.backend.answer = () => new Promise((done) => (release = done));
  const first = call(bench, 'evse/external_current', '6000');
  const second = call(bench, 'evse/global_current', '7000');
  await settle();
  bench.backend.sink?.offline('it does not answer');
  t.like(await second, { code: 'offline', error: 'the charger is offline: it does not answer' });
  t.like(await call(bench, 'evse/external_current', '8000'), { code: 'offline' });
  release();
  t.like(await first, { status: 'ok' });
  bench.backend.sink?.online('polling');
  await settle();
  t.is(bench.backend.writes.length, 1);
});

test('a write that the charger takes and ignores is told, with what is known about it', async (t) => {
  const bench = fakeCharger();
  const slot = { max_current: 0, active: true, clear_on_disconnect: false };
  bench.backend.reports('evse/slots', [slot, slot, slot, slot, slot]);
  bench.backend.reports('evse/external_current', { current: 32000 });
  bench.backend.answer = async () => {};
  const start = call(bench, 'evse/start_charging', '');
  const current = call(bench, 'evse/external_current', '6000');
  await bench.clock.pass(2_000);
  t.like(await start, { status: 'ok', applied: false });
  t.regex(JSON.stringify(await start), /no vehicle is connected/);
  t.like(await current, { status: 'ok', applied: false });
  t.is(bench.clock.waiting, 0);
});

test('the answer comes as soon as the charger shows the value, however it gets there', async (t) => {
  const bench = fakeCharger();
  bench.backend.reports('evse/external_current', { current: 32000 });
  bench.backend.answer = async () => {};
  const receipt = call(bench, 'evse/external_current', '6000');
  await bench.clock.pass(1_500);
  bench.backend.reports('evse/external_current', { current: 6000 });
  t.deepEqual(await receipt, { topic: 'evse/external_current', status: 'ok', value: { current: 6000 } });
});

test('a newer write answers for an older one whose effect was not seen yet', async (t) => {
  const bench = fakeCharger();
  const slot = (max_current: number) => ({ max_current, active: true, clear_on_disconnect: false });
  bench.backend.reports('evse/slots', [0, 0, 0, 0, 32000].map(slot));
  bench.backend.reports('evse/external_current', { current: 32000 });
  bench.backend.answer = async () => {};
  const older = [call(bench, 'evse/external_current', '6000'), call(bench, 'evse/stop_charging', '')];
  await settle();
  const newer = [call(bench, 'evse/external_current', '7000'), call(bench, 'evse/start_charging', '')];
  for (const receipt of await Promise.all(older)) t.false('applied' in receipt);
  bench.backend.reports('evse/external_current', { current: 7000 });
  for (const receipt of await Promise.all(newer)) t.false('applied' in receipt);
});

test('the newest value wins while one is in flight', async (t) => {
  const bench = fakeCharger();
  const open: (() => void)[] = [];
  bench.backend.answer = () => new Promise((done) => open.push(done));
  const outcomes = ['6000', '7000', '8000'].map((payload) => call(bench, 'evse/external_current', payload));
  open.shift()?.();
  await settle();
  open.shift()?.();
  const codes = (await Promise.all(outcomes)).map((r) => (r.status === 'ok' ? 'ok' : r.code));
  t.deepEqual(codes, ['ok', 'superseded', 'ok']);
  t.deepEqual(
    bench.backend.writes.map(({ value }) => value),
    [{ current: 6000 }, { current: 8000 }],
  );
});

test('flash topics: an equal value is not sent, auto_start_charging is', async (t) => {
  const bench = fakeCharger();
  bench.backend.reports('evse/global_current', { current: 16000 });
  bench.backend.reports('evse/auto_start_charging', { auto_start_charging: true });
  bench.backend.reports('evse/external_current', { current: 16000 });
  t.like(await call(bench, 'evse/global_current', '16000'), { status: 'ok', unchanged: true });
  t.deepEqual(bench.backend.writes, []);
  await call(bench, 'evse/auto_start_charging', 'true');
  await call(bench, 'evse/external_current', '16000');
  t.deepEqual(
    bench.backend.writes.map(({ path }) => path),
    ['evse/auto_start_charging', 'evse/external_current'],
  );
});

test('flash topics: back to the old value while the new one is on its way is no "unchanged"', async (t) => {
  const bench = fakeCharger();
  bench.backend.reports('evse/global_current', { current: 16000 });
  const first = call(bench, 'evse/global_current', '10000');
  const back = call(bench, 'evse/global_current', '16000');
  t.like(await first, { status: 'ok' });
  t.false('unchanged' in (await back));
  const again = await call(bench, 'evse/global_current', '10000');
  t.false('unchanged' in again, 'not reported yet, but sent');
  t.deepEqual(
    bench.backend.writes.map(({ value }) => value),
    [{ current: 10000 }, { current: 16000 }, { current: 10000 }],
  );
});

test('members left out keep the value that is on its way', async (t) => {
  const bench = fakeCharger();
  bench.backend.reports('evse/external_defaults', defaults);
  await call(bench, 'evse/external_defaults', '{"current":10000}');
  await call(bench, 'evse/external_defaults', '{"clear_on_disconnect":true}');
  t.deepEqual(bench.backend.writes.at(-1)?.value, { current: 10000, clear_on_disconnect: true });
});

test('members left out of a topic that has not been seen yet are missing', async (t) => {
  const bench = fakeCharger();
  t.like(await call(bench, 'evse/external_defaults', '{"current":10000}'), {
    code: 'invalid',
    error: 'clear_on_disconnect: missing; expected true or false',
  });
});

const states: readonly [name: string, path: string, text: string][] = [
  ['broken JSON', 'evse/external_current', '{"current":'],
  ['a wrong type', 'evse/external_current', '{"current":"16000"}'],
  ['a missing member', 'evse/external_current', '{}'],
  ['an array for an object', 'evse/state', '[]'],
  ['an object for an array', 'evse/slots', '{}'],
  ['null', 'evse/state', 'null'],
  ['a page of HTML', 'evse/state', '<html></html>'],
  ['1 MB', 'evse/external_current', `{"current":16000,"x":"${'x'.repeat(1_000_000)}"}`],
  ['50 000 brackets', 'evse/new_topic', '['.repeat(50_000) + ']'.repeat(50_000)],
];

for (const [name, path, text] of states) {
  test(`a charger that reports ${name} changes no state and is told about once`, (t) => {
    const { charger, backend, log } = fakeCharger();
    backend.reports('evse/external_current', { current: 10000 });
    const before = new Map(charger.store.entries());
    backend.reports(path, text);
    backend.reports(path, text);
    t.deepEqual(new Map(charger.store.entries()), before);
    t.is(log.texts('warn').length, 1);
    t.true((log.texts('warn')[0]?.length ?? 0) < 400);
  });
}

test('states go out as the charger wrote them: key order, number format, further members, any array length', (t) => {
  const { charger, backend } = fakeCharger();
  const texts = {
    'evse/external_current': '{"new":1.50,"current":16000}',
    'evse/slots': '[{"max_current":64000,"active":true,"clear_on_disconnect":false}]',
    'meter/all_values': '[230.1000061,null,1e7]',
  };
  for (const [path, text] of Object.entries(texts)) {
    backend.reports(path, text);
    t.is(charger.store.get(path), text);
  }
  backend.reports('evse/boost_mode', '{ "enabled" : true }\n');
  t.is(charger.store.get('evse/boost_mode'), '{"enabled":true}');
});

test('topics outside evse and info only when they are mirrored; none that would collide with ours', (t) => {
  const { charger, backend } = fakeCharger();
  for (const path of [
    'wifi/config',
    'bridge/state',
    'evse/x_update',
    'evse/#',
    'evse/+/a',
    '../etc',
    'evse/a b',
    'evse',
  ]) {
    backend.reports(path, '{"a":1}');
    t.false(charger.store.has(path), path);
  }
  backend.reports('meter/values', { power: 1, energy_rel: null, energy_abs: 2 });
  backend.reports('info/name', { name: 'warp-a', type: 'warp', display_type: 'W', uid: 'a' });
  t.is(charger.store.size, 2);
});

test('a charger that invents topics without end costs a bounded amount', (t) => {
  const { charger, backend } = fakeCharger();
  for (let i = 0; i < 5_000; i++) backend.reports(`evse/invented_${i}`, '{}');
  t.true(charger.store.size <= 1_000);
});

test('bridge/current_limit names every slot that shares the minimum', (t) => {
  const { charger, backend } = fakeCharger();
  const slot = (max_current: number, active = true) => ({ max_current, active, clear_on_disconnect: false });
  backend.reports('evse/slots', [slot(32000), slot(16000), slot(6000, false), slot(16000)]);
  t.deepEqual(JSON.parse(charger.store.get('bridge/current_limit') ?? ''), {
    current: 16000,
    slots: [
      { index: 1, name: 'outgoing_cable' },
      { index: 3, name: 'gp_input' },
    ],
  });
});

test('online and offline are told once each', (t) => {
  const { charger, backend, log } = fakeCharger();
  let changes = 0;
  charger.watch({ state() {}, connection: () => changes++ });
  backend.sink?.online('polling');
  backend.sink?.online('websocket');
  backend.sink?.offline('away');
  backend.sink?.offline('away');
  backend.sink?.online('websocket');
  t.is(changes, 3);
  t.deepEqual(log.texts('warn'), ['charger offline: away']);
});

test('who writes a part of a topic and is refused sees what is so, as after a write to the whole', async (t) => {
  const bench = fakeCharger();
  bench.backend.reports('evse/external_defaults', { current: 6000, clear_on_disconnect: false });
  const shown: string[] = [];
  bench.charger.watch({ state: (path) => shown.push(path), connection() {} });
  bench.backend.answer = () => Promise.reject(new Refused('rejected', 'no'));
  t.like(await call(bench, 'evse/external_defaults/current', '7000'), { code: 'rejected' });
  t.deepEqual(shown, ['evse/external_defaults']);
});
