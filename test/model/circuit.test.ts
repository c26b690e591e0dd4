import test, { type ExecutionContext } from 'ava';
import { OPEN, ready, type TimedController } from './_timed-controller.js';

interface Row {
  readonly title: string;
  readonly arrange: (rig: TimedController) => void;
  readonly duty: number;
  readonly adc: number;
  readonly voltage: number;
  readonly high: number;
  readonly resistance: number;
}

const charging = (current: number) => (rig: TimedController) => {
  rig.controller.limits.setExternalCurrent(current);
  rig.car(880);
};
const inC = { high: 6325, resistance: 880 };

/** The plausible values of controller-model 8.1. */
const ROWS: readonly Row[] = [
  { title: 'A', arrange: () => {}, duty: 1000, adc: 31_845, voltage: 12_193, high: 12_193, resistance: OPEN },
  {
    title: 'B blocked',
    arrange: (rig) => {
      rig.controller.limits.setExternalCurrent(0);
      rig.car(2700);
    },
    ...{ duty: 1000, adc: 28_805, voltage: 9283, high: 9283, resistance: 2700 },
  },
  {
    title: 'B released',
    arrange: (rig) => rig.car(2700),
    ...{ duty: 266, adc: 12_271, voltage: -6546, high: 9283, resistance: 2700 },
  },
  { title: 'C 6 A', arrange: charging(6000), duty: 100, adc: 8222, voltage: -10_422, ...inC },
  { title: 'C 10 A', arrange: charging(10_000), duty: 166, adc: 9505, voltage: -9194, ...inC },
  { title: 'C 16 A', arrange: charging(16_000), duty: 266, adc: 11_449, voltage: -7333, ...inC },
  { title: 'C 20 A', arrange: charging(20_000), duty: 333, adc: 12_751, voltage: -6087, ...inC },
  { title: 'C 32 A', arrange: charging(32_000), duty: 533, adc: 16_638, voltage: -2365, ...inC },
  {
    title: 'waiting to open',
    arrange: (rig) => {
      rig.car(880);
      rig.advance(8);
      rig.controller.stopCharging();
      rig.advance(9);
    },
    ...{ duty: 1000, adc: 25_715, voltage: 6325, ...inC },
  },
  {
    title: 'D',
    arrange: (rig) => rig.car(240),
    ...{ duty: 1000, adc: 22_304, voltage: 3059, high: 3059, resistance: 240 },
  },
  {
    title: 'E/F',
    arrange: (rig) => rig.car(100),
    ...{ duty: 1000, adc: 20_981, voltage: 1793, high: 1793, resistance: 100 },
  },
];

function near(t: ExecutionContext, value: number | undefined, to: number, within: number) {
  t.true(Math.abs((value ?? Number.NaN) - to) <= within, `${value}, expected ${to}`);
}

for (const { title, arrange, duty, adc, voltage, high, resistance } of ROWS) {
  test(`readings: ${title}`, (t) => {
    const rig = ready();
    arrange(rig);
    rig.advance(Math.max(6, rig.seconds));
    rig.advance(rig.seconds + 0.25);
    const low = rig.controller.lowLevelState();
    t.is(low.cp_pwm_duty_cycle, duty);
    near(t, low.adc_values[0], adc, 1);
    near(t, low.voltages[0], voltage, 2);
    // The firmware counts in whole mV, of which a low duty cycle makes ten.
    near(t, low.voltages[2], high, 10);
    near(t, low.resistances[0], resistance, 4);
  });
}

for (const [current, adc, millivolts, resistance] of [
  [32_000, 7213, 901, 219],
  [20_000, 16_190, 2023, 679],
  [63_000, 3636, 454, 99],
  [13_000, 24_000, 3000, 1500],
] as const) {
  test(`readings: cable for ${current} mA`, (t) => {
    const rig = ready();
    rig.vehicle({ cable_current: current });
    rig.advance(2);
    const low = rig.controller.lowLevelState();
    t.deepEqual([low.adc_values[1], low.voltages[1], low.resistances[1]], [adc, millivolts, resistance]);
  });
}

for (const [current, duty] of [
  [6000, 100],
  [8000, 133],
  [10_000, 166],
  [13_000, 216],
  [14_000, 233],
  [15_000, 250],
  [16_000, 266],
  [16_500, 275],
  [19_000, 316],
  [20_000, 333],
  [25_000, 416],
  [30_000, 500],
  [31_999, 533],
  [32_000, 533],
] as const) {
  test(`duty cycle for ${current} mA`, (t) => {
    const rig = ready();
    charging(current)(rig);
    rig.advance(3);
    t.is(rig.look.D, duty);
  });
}

test('boost reaches the vehicle, and makes the load look larger than it is', (t) => {
  const rig = ready();
  rig.vehicle({ connected: true, requesting: true, max_current: 32_000 });
  rig.controller.limits.setExternalCurrent(10_000);
  rig.advance(30);
  const current = () => rig.controller.meter.allValues()[3];
  t.is(current(), 9.96);
  rig.controller.setBoostMode(true);
  t.is(rig.look.D, 166);
  rig.advance(40);
  t.is(rig.look.D, 166);
  t.is(rig.look.I, 10_000);
  t.is(current(), 10.2);
  near(t, rig.look.R, 1030, 8);
  t.true(rig.controller.boostMode());
});

test('the controller shows the difference that a user calibration makes', (t) => {
  const rig = ready();
  rig.controller.setUserCalibration({
    ...rig.controller.userCalibration(),
    user_calibration_active: true,
    voltage_mul: 101,
    voltage_div: 100,
  });
  rig.advance(1);
  t.is(rig.controller.lowLevelState().voltages[0], Math.trunc(12_193 * 1.01));
});

test('the LED line is sampled at one moment of its PWM', (t) => {
  const rig = ready();
  rig.car(880);
  rig.advance(5);
  const seen = new Set<boolean | undefined>();
  for (let at = 5; at < 20; at += 0.25) {
    rig.advance(at);
    const { gpio } = rig.controller.lowLevelState();
    t.is(gpio[1], !gpio[2]);
    seen.add(gpio[1]);
  }
  t.is(seen.size, 2);
});
