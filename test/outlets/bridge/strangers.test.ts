import test from 'ava';
import { bytes, settle } from '../../_fakes.js';
import { joined } from './_joined.js';

/** Somebody publishes below the prefix where nobody has subscribed exactly. */
function others(link: ReturnType<typeof joined>['link']) {
  return (topic: string, payload = '1', more: object = {}) => {
    for (const hear of link.others.get('warp/#') ?? []) {
      hear({ topic, payload: bytes(payload), retained: false, ...more });
    }
    return settle();
  };
}

test('a topic that is misspelt is answered, with the name that was probably meant', async (t) => {
  const { link, backend } = joined();
  const say = others(link);
  const wrong = [
    ['warp/evse/external_curent_update', 'evse/external_curent'],
    ['warp/evse/start_chargin', 'evse/start_chargin'],
    ['warp/evs/external_current_update', 'evs/external_current'],
    ['warp/external_current_update', 'external_current'],
  ] as const;
  for (const [topic] of wrong) await say(topic, '16000', { responseTopic: 'nodered/answers' });
  const answers = link.seen('warp/bridge/response');
  t.deepEqual(
    answers.map((answer) => (answer as { topic: string }).topic),
    wrong.map(([, path]) => path),
  );
  for (const answer of answers) {
    t.like(answer, { status: 'error', code: 'unknown' });
    t.regex(
      (answer as { error: string }).error,
      /did you mean evse\/(external_current_update|start_charging)\?/,
    );
  }
  t.is(link.published.filter(({ topic }) => topic === 'nodered/answers').length, wrong.length);
  t.deepEqual(backend.writes, []);
});

test('a topic that can only be read is answered, and so is a setting without its suffix', async (t) => {
  const { link, backend } = joined();
  const say = others(link);
  await say('warp/evse/state_update');
  await say('warp/power_manager/external_control', '1');
  t.deepEqual(link.seen('warp/bridge/response'), [
    { topic: 'evse/state', status: 'error', code: 'unknown', error: 'evse/state can only be read' },
    {
      topic: 'power_manager/external_control',
      status: 'error',
      code: 'unknown',
      error:
        'nothing is read on warp/power_manager/external_control; to change it, publish to warp/power_manager/external_control_update',
    },
  ]);
  t.deepEqual(backend.writes, []);
});

test('a topic of a family, a part of a setting and a forwarded topic are written though nobody subscribed exactly', async (t) => {
  const { link, backend } = joined('warp', {}, { forward: ['automation_trigger/*'] });
  backend.reports('evse/external_defaults', { current: 6_000, clear_on_disconnect: true });
  const say = others(link);
  await say('warp/meters/3/update', '[-1200]');
  await say('warp/evse/external_defaults_update/current', '7000');
  await say('warp/automation_trigger/garage', '"open"');
  t.deepEqual(backend.writes, [
    { path: 'meters/3/update', value: [-1200] },
    { path: 'evse/external_defaults', value: { current: 7_000, clear_on_disconnect: true } },
    { path: 'automation_trigger/garage', value: 'open' },
  ]);
});

test('what may be somebody else’s is left alone', async (t) => {
  const { link } = joined('warp', { reserved: ['warp', 'warp/evse2', 'homeassistant'] });
  const say = others(link);
  const quiet = [
    'warp',
    'warp/bridge/response',
    'warp/bridge/check',
    'warp/garage/evse/external_current_update',
    'warp/evse2/state_update',
    `warp/evse/${'x'.repeat(100)}_update`,
    'warp/evse/a b_update',
    'warp/evse/$(reboot)_update',
  ];
  for (const topic of quiet) await say(topic);
  await say('warp/evse/external_curent_update', '', { retained: true });
  t.deepEqual(link.published, []);
});

test('every topic of ours that others overwrite is put right', async (t) => {
  const { link, backend, clock, log } = joined();
  backend.reports('info/name', { name: 'warp-U7X', type: 'warp', display_type: 'WARP Charger', uid: 'U7X' });
  backend.reports('meter/values', { power: 1, energy_rel: 2, energy_abs: 3 });
  backend.reports('evse/brand_new', { mode: 3 });
  link.connect();
  const before = new Map(link.retained);
  const say = others(link);
  t.true(before.size >= 6);
  for (const topic of before.keys()) {
    await say(topic, 'overwritten', { retained: true });
    link.retained.set(topic, 'overwritten');
  }
  await clock.pass(10_000);
  t.deepEqual([...link.retained].sort(), [...before].sort());
  t.is(log.texts('warn').length, before.size, 'each is told once');
  for (const topic of before.keys()) await say(topic, 'again');
  t.is(log.texts('warn').length, before.size);
});

test('a warning names ioBroker where a payload is what its MQTT adapter writes', async (t) => {
  const { link, backend, log } = joined();
  backend.reports('evse/external_current', { current: 16000 });
  backend.reports('evse/auto_start_charging', { auto_start_charging: true });
  const say = others(link);
  const state = {
    val: '{"current":16000}',
    ack: true,
    ts: 1700000000000,
    q: 0,
    from: 'system.adapter.mqtt.0',
  };
  await say('warp/evse/external_current', JSON.stringify(state));
  await say('warp/evse/auto_start_charging', '{"val":1}');
  const [named, unnamed] = log.texts('warn');
  t.regex(
    named ?? '',
    /^ioBroker's MQTT adapter published .*external_current_update.*Mask to publish own states/,
  );
  t.regex(unnamed ?? '', /^somebody published/);
  t.is(link.seen('warp/evse/external_current').length, 2, 'and it is put right');
});

test('an empty message on a topic of ours clears nothing', async (t) => {
  const { link, backend } = joined();
  backend.reports('evse/external_current', { current: 16000 });
  await others(link)('warp/evse/external_current', '', { retained: true });
  t.is(link.seen('warp/evse/external_current').length, 2);
});

test('a late last will of an older connection does not stay', async (t) => {
  const { link, clock } = joined();
  link.connect();
  link.send('warp/bridge/state', 'offline', { retained: true });
  t.is(link.retained.get('warp/bridge/state'), 'online');
  const states = () => link.published.filter(({ topic }) => topic === 'warp/bridge/state').length;
  t.is(states(), 1, 'right after the connect it is what the broker had before');
  await clock.pass(5_000);
  t.is(states(), 2, 'it may have been somebody of this moment');
  link.send('warp/bridge/state', 'offline', { retained: true });
  t.is(states(), 3);
});

test('what somebody retains on bridge/state right after a connect does not stay either', async (t) => {
  const { link, clock } = joined();
  link.connect();
  link.retained.set('warp/bridge/state', 'offline');
  link.send('warp/bridge/state', 'offline', { retained: true });
  await clock.pass(5_000);
  t.is(link.retained.get('warp/bridge/state'), 'online');
});

test('a topic that the charger does not have any more is cleared, also at the next connect', (t) => {
  const { link, backend } = joined();
  link.connect();
  backend.reports('evse/boost_mode', { enabled: true });
  backend.sink?.offline('gone');
  link.up = false;
  backend.sink?.online('polling');
  t.true(link.retained.has('warp/evse/boost_mode'));
  link.connect();
  t.false(link.retained.has('warp/evse/boost_mode'));
  backend.reports('evse/boost_mode', { enabled: false });
  link.connect();
  t.is(link.retained.get('warp/evse/boost_mode'), '{"enabled":false}');
});

test('what is wrong stands in bridge/info while it is', (t) => {
  const { link, backend } = joined();
  const why = () => (JSON.parse(link.retained.get('warp/bridge/info') ?? '{}') as { why?: string }).why;
  link.connect();
  t.is(why(), undefined);
  backend.sink?.offline('the charger does not answer');
  t.is(why(), 'the charger does not answer');
  link.becomesFaulty('the broker denies a');
  t.is(why(), 'the charger does not answer; the broker denies a');
  backend.sink?.online('polling');
  link.becomesFaulty();
  t.is(why(), undefined);
});

for (const [name, more] of [
  ['inside the discovery prefix', { responseTopic: 'homeassistant/device/x/config' }],
  ['inside the prefix of another charger', { responseTopic: 'garage/evse/external_current_update' }],
  ['with correlation data over 256 bytes', { correlation: Buffer.alloc(257) }],
  ['of a retained message', { retained: true }],
] as const) {
  test(`no answer goes to a response topic ${name}`, async (t) => {
    const { link } = joined('warp', { reserved: ['warp', 'garage', 'homeassistant'] });
    link.send('warp/evse/external_current_update', '3000', { responseTopic: 'a/b', ...more });
    await settle();
    t.deepEqual([...new Set(link.published.map(({ topic }) => topic))], ['warp/bridge/response']);
  });
}

test('the expiry of a request is kept to', async (t) => {
  const { link, backend, clock } = joined();
  let release = () => {};
  backend.answer = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  link.send('warp/evse/external_current_update', '16000');
  link.send('warp/evse/auto_start_charging_update', 'true', { expirySeconds: 3 });
  await clock.pass(4_000);
  release();
  await settle();
  const answers = link.seen('warp/bridge/response') as { topic: string; code?: string }[];
  t.is(answers.find(({ topic }) => topic === 'evse/auto_start_charging')?.code, 'expired');
});

test('two thousand refused writes are all answered and make a few lines in the log', async (t) => {
  const { link, log, clock } = joined();
  for (let at = 0; at < 2_000; at++) link.send('warp/evse/external_current_update', 'nonsense');
  await settle();
  t.is(link.seen('warp/bridge/response').length, 2_000);
  await clock.pass(60_000);
  t.is(log.texts('warn').length, 6);
  t.regex(log.texts('warn').at(-1) ?? '', /lines like this held back: 1995/);
});

test('a part of a setting is written below its `_update`, and nowhere else', async (t) => {
  const { link, backend } = joined();
  backend.reports('evse/external_defaults', { current: 0, clear_on_disconnect: false });
  const say = others(link);
  await say('warp/evse/external_defaults/current', '6000');
  t.deepEqual(backend.writes, []);
  t.like(link.seen('warp/bridge/response')[0], { topic: 'evse/external_defaults/current', code: 'unknown' });
  await say('warp/evse/external_defaults_update/current', '6000');
  t.deepEqual(backend.writes, [
    { path: 'evse/external_defaults', value: { current: 6000, clear_on_disconnect: false } },
  ]);
});
