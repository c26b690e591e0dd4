import test from 'ava';
import type { Json } from '../../src/base/json.js';
import { ask, shown, type World, world } from './_simulator.js';

interface Case {
  readonly body: string;
  readonly status: number;
  /** What slot 8 allows afterwards, mA. */
  readonly current: number;
  readonly says?: RegExp;
}

/** Wire document 3.3, the consequences worked out for external_current; every case starts at 10 A. */
const cases: readonly Case[] = [
  { body: '{"current":16000}', status: 200, current: 16000 },
  { body: '16000', status: 200, current: 16000 },
  { body: '0', status: 200, current: 0 },
  { body: '{"current":0}', status: 200, current: 0 },
  { body: '5999', status: 200, current: 10000 },
  { body: '32001', status: 200, current: 10000 },
  { body: '65535', status: 200, current: 10000 },
  {
    body: '65536',
    status: 400,
    current: 10000,
    says: /^\(inferred\) \["current"\] .*0\.\.65535, got 65536$/,
  },
  { body: '-1', status: 400, current: 10000, says: /^\(inferred\) \["current"\] .*got -1$/ },
  { body: '16000.0', status: 400, current: 10000, says: /^\(inferred\) \["current"\]/ },
  { body: '1.6e4', status: 400, current: 10000, says: /^\(inferred\) \["current"\]/ },
  { body: '"16000"', status: 400, current: 10000, says: /^\(inferred\) \["current"\] .*a string$/ },
  { body: 'true', status: 400, current: 10000, says: /^\(inferred\) \["current"\] .*a boolean$/ },
  { body: '[]', status: 400, current: 10000, says: /^\(inferred\) \["current"\] .*an array$/ },
  { body: '""', status: 400, current: 10000, says: /^\(inferred\) \["current"\] .*a string$/ },
  { body: '{"current":16000.0}', status: 400, current: 10000, says: /^\["current"\]/ },
  { body: '{}', status: 400, current: 10000, says: /^missing key 'current'$/ },
  {
    body: '{"current":16000,"x":1}',
    status: 400,
    current: 10000,
    says: /^payload can't be read: .*memory.*\(23 bytes\)$/,
  },
  { body: '{"x":1}', status: 400, current: 10000, says: /^missing key 'current'\nunknown key 'x'$/ },
  { body: 'null', status: 200, current: 10000 },
  { body: '{"current":null}', status: 200, current: 10000 },
  { body: '', status: 400, current: 10000, says: /^payload can't be read: it is empty \(0 bytes\)$/ },
  { body: '16000\n', status: 400, current: 10000, says: /^payload can't be read: .*\(6 bytes\)$/ },
];

test('external_current takes, ignores and refuses what the charger does', async (t) => {
  const { port, clock } = await world(t);
  for (const { body, status, current, says } of cases) {
    await ask(port, 'PUT', '/evse/external_current', '10000');
    const reply = await ask(port, 'PUT', '/evse/external_current', body);
    t.is(reply.status, status, body);
    t.regex(reply.body, says ?? /^$/, body);
    t.true(reply.headers.includes('Content-Type: text/plain; charset=utf-8'), body);
    await clock.pass(400);
    t.deepEqual(await shown(port, '/evse/external_current'), { current }, body);
  }
});

test('null repeats the last value written through the API, or the first one after boot', async (t) => {
  const { port, clock, controller, writes } = await world(t);
  controller.limits.setExternalCurrent(8000);
  await ask(port, 'PUT', '/evse/external_current', 'null');
  t.deepEqual(writes.at(-1), { path: 'evse/external_current', value: { current: 32000 } });
  await ask(port, 'PUT', '/evse/external_current', '5999');
  await ask(port, 'PUT', '/evse/external_current', '{"current":null}');
  t.deepEqual(writes.at(-1), { path: 'evse/external_current', value: { current: 5999 } });
  await ask(port, 'PUT', '/evse/external_current', '{"current":"x"}');
  await ask(port, 'PUT', '/evse/external_current', 'null');
  t.deepEqual(writes.at(-1)?.value, { current: 5999 }, 'a refused value is not kept');
  await ask(port, 'PUT', '/evse/global_current', '7000');
  await ask(port, 'PUT', '/evse/external_current', 'null');
  t.deepEqual(writes.at(-1)?.value, { current: 5999 }, 'every command has its own');
  await clock.pass(400);
  t.deepEqual(await shown(port, '/evse/external_current'), { current: 32000 });
});

test('settings in the network processor keep what they show', async (t) => {
  const { port, clock, writes } = await world(t);
  await ask(port, 'PUT', '/evse/led_configuration', 'true');
  await clock.pass(400);
  await ask(port, 'PUT', '/evse/led_configuration', 'null');
  t.deepEqual(writes.at(-1)?.value, { enable_api: true });
});

interface Refusal {
  readonly path: string;
  readonly body: string;
  readonly lines: readonly RegExp[];
}

const LED = '{"indication":%,"duration":0,"color_h":0,"color_s":0,"color_v":0}';
const calibration = (resistances: Json, more = '') =>
  `{"user_calibration_active":true,"voltage_diff":-95,"voltage_mul":1,"voltage_div":1,"resistance_2700":312,"resistance_880":${JSON.stringify(resistances)}${more}}`;
const fourteen = [1517, 984, 870, 795, 803, 769, 671, 748, 691, 588, 598, 549, 537, 606];

/** Wire document 3.3 and 3.6: one line for every problem, in the order of the schema, unknown keys last. */
const refusals: readonly Refusal[] = [
  {
    path: 'evse/external_enabled',
    body: '1',
    lines: [/^\(inferred\) \["enabled"\] wrong JSON type: .*boolean/],
  },
  { path: 'evse/external_enabled', body: '"true"', lines: [/^\(inferred\) \["enabled"\] wrong JSON type/] },
  { path: 'evse/external_defaults', body: '16000', lines: [/^wrong JSON type: expected an object/] },
  {
    path: 'evse/external_defaults',
    body: '{"current":16000}',
    lines: [/^missing key 'clear_on_disconnect'$/],
  },
  {
    path: 'evse/external_defaults',
    body: '{"current":"x","clear_on_disconnect":0}',
    lines: [/^\["current"\] /, /^\["clear_on_disconnect"\] /],
  },
  {
    path: 'evse/external_defaults',
    body: '{"b":1,"a":2}',
    lines: [/'current'/, /'clear_on_disconnect'/, /unknown key 'b'/, /unknown key 'a'/],
  },
  {
    path: 'evse/indicator_led',
    body: LED.replace('%', '2011'),
    lines: [/^\["indication"\] 2011 is above the maximum of 2010$/],
  },
  {
    path: 'evse/indicator_led',
    body: LED.replace('%', '-2'),
    lines: [/^\["indication"\] -2 is below the minimum of -1$/],
  },
  {
    path: 'evse/indicator_led',
    body: LED.replace('%', '40000'),
    lines: [/^\["indication"\] .*-32768\.\.32767, got 40000$/],
  },
  {
    path: 'evse/indicator_led',
    body: LED.replace('%', '1').replace('"color_h":0', '"color_h":361'),
    lines: [/^\["color_h"\] 361/],
  },
  {
    path: 'evse/indicator_led',
    body: '{"indication":-1,"duration":0}',
    lines: [/color_h/, /color_s/, /color_v/],
  },
  {
    path: 'evse/user_calibration',
    body: calibration([1, 2, 3]),
    lines: [/^\["resistance_880"\] array has 3 elements, expected 14$/],
  },
  {
    path: 'evse/user_calibration',
    body: calibration([...fourteen.slice(0, 12), 40000, 'x']),
    lines: [/^\["resistance_880"\] \[12\] /, /^\["resistance_880"\] \[13\] /],
  },
  { path: 'evse/user_calibration', body: calibration(fourteen, ',"x":1'), lines: [/memory/] },
  { path: 'evse/user_calibration', body: `{"x":${'['.repeat(11)}`, lines: [/too deep/] },
  { path: 'evse/external_current', body: '['.repeat(4000), lines: [/memory/] },
  { path: 'evse/external_current', body: '\ufeff16000', lines: [/no valid JSON/] },
  { path: 'evse/start_charging', body: '1', lines: [/^takes nothing but null/] },
  { path: 'evse/start_charging', body: '"x"', lines: [/^takes nothing but/] },
  { path: 'evse/start_charging', body: 'true', lines: [/^takes nothing but/] },
  { path: 'evse/start_charging', body: '[1]', lines: [/memory/] },
  { path: 'evse/start_charging', body: '{"a":1}', lines: [/memory/] },
  { path: 'evse/start_charging', body: '{', lines: [/ends too early/] },
  {
    path: 'info/display_name',
    body: `"${'x'.repeat(33)}"`,
    lines: [/^\(inferred\) \["display_name"\] string too long: at most 32 bytes, got 33$/],
  },
  { path: 'info/display_name', body: '5', lines: [/a string/] },
];

test('a refusal tells every problem and hands nothing to the controller', async (t) => {
  const { port, writes } = await world(t);
  for (const { path, body, lines } of refusals) {
    const reply = await ask(port, 'POST', `/${path}_update`.replace(/(charging)_update/, '$1'), body);
    t.is(reply.status, 400, body);
    const told = reply.body.split('\n');
    t.is(told.length, lines.length, reply.body);
    for (const [at, line] of lines.entries()) t.regex(told[at] ?? '', line);
  }
  t.deepEqual(writes, []);
});

test('what is taken is handed on in the order of the members', async (t) => {
  const { port, writes } = await world(t);
  await ask(port, 'PUT', '/evse/external_defaults', '{"clear_on_disconnect":true,"current":16000} trailing');
  t.is(JSON.stringify(writes.at(-1)?.value), '{"current":16000,"clear_on_disconnect":true}');
  await ask(
    port,
    'PUT',
    '/evse/indicator_led',
    LED.replace('%', '256').replace('"color_h":0', '"color_h":360'),
  );
  t.like(writes.at(-1)?.value, { indication: 256, color_h: 360 });
  await ask(port, 'PUT', '/evse/user_calibration', calibration(fourteen));
  t.like(writes.at(-1)?.value, { resistance_880: fourteen });
});

test('every empty value starts an action', async (t) => {
  const { port, writes } = await world(t);
  const empty = ['', 'null', '""', 'false', '0', '0.0', '[]', '{}', ' null ', "''"];
  for (const body of empty) t.is((await ask(port, 'PUT', '/evse/stop_charging', body)).status, 200, body);
  t.is(writes.length, empty.length);
  t.deepEqual(writes[0], { path: 'evse/stop_charging', value: null });
});

test('a refusal is cut after about 1000 characters', async (t) => {
  const { port } = await world(t);
  const long = 'k'.repeat(400);
  const body = `{"${long}1":0,"${long}2":0,"${long}3":0,"${long}4":0,"${long}5":0}`;
  const reply = await ask(port, 'PUT', '/evse/indicator_led', body);
  t.is(reply.status, 400);
  t.true(reply.body.length < 1_200);
  t.regex(reply.body, /further problems are not listed$/);
});

test('old firmware stops at the first problem', async (t) => {
  const { port } = await world(t, { firmware: '2.0.9' });
  t.regex((await ask(port, 'PUT', '/evse/external_current', '{"x":1}')).body, /^missing key 'current'$/);
});

test('external control can be switched off up to 2.6.1', async (t) => {
  const active = async ({ port, clock }: World) => {
    await ask(port, 'PUT', '/evse/external_current', '10000');
    await clock.pass(400);
    await ask(port, 'PUT', '/evse/external_enabled', 'false');
    await clock.pass(400);
    const off = [await shown(port, '/evse/external_enabled'), await shown(port, '/evse/external_current')];
    const { active } = ((await shown(port, '/evse/slots')) as { active: boolean }[])[8] ?? {};
    t.deepEqual({ enabled: active }, off[0]);
    t.like(await shown(port, '/evse/state'), { allowed_charging_current: 32000 });
    await ask(port, 'PUT', '/evse/external_enabled', 'true');
    await clock.pass(400);
    return [...off, await shown(port, '/evse/external_enabled'), await shown(port, '/evse/external_current')];
  };
  const [enabled, disabled, ten, full] = [
    { enabled: true },
    { enabled: false },
    { current: 10000 },
    { current: 32000 },
  ];
  t.deepEqual(await active(await world(t, { firmware: '2.0.9' })), [disabled, ten, enabled, ten]);
  t.deepEqual(await active(await world(t, { firmware: '2.6.1' })), [disabled, ten, enabled, full]);
  t.deepEqual(await active(await world(t, { firmware: '2.8.9' })), [enabled, full, enabled, full]);
});
