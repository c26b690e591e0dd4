import test from 'ava';
import { activityLog } from '../../src/outlets/activity-log.js';
import { type FakeSetup, fakeCharger, outletContext } from '../_fakes.js';

function logged(): FakeSetup & { close: () => void } {
  const setup = fakeCharger();
  const close = activityLog(outletContext(setup), undefined);
  setup.log.lines.length = 0;
  return { ...setup, close: close as () => void };
}

/** What the charger shows: its state, and the currents of its slots, undefined for one that is not active. */
function shows(
  { backend }: FakeSetup,
  charger_state: number,
  slots: readonly (number | undefined)[],
  more: Readonly<Record<string, number>> = {},
): void {
  const currents = slots.filter((current) => current !== undefined);
  const allowed_charging_current = Math.min(...currents);
  backend.reports('evse/state', {
    iec61851_state: 0,
    charger_state,
    contactor_state: 1,
    contactor_error: 0,
    allowed_charging_current,
    error_state: 0,
    lock_state: 0,
    dc_fault_current_state: 0,
    ...more,
  });
  backend.reports(
    'evse/slots',
    slots.map((current) => ({
      max_current: current ?? 32_000,
      active: current !== undefined,
      clear_on_disconnect: false,
    })),
  );
}

const off = undefined;
const cable16 = [32_000, 16_000, off, off, 32_000, off, off, off, 32_000] as const;
const external = (current: number) => [...cable16.slice(0, 8), current];
const button0 = [32_000, 16_000, off, off, 0, off, off, off, 32_000];

type Step = readonly [
  charger_state: number,
  slots: readonly (number | undefined)[],
  more?: Readonly<Record<string, number>>,
];

const days: readonly (readonly [title: string, steps: readonly Step[], lines: readonly string[]])[] = [
  [
    'a charge from plugging in to unplugging',
    [
      [0, cable16],
      [1, button0],
      [2, cable16],
      [3, cable16],
      [2, cable16],
      [0, cable16],
    ],
    [
      'no vehicle',
      'vehicle plugged in, it waits for release by Manual release',
      'vehicle may charge with up to 16 A, limited by Type 2 cable',
      'charging started with up to 16 A, limited by Type 2 cable',
      'charging stopped by the vehicle, it may charge with up to 16 A, limited by Type 2 cable',
      'vehicle unplugged',
    ],
  ],
  [
    'a vehicle that charges when the bridge starts, and is unplugged while it does',
    [
      [3, cable16],
      [0, cable16],
    ],
    ['charging with up to 16 A, limited by Type 2 cable', 'charging stopped: vehicle unplugged'],
  ],
  [
    'another limit, and a stop by it',
    [
      [3, cable16],
      [3, external(10_000)],
      [1, external(0)],
      [1, [32_000, 16_000, off, off, 0, off, off, off, 0]],
    ],
    [
      'charging with up to 16 A, limited by Type 2 cable',
      'the limit is now that of External control: 10 A',
      'charging stopped: vehicle waits for release by External control',
      'the limit is now that of Manual release, External control: 0 A',
    ],
  ],
  [
    'errors',
    [
      [3, cable16],
      [4, cable16, { error_state: 4, contactor_error: 3 }],
      [4, cable16, { error_state: 3 }],
      [4, cable16, { error_state: 9 }],
      [0, cable16],
    ],
    [
      'charging with up to 16 A, limited by Type 2 cable',
      'charging stopped: the charger reports an error: contactor error, contactor 3',
      'the charger reports an error: DC residual current, contactor 0',
      'the charger reports an error: error 9, contactor 0',
      'vehicle unplugged',
    ],
  ],
  ['a state that nobody has heard of', [[7, cable16]], ['charger state 7']],
];

for (const [title, steps, lines] of days) {
  test(`the log tells ${title}`, (t) => {
    const setup = logged();
    for (const step of steps) shows(setup, ...step);
    t.deepEqual(
      setup.log.lines.map(({ text }) => text),
      [...lines],
    );
    t.true(setup.log.lines.every(({ level, text }) => level === (text.includes('error') ? 'warn' : 'info')));
  });
}

test('changes of the current by the same hand are traffic: a PV loop makes thousands a day', (t) => {
  const setup = logged();
  shows(setup, 3, external(6_000));
  for (let current = 6_001; current <= 15_000; current++) shows(setup, 3, external(current));
  t.deepEqual(setup.log.texts('info'), ['charging with up to 6 A, limited by External control']);
  t.is(setup.log.texts('debug').at(-1), 'allowed current 15 A');
});

test('the one who limits is named although the charger tells its state before its slots', async (t) => {
  const setup = logged();
  shows(setup, 3, cable16);
  const now = { ...(setup.charger.read('evse/state') as object), charger_state: 1 };
  setup.backend.reports('evse/state', { ...now, allowed_charging_current: 0 });
  t.is(setup.log.lines.length, 1, 'whose 0 A that is, the slots will tell');
  shows(setup, 1, external(0));
  t.is(setup.log.lines.at(-1)?.text, 'charging stopped: vehicle waits for release by External control');
  const before = setup.log.lines.length;
  await setup.clock.pass(2_000);
  t.is(setup.log.lines.length, before, 'and it is told once');
});

test('slots that do not come hold up no line for long', async (t) => {
  const setup = logged();
  setup.backend.reports('evse/state', {
    iec61851_state: 2,
    charger_state: 3,
    contactor_state: 3,
    contactor_error: 0,
    allowed_charging_current: 16_000,
    error_state: 0,
    lock_state: 0,
    dc_fault_current_state: 0,
  });
  await setup.clock.pass(1_000);
  t.deepEqual(setup.log.texts('info'), ['charging with up to 16 A']);
});

test('who starts and stops without end does not fill the log', async (t) => {
  const setup = logged();
  for (let i = 0; i < 1_000; i++) {
    shows(setup, 3, cable16);
    shows(setup, 1, button0);
  }
  t.true(setup.log.texts('info').length <= 12, setup.log.texts('info').join('\n'));
  await setup.clock.pass(60_000);
  t.true(setup.log.texts('info').length <= 15);
  t.regex(setup.log.texts('info').at(-1) ?? '', /lines like this held back: \d+/);
});

test('after an outage with nothing new nothing is said; closed, the log is silent and no timer is left', async (t) => {
  const setup = logged();
  shows(setup, 3, cable16);
  setup.backend.sink?.offline('away');
  shows(setup, 3, cable16);
  setup.backend.sink?.online('polling');
  t.is(setup.log.texts('info').filter((text) => text.startsWith('charging')).length, 1);
  setup.close();
  shows(setup, 0, cable16);
  t.is(setup.log.texts('info').filter((text) => text.includes('unplugged')).length, 0);
  t.is(setup.clock.waiting, 0);
});
