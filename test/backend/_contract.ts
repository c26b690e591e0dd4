import test, { type ExecutionContext } from 'ava';
import type { Json } from '../../src/base/json.js';
import type { Charger } from '../../src/charger/charger.js';
import type { Outcome } from '../../src/charger/write.js';
import { until } from '../_until.js';

/** One charger to try the contract on, with the world around it. */
export interface TestCharger {
  readonly charger: Charger;
  /** Moves the world: the vehicle, the button, other writers (contract 5). */
  world(path: string, value: Json): Promise<void>;
  stop(): Promise<void>;
}

/** Settings by topic: what is written, and what the topic then shows. */
const SETTINGS: readonly (readonly [topic: string, bare: Json | undefined, whole: Json])[] = [
  ['indicator_led', undefined, { indication: 255, duration: 60000, color_h: 0, color_s: 0, color_v: 0 }],
  ['external_current', 16000, { current: 16000 }],
  ['external_clear_on_disconnect', true, { clear_on_disconnect: true }],
  ['auto_start_charging', false, { auto_start_charging: false }],
  ['global_current', 20000, { current: 20000 }],
  ['management_enabled', true, { enabled: true }],
  ['user_enabled', true, { enabled: true }],
  ['external_defaults', undefined, { current: 6000, clear_on_disconnect: true }],
  ['modbus_tcp_enabled', true, { enabled: true }],
  ['ocpp_enabled', true, { enabled: true }],
  ['automation_current', 8000, { current: 8000 }],
  ['led_configuration', true, { enable_api: true }],
  [
    'user_calibration',
    undefined,
    {
      user_calibration_active: true,
      voltage_diff: -95,
      voltage_mul: 12205,
      voltage_div: 12157,
      resistance_2700: 312,
      resistance_880: [1517, 984, 870, 795, 803, 769, 671, 748, 691, 588, 598, 549, 537, 606],
    },
  ],
  ['boost_mode', true, { enabled: true }],
  ['meter_config', 1, { slot: 1 }],
];

/** Members of every readable topic of the public API text, in its order. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  state: [
    'iec61851_state',
    'charger_state',
    'contactor_state',
    'contactor_error',
    'allowed_charging_current',
    'error_state',
    'lock_state',
  ],
  hardware_configuration: ['jumper_configuration', 'has_lock_switch', 'evse_version'],
  button_state: ['button_press_time', 'button_release_time', 'button_pressed'],
  low_level_state: [
    'led_state',
    'cp_pwm_duty_cycle',
    'adc_values',
    'voltages',
    'resistances',
    'gpio',
    'charging_time',
    'time_since_state_change',
    'uptime',
  ],
  management_current: ['current'],
  user_current: ['current'],
  ...Object.fromEntries(SETTINGS.map(([topic, , whole]) => [topic, Object.keys(whole as object)])),
  external_enabled: ['enabled'],
};

const EMPTY = ['null', '""', 'false', '0', '[]', '{}', ''];

/** The suite that every backend passes; `start` gives a charger of its own to each test. */
export function contract(name: string, start: () => Promise<TestCharger>): void {
  const check = (title: string, run: (t: ExecutionContext, tested: TestCharger) => Promise<void>) => {
    test(`${name}: ${title}`, async (t) => {
      const tested = await start();
      try {
        await reported(tested.charger);
        await run(t, tested);
      } finally {
        await tested.stop();
      }
    });
  };

  check('every readable topic, with its members in order and its types', async (t, { charger }) => {
    for (const [topic, members] of Object.entries(MEMBERS)) {
      const value = shown(charger, topic) as Record<string, unknown>;
      // Newer firmware puts further members behind these.
      t.deepEqual(Object.keys(value).slice(0, members.length), members, topic);
      const example = charger.topics.get(`evse/${topic}`)?.state?.example as Record<string, unknown>;
      for (const member of members) t.is(typeof value[member], typeof example[member], `${topic}.${member}`);
    }
    const slots = shown(charger, 'slots') as Record<string, unknown>[];
    t.is(slots.length, 15);
    for (const slot of slots)
      t.deepEqual(Object.keys(slot), ['max_current', 'active', 'clear_on_disconnect']);
  });

  check('every setting, in full', async (t, tested) => {
    const { charger } = tested;
    await write(charger, 'led_configuration', '{"enable_api":true}');
    await started(charger);
    for (const [topic, , whole] of SETTINGS) {
      t.like(await write(charger, topic, JSON.stringify(whole)), { status: 'ok', value: whole }, topic);
      await shows(charger, topic, whole);
    }
  });

  check('every setting with one member, bare', async (t, { charger }) => {
    for (const [topic, bare, whole] of SETTINGS) {
      if (bare === undefined) continue;
      t.like(await write(charger, topic, JSON.stringify(bare)), { status: 'ok', value: whole }, topic);
      await shows(charger, topic, whole);
    }
  });

  check('mirrors: currents and switches are those of their slots', async (t, { charger }) => {
    await write(charger, 'external_current', '7000');
    await write(charger, 'modbus_tcp_enabled', 'true');
    await until(() => slot(charger, 8).max_current === 7000 && slot(charger, 9).active, 'the slots');
    await until(() => charger.store.get('bridge/current_limit')?.includes('7000') === true, 'the limit');
    t.deepEqual(JSON.parse(charger.store.get('bridge/current_limit') ?? ''), {
      current: 7000,
      slots: [{ index: 8, name: 'external' }],
    });
  });

  check(
    'a car is plugged in, a current is set, the charging stops; start and stop with every empty payload',
    async (t, tested) => {
      const { charger } = tested;
      await tested.world('simulator/vehicle', { connected: true, requesting: true });
      await until(
        () => state(charger).charger_state === 3,
        () => `charging; ${charger.store.get('evse/state')}`,
      );
      t.is(state(charger).iec61851_state, 2);
      await write(charger, 'external_current', '10000');
      await until(() => state(charger).allowed_charging_current === 10000, 'the limit');
      for (const payload of EMPTY) {
        const stopped = await write(charger, 'stop_charging', payload);
        t.like(stopped, { status: 'ok' }, `${payload} ${JSON.stringify(stopped)}`);
        await until(() => slot(charger, 4).max_current === 0, `stop_charging with ${payload || 'nothing'}`);
        const started = await write(charger, 'start_charging', payload);
        t.like(started, { status: 'ok' }, `${payload} ${JSON.stringify(started)}`);
        await until(
          () => slot(charger, 4).max_current === 32000,
          `start_charging with ${payload || 'nothing'}`,
        );
      }
      await write(charger, 'external_current', '0');
      await until(() => state(charger).charger_state === 1, 'the end of charging');
      t.is(state(charger).iec61851_state, 1);
    },
  );

  check('what is refused changes nothing', async (t, { charger }) => {
    await started(charger);
    const before = stable(charger);
    for (const [topic, payload] of [
      ['external_current', '5999'],
      ['external_current', '"16000"'],
      ['external_defaults', '{"current":6000,"clear_on_disconnect":true,"x":1}'],
      ['boost_mode', '1'],
      ['start_charging', '1'],
      ['state', '{}'],
      ['nonsense', '1'],
    ] as const) {
      t.like(await write(charger, topic, payload), { status: 'error' }, `${topic} ${payload}`);
    }
    await write(charger, 'external_current', '31000');
    await shows(charger, 'external_current', { current: 31000 });
    await write(charger, 'external_current', '32000');
    await shows(charger, 'external_current', { current: 32000 });
    await until(() => JSON.stringify(stable(charger)) === JSON.stringify(before), 'the state from before');
    t.pass();
  });

  check('members left out keep their value', async (t, { charger }) => {
    await write(charger, 'external_defaults', '{"current":13000}');
    await shows(charger, 'external_defaults', { current: 13000, clear_on_disconnect: false });
    await write(charger, 'external_defaults', '{"clear_on_disconnect":true}');
    await shows(charger, 'external_defaults', { current: 13000, clear_on_disconnect: true });
    t.pass();
  });

  check('a flood of writes ends with the last one', async (t, { charger }) => {
    const receipts = [];
    for (let current = 6000; current <= 6100; current++)
      receipts.push(write(charger, 'external_current', String(current)));
    const outcomes = await Promise.all(receipts);
    t.true(outcomes.every((receipt) => receipt.status === 'ok' || receipt.code === 'superseded'));
    await shows(charger, 'external_current', { current: 6100 });
  });

  check('another hand on the charger is seen', async (t, tested) => {
    await tested.world('simulator/slot', { slot: 5, max_current: 9000 });
    await shows(tested.charger, 'global_current', { current: 9000 });
    t.pass();
  });

  check('info topics say who it is', async (t, { charger }) => {
    await until(() => charger.store.has('info/name') && charger.store.has('info/version'), 'info');
    t.regex(charger.store.get('info/name') ?? '', /"uid":"/);
  });
}

const reported = (charger: Charger) =>
  until(
    () =>
      charger.connection.online &&
      [...Object.keys(MEMBERS), 'slots'].every((topic) => charger.store.has(`evse/${topic}`)),
    () =>
      `every topic, ${JSON.stringify(charger.connection)}; missing ${Object.keys(MEMBERS).filter((topic) => !charger.store.has(`evse/${topic}`))}`,
  );

/** The controller looks at nothing in its first 12 s, and its processor sets slots up in the first few. */
const started = (charger: Charger) =>
  until(
    () => (shown(charger, 'low_level_state') as { uptime: number }).uptime > 15_000,
    'the end of the start',
  );

const shown = (charger: Charger, topic: string): Json =>
  JSON.parse(charger.store.get(`evse/${topic}`) ?? 'null') as Json;

const state = (charger: Charger) => shown(charger, 'state') as Record<string, number>;

const slot = (charger: Charger, index: number) =>
  (shown(charger, 'slots') as { max_current: number; active: boolean }[])[index] ?? {
    max_current: -1,
    active: false,
  };

async function write(charger: Charger, topic: string, payload: string): Promise<Outcome> {
  return charger.write({ path: `evse/${topic}`, payload: Buffer.from(payload), retained: false });
}

async function shows(charger: Charger, topic: string, value: Json): Promise<void> {
  const same = () => {
    const now = shown(charger, topic) as Record<string, unknown>;
    // A running indication counts its duration down.
    return Object.entries(value as object).every(
      ([name, member]) => name === 'duration' || JSON.stringify(now[name]) === JSON.stringify(member),
    );
  };
  await until(
    same,
    () => `${topic} to show ${JSON.stringify(value)}; it shows ${charger.store.get(`evse/${topic}`)}`,
  );
}

/** What only writes change. */
function stable(charger: Charger): Record<string, string | undefined> {
  const topics = SETTINGS.map(([topic]) => topic).filter((topic) => topic !== 'indicator_led');
  return Object.fromEntries([...topics, 'slots'].map((topic) => [topic, charger.store.get(`evse/${topic}`)]));
}
