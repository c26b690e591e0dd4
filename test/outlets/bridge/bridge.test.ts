import test from 'ava';
import { bytes, settle } from '../../_fakes.js';
import { joined } from './_joined.js';

const lowLevel = (uptime: number) => ({
  led_state: 1,
  cp_pwm_duty_cycle: 1000,
  adc_values: [1, 2],
  voltages: [1, 2, 3],
  resistances: [1, 2],
  gpio: [true],
  charging_time: 0,
  time_since_state_change: 0,
  uptime,
});

test('a state is published retained when it changes, and only then', (t) => {
  const { backend, link } = joined();
  backend.reports('evse/external_current', { current: 16000 });
  backend.reports('evse/external_current', { current: 16000 });
  backend.reports('evse/external_current', { current: 10000 });
  t.deepEqual(link.published, [
    { topic: 'warp/evse/external_current', payload: '{"current":16000}', qos: 1, retain: true },
    { topic: 'warp/evse/external_current', payload: '{"current":10000}', qos: 1, retain: true },
  ]);
});

test('every connect makes the whole world true again, availability last', (t) => {
  const { backend, link } = joined('garage/left');
  link.up = false;
  backend.reports('evse/external_current', { current: 16000 });
  backend.reports('evse/boost_mode', { enabled: true });
  t.is(link.published.length, 0);
  for (let time = 0; time < 2; time++) {
    link.published.length = 0;
    link.connect();
    t.deepEqual(
      link.published.map(({ topic }) => topic),
      ['evse/external_current', 'evse/boost_mode', 'bridge/info', 'bridge/charger', 'bridge/state'].map(
        (p) => `garage/left/${p}`,
      ),
    );
    t.is(link.retained.get('garage/left/bridge/state'), 'online');
    t.true(link.published.every(({ retain }) => retain));
  }
});

test('bridge/charger and bridge/info follow the charger', (t) => {
  const { backend, link } = joined();
  link.connect();
  t.is(link.retained.get('warp/bridge/charger'), 'online');
  backend.reports('info/name', {
    name: 'warp-U7X',
    type: 'warp',
    display_type: 'WARP Charger Smart 11kW',
    uid: 'U7X',
  });
  backend.reports('info/version', { firmware: '2.6.5+1', config: '2.6.5' });
  t.deepEqual(JSON.parse(link.retained.get('warp/bridge/info') ?? ''), {
    version: '1.2.3',
    backend: 'http',
    started: '2026-01-01T00:00:00.000Z',
    transport: 'polling',
    name: 'warp-U7X',
    type: 'warp',
    display_type: 'WARP Charger Smart 11kW',
    uid: 'U7X',
    firmware: '2.6.5+1',
    prefix: 'warp',
  });
  backend.sink?.offline('gone');
  t.is(link.retained.get('warp/bridge/charger'), 'offline');
  t.like(JSON.parse(link.retained.get('warp/bridge/info') ?? ''), { transport: null });
});

test('bridge/info tells a charger that only lacks its controller from one that is away', (t) => {
  const { backend, link, log } = joined();
  link.connect();
  const info = () => JSON.parse(link.retained.get('warp/bridge/info') ?? '');
  backend.sink?.offline('no charge controller', 'websocket');
  t.is(link.retained.get('warp/bridge/charger'), 'offline');
  t.like(info(), { transport: 'websocket', why: 'no charge controller' });
  backend.sink?.offline('no charge controller', 'polling');
  t.like(info(), { transport: 'polling', why: 'no charge controller' });
  t.is(log.texts('warn').filter((text) => text.startsWith('charger offline')).length, 1, 'that is no news');
  backend.sink?.offline('it does not answer');
  t.like(info(), { transport: null, why: 'it does not answer' });
});

test('every writable topic is subscribed exactly, actions in both forms; of ours only what others say', (t) => {
  const { charger, link } = joined();
  const wanted = [...charger.topics.values()].flatMap(({ path, state, command }) => {
    if (!command) return [];
    return state ? [`warp/${path}_update`] : [`warp/${path}_update`, `warp/${path}`];
  });
  t.deepEqual([...link.handlers.keys()].sort(), [...wanted, 'warp/bridge/state'].sort());
  t.is(wanted.filter((topic) => topic.startsWith('warp/evse/')).length >= 19, true);
  t.false([...link.handlers.keys()].some((topic) => /[+#]/.test(topic)));
  t.deepEqual(
    [...link.others.keys()].filter((topic) => /[+#]/.test(topic)),
    ['warp/#'],
  );
});

test('with MQTT 3.1.1 a part of a value is written by its topic too', async (t) => {
  const { link, backend } = joined();
  backend.reports('evse/external_defaults', '{"current":6000,"clear_on_disconnect":true}');
  const topic = 'warp/evse/external_defaults_update/current';
  for (const handle of link.insteadOfOthers.get('warp/evse/external_defaults_update/+') ?? [])
    handle({ topic, payload: bytes('7000'), retained: false });
  await settle();
  t.like(backend.writes, [
    { path: 'evse/external_defaults', value: { current: 7_000, clear_on_disconnect: true } },
  ]);
  t.false(link.insteadOfOthers.has('warp/evse/start_charging/+'), 'an action has no parts');
});

test('what a family has is written by the numbers that the charger shows', async (t) => {
  const { link, backend } = joined('warp', {}, { mirror: ['meters/*'] });
  t.false(link.handlers.has('warp/meters/1/update'));
  backend.reports('meters/1/value_ids', '[74]');
  backend.reports('meters/1/values', '[1]');
  link.send('warp/meters/1/update', '[-1230.5]');
  await settle();
  t.like(backend.writes, [{ path: 'meters/1/update', value: [-1230.5] }]);
  t.true(link.handlers.has('warp/meters/1/reset'));
  t.false(link.handlers.has('warp/meters/2/update'));
});

test('a write is answered on bridge/response and on the MQTT 5 response topic with its correlation data', async (t) => {
  const { link, backend } = joined();
  const correlation = bytes('id-7');
  link.send('warp/evse/external_current_update', '16000', { responseTopic: 'nodered/answers', correlation });
  await settle();
  const answer = { topic: 'evse/external_current', status: 'ok', value: { current: 16000 } };
  t.deepEqual(link.seen('warp/bridge/response'), [answer]);
  const direct = link.published.find(({ topic }) => topic === 'nodered/answers');
  t.like(direct, { payload: JSON.stringify(answer), retain: false, correlation });
  t.is(backend.writes.length, 1);
  t.false(link.retained.has('warp/evse/external_current'), 'nothing is published in hope');
});

for (const responseTopic of [
  '',
  '#',
  'a/+/b',
  '$SYS/x',
  'warp/evse/external_current_update',
  'warp/bridge/state',
  'warp/meter/values',
  'warp/power_manager/external_control_update',
  'warp',
  'a\u0000b',
]) {
  test(`no answer goes to the response topic ${JSON.stringify(responseTopic)}`, async (t) => {
    const { link } = joined();
    link.send('warp/evse/external_current_update', '16000', { responseTopic });
    await settle();
    t.deepEqual([...new Set(link.published.map(({ topic }) => topic))], ['warp/bridge/response']);
  });
}

test('refused writes: one line in the log, one answer, nothing to the charger', async (t) => {
  const { link, backend, log } = joined();
  link.send('warp/evse/external_current_update', '3000');
  await settle();
  t.deepEqual(link.seen('warp/bridge/response'), [
    {
      topic: 'evse/external_current',
      status: 'error',
      code: 'invalid',
      error: 'current: expected 0 or 6000..32000 mA, got 3000',
    },
  ]);
  t.is(log.texts('warn').length, 1);
  t.is(backend.writes.length, 0);
});

test('an empty retained message clears a retained one and is no action', async (t) => {
  const { link, backend } = joined();
  link.send('warp/evse/start_charging', '', { retained: true });
  await settle();
  t.is(backend.writes.length, 0);
  t.is(link.published.length, 0);
  link.send('warp/evse/start_charging', '', { retained: false });
  await settle();
  t.is(backend.writes.length, 1);
});

test('low_level_state: at most once per interval, the newest value, and never again from memory', async (t) => {
  const { backend, link, clock } = joined();
  const uptimes = () => link.seen('warp/evse/low_level_state').map((v) => (v as { uptime: number }).uptime);
  for (let ms = 0; ms < 3_000; ms += 250) {
    backend.reports('evse/low_level_state', lowLevel(ms));
    await clock.pass(250);
  }
  t.deepEqual(uptimes(), [0, 750, 1_750, 2_750]);
  await clock.pass(60_000);
  t.deepEqual(uptimes(), [0, 750, 1_750, 2_750], 'a charger whose uptime stands still shows no life');
  t.true(
    link.published.every(({ topic, expirySeconds }) => {
      return (expirySeconds === 30) === (topic === 'warp/evse/low_level_state');
    }),
  );
});

test('while the charger is offline its sign of life is neither replayed nor put right', async (t) => {
  const { backend, link, clock } = joined();
  backend.reports('evse/low_level_state', lowLevel(1));
  backend.reports('evse/external_current', { current: 16000 });
  backend.sink?.offline('gone');
  link.published.length = 0;
  link.connect();
  link.send('warp/evse/low_level_state', '{}');
  await clock.pass(60_000);
  const topics = link.published.map(({ topic }) => topic);
  t.false(topics.includes('warp/evse/low_level_state'));
  t.true(topics.includes('warp/evse/external_current'));
  backend.sink?.online('polling');
  backend.reports('evse/low_level_state', lowLevel(99_000));
  t.is(link.seen('warp/evse/low_level_state').length, 1);
});

test('a sign of life comes every 10 s although other counters come more rarely', async (t) => {
  const { backend, link, clock } = joined('warp', {
    intervals: [{ topics: 'evse/low_level_state', ms: 60_000 }],
  });
  for (let uptime = 0; uptime < 60; uptime++) {
    backend.reports('evse/low_level_state', lowLevel(uptime));
    await clock.pass(1_000);
  }
  t.is(link.seen('warp/evse/low_level_state').length, 7);
});

test('somebody publishes on a topic of ours: told once, and the truth comes back', async (t) => {
  const { backend, link, clock, log } = joined();
  backend.reports('evse/external_current', { current: 16000 });
  link.published.length = 0;
  link.send('warp/evse/external_current', '{"current":16000}');
  t.is(link.published.length, 0, 'the same payload does no harm');
  for (let i = 0; i < 100; i++) link.send('warp/evse/external_current', '8000');
  const truths = () => link.published.filter(({ topic }) => topic === 'warp/evse/external_current').length;
  t.is(truths(), 1);
  await clock.pass(10_000);
  t.is(truths(), 2, 'what was overwritten meanwhile is repaired too');
  t.is(log.texts('warn').length, 1);
  t.regex(JSON.stringify(link.seen('warp/bridge/response')), /warp\/evse\/external_current_update/);
  t.deepEqual(backend.writes, []);
});

test('a topic without a row is offered for writing once it has been seen', async (t) => {
  const { backend, link } = joined();
  t.throws(() => link.send('warp/evse/brand_new_update', '1'));
  backend.reports('evse/brand_new', { mode: 3 });
  link.send('warp/evse/brand_new_update', '1');
  await settle();
  t.deepEqual(backend.writes, [{ path: 'evse/brand_new', value: 1 }]);
});

test('a topic without a row is subscribed once, however often it changes', (t) => {
  const { backend, link } = joined();
  const before = link.subscribed.length;
  for (let mode = 0; mode < 100; mode++) backend.reports('evse/brand_new', { mode });
  t.deepEqual(link.subscribed.slice(before), ['+ warp/evse/brand_new_update']);
});

test('after cancelling nothing is published and no timer is left', async (t) => {
  const { backend, link, clock, cancel } = joined();
  backend.reports('evse/low_level_state', lowLevel(1));
  cancel();
  link.published.length = 0;
  backend.reports('evse/external_current', { current: 16000 });
  await clock.pass(60_000);
  t.is(link.published.length, 0);
  t.is(link.handlers.size + link.others.size, 0);
  t.is(clock.waiting, 0);
});
