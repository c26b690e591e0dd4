import { after, at, becomes, is, type Row, type Step, stays } from './_script.js';
import { OPEN, TimedController } from './_timed-controller.js';

type Type = 'warp2' | 'warp3';
type Options = ConstructorParameters<typeof TimedController>[0];
type Prepare = ConstructorParameters<typeof TimedController>[2];

const A = { iec: 0, chg: 0, err: 0 };
const BLOCKED = { iec: 1, chg: 1, err: 0 };
const B = { iec: 1, chg: 2, err: 0 };
const C = { iec: 2, chg: 3, err: 0 };
const DC_RESET = 3_695_376_931;

/** Lines of the board: relay in the control pilot, test of the sensor, preset of the second contactor. */
const RELAY = { warp2: 11, warp3: 16 } as const;
const TEST = { warp2: 4, warp3: 3 } as const;
const ONE_PHASE = 10;

function fresh(type: Type, options: Options = {}, prepare?: Prepare): TimedController {
  return new TimedController({ type, ...options }, 0, prepare);
}

/** No vehicle, 20 s after power-on; `phase` ms later to move the readings. */
function ready(type: Type, phase = 0, options: Options = {}, prepare?: Prepare): TimedController {
  const rig = fresh(type, options, prepare);
  rig.advance(20 + phase / 1000);
  rig.restartWatch();
  return rig;
}

function charging(type: Type, phase = 0, options: Options = {}): TimedController {
  const rig = ready(type, 0, options);
  rig.car(880);
  rig.advance(10 + phase / 1000);
  rig.restartWatch();
  return rig;
}

function waiting(type: Type, phase = 0, seconds = 5): TimedController {
  const rig = ready(type);
  rig.car(2700);
  rig.advance(seconds + phase / 1000);
  rig.restartWatch();
  return rig;
}

/** A line of the board becomes so between two moments, which may count from a mark. */
function line(index: number, level: boolean, first: number, last: number, mark = '', since?: string): Step {
  return (t, rig, marks) => {
    const from = since === undefined ? 0 : (marks.get(since) ?? Number.NaN);
    const came = rig.advance(from + last, () => rig.look.gpio[index] === level);
    t.true(came, `line ${index} not ${level} by ${from + last} s`);
    t.true(rig.seconds >= from + first - 1e-6, `line ${index} ${level} already at ${rig.seconds} s`);
    marks.set(mark, rig.seconds);
  };
}

const CAR_880: Prepare = (c) => c.world.setVehicle({ ...c.world.vehicle(), cp_resistance: 880 });
const CAR_2700: Prepare = (c) => c.world.setVehicle({ ...c.world.vehicle(), cp_resistance: 2700 });

/** The scenarios of controller-model-2 14. */
export const LATER: readonly Row[] = [
  {
    n: 1,
    title: 'power-on of a WARP2 without a vehicle',
    given: () => fresh('warp2'),
    steps: [
      stays(0, 0.44, { CS: 0 }),
      becomes(0.45, 0.45, { CS: 1 }),
      line(TEST.warp2, false, 1.2, 1.2),
      line(TEST.warp2, true, 1.45, 1.45),
      stays(1.45, 4.44, { ...A, L: 3, D: 1000 }),
      becomes(4.45, 4.45, { ...A, L: 1, I: 32_000 }),
      (t, rig) => t.is(rig.look.tested, 3250),
    ],
  },
  {
    n: 2,
    title: 'power-on of a WARP2 with a vehicle that asks',
    given: () => fresh('warp2', {}, CAR_880),
    steps: [
      stays(0, 1.19, { ...A, K: 0 }),
      becomes(1.2, 1.2, { ...C, D: 533, L: 4 }),
      becomes(1.72, 1.85, { K: 1 }, 'K'),
      becomes(1.25, 1.5, { CS: 3 }, 'CS', 'K'),
      (t, rig) => t.true(rig.look.gpio[TEST.warp2]),
    ],
  },
  {
    n: 3,
    title: 'a missing protective earth',
    given: () => fresh('warp3', {}, (c) => c.world.setSupply({ pe: 'broken' })),
    steps: [
      becomes(0.45, 0.45, { CE: 1, CS: 20, err: 0 }),
      becomes(4.45, 4.45, { iec: 4, chg: 4, err: 4, L: 2 }),
      at(10, (rig) => rig.controller.world.setSupply({ pe: 'ok' })),
      becomes(10, 10.4, { CE: 0, CS: 16, ...A, L: 1 }),
      line(TEST.warp3, false, 10, 10.45),
    ],
  },
  {
    n: 4,
    title: 'jumper not configured',
    given: () => fresh('warp2', { jumper: 8 }),
    steps: [
      stays(0, 4.44, { I: 0, ...A }),
      becomes(4.45, 4.45, { iec: 4, chg: 4, err: 2, D: 1000, K: 0, I: 0 }),
      at(6, (rig) => {
        rig.car(880);
        rig.controller.startCharging();
      }),
      stays(6, 30, { iec: 4, chg: 4, err: 2, D: 1000, K: 0, I: 0 }),
    ],
  },
  {
    n: 5,
    title: 'a whole charge',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.car(2700)),
      becomes(0, 0.03, { ...B, D: 533, L: 1 }),
      at(3, (rig) => rig.car(880)),
      becomes(3, 3.05, { ...C, L: 4 }),
      becomes(3.47, 3.55, { K: 1 }, 'K'),
      becomes(1.25, 1.5, { CS: 3 }, 'CS', 'K'),
      at(9, (rig) => rig.car(2700)),
      becomes(9, 9.05, { ...B, L: 1 }),
      becomes(9.05, 9.1, { K: 0 }),
      stays(9.1, 10.2, { D: 533 }),
      becomes(10.2, 10.6, { CS: 1 }),
      at(12, (rig) => rig.car(OPEN)),
      becomes(12, 12.05, { ...A, D: 1000 }, 'A'),
      line(TEST.warp2, false, 0, 0.01, '', 'A'),
      line(TEST.warp2, true, 0.25, 0.26, '', 'A'),
    ],
  },
  {
    n: 6,
    title: 'unplugged while charging',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.car(OPEN)),
      becomes(0, 0.05, { ...A, D: 1000, s: { 4: '32000/on/no' } }),
      becomes(0.02, 0.1, { K: 0 }),
    ],
  },
  {
    n: 7,
    title: 'plugged in again during the test of the sensor',
    given: (phase) => waiting('warp2', phase),
    steps: [
      at(0, (rig) => rig.car(OPEN)),
      becomes(0, 0.05, A),
      at(1, (rig) => rig.car(2700)),
      stays(1.05, 3.2, { iec: 0 }),
      (t, rig) => t.true(rig.look.R < 2800),
      becomes(3.25, 3.35, B),
    ],
  },
  {
    n: 8,
    title: 'two changes of the current close to each other',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setExternalCurrent(16_000)),
      is(0, { D: 267, I: 16_000 }),
      at(0.2, (rig) => rig.controller.limits.setExternalCurrent(10_000)),
      stays(0.2, 0.5, { D: 267, I: 10_000 }),
      becomes(0.52, 0.56, { D: 167, ...C, K: 1 }),
    ],
  },
  {
    n: 9,
    title: 'unplugged right after a change of the current',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setExternalCurrent(16_000)),
      at(0.1, (rig) => rig.car(OPEN)),
      stays(0.1, 0.52, { iec: 2, K: 1 }),
      becomes(0.52, 0.6, A),
      becomes(0.52, 0.66, { K: 0 }),
    ],
  },
  {
    n: 10,
    title: 'a vehicle that goes on asking without a current',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setExternalCurrent(0)),
      is(0, { ...BLOCKED, D: 1000, K: 1 }),
      becomes(6.02, 6.06, { K: 0, iec: 1 }),
      at(10, (rig) => rig.controller.limits.setExternalCurrent(16_000)),
      is(10, { ...C, D: 267 }),
      becomes(10.47, 10.53, { K: 1 }),
    ],
  },
  {
    n: 11,
    title: 'stopped and started over the API',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.stopCharging()),
      is(0, { ...BLOCKED, s: { 4: '0/on/no' }, D: 1000, K: 1 }),
      at(0.5, (rig) => rig.car(2700)),
      becomes(0.52, 0.56, { K: 0 }),
      at(10.5, (rig) => rig.controller.startCharging()),
      is(10.5, { ...B, D: 533 }),
      at(11.5, (rig) => rig.car(880)),
      becomes(11.5, 11.55, C),
      becomes(11.97, 12.05, { K: 1 }),
    ],
  },
  {
    n: 12,
    title: 'a short pause of the vehicle',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.car(2700)),
      becomes(0, 0.05, B, 'B'),
      becomes(0.05, 0.1, { K: 0 }),
      at(1, (rig) => rig.car(880)),
      becomes(5, 5, C, 'C', 'B'),
      becomes(0.475, 0.5, { K: 1 }, 'K', 'C'),
    ],
  },
  {
    n: 13,
    title: 'a vehicle whose diode is shorted',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.vehicle({ cp_resistance: 2700, diode_fault: true })),
      becomes(0, 0.03, B),
      becomes(0.05, 0.12, { iec: 1, chg: 4, err: 5, L: 2, D: 533, K: 0 }),
      (t, rig) => t.true(rig.look.R >= 2400 && rig.look.R <= 2600, `${rig.look.R}`),
      stays(0.13, 3, { err: 5 }),
      at(3, (rig) => rig.car(OPEN)),
      // A block in which the vehicle left may already show no fault.
      becomes(3.04, 3.15, { L: 1, ...A }),
    ],
  },
  {
    n: 14,
    title: 'ventilation asked for',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.car(240)),
      becomes(0, 0.06, { iec: 3, chg: 4, err: 5, D: 1000, L: 2, K: 1 }),
      becomes(6.02, 6.1, { K: 0 }),
      at(6.2, (rig) => rig.car(880)),
      stays(6.2, 35.9, { iec: 3, chg: 4, err: 5 }),
      becomes(36, 36.3, { ...C, L: 4 }, 'C'),
      becomes(0.475, 0.7, { K: 1 }, 'K', 'C'),
    ],
  },
  {
    n: 15,
    title: 'hysteresis between B and C',
    given: (phase) => waiting('warp2', phase),
    steps: [
      at(0, (rig) => rig.car(1700)),
      stays(0.05, 5, B),
      at(5, (rig) => rig.car(1600)),
      becomes(5, 5.05, C),
      at(10, (rig) => rig.car(1900)),
      stays(10, 15, C),
      at(15, (rig) => rig.car(2000)),
      becomes(15, 15.05, B),
    ],
  },
  {
    n: 16,
    title: 'the contactor of a WARP2 welds',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => {
        rig.controller.world.setSupply({ contactor: 'welded' });
        rig.car(2700);
      }),
      becomes(0, 0.05, B),
      becomes(0.05, 0.1, { K: 0 }),
      becomes(1.3, 1.65, { CE: 6, CS: 3, iec: 4, chg: 4, err: 4, D: 1000 }),
      at(4, (rig) => rig.controller.world.setSupply({ contactor: 'ok' })),
      becomes(4, 4.36, { CE: 0, ...B }, 'B'),
      at(5, (rig) => rig.car(880)),
      becomes(30, 30.01, C, 'C', 'B'),
    ],
  },
  {
    n: 17,
    title: 'the first contactor of a WARP3 welds',
    given: (phase) => charging('warp3', phase),
    steps: [
      is(0, { CS: 27 }),
      at(0, (rig) => {
        rig.controller.world.setSupply({ contactor: 'welded' });
        rig.car(2700);
      }),
      becomes(0.05, 0.1, { K: 0 }),
      becomes(0.3, 0.45, { CE: 14, CS: 23, iec: 4, chg: 4, err: 4 }),
    ],
  },
  {
    n: 18,
    title: 'the second contactor of a WARP3 welds',
    given: (phase) => charging('warp3', phase),
    steps: [
      at(0, (rig) => {
        rig.controller.world.setSupply({ contactor_2: 'welded' });
        rig.car(2700);
      }),
      becomes(0.05, 0.1, { K: 0 }),
      becomes(0.3, 0.45, { CE: 18, CS: 22, iec: 4, chg: 4, err: 4 }),
      at(5, (rig) => rig.controller.world.setSupply({ contactor_2: 'ok' })),
      becomes(5, 5.01, { CE: 0, CS: 16, ...B }),
    ],
  },
  {
    n: 19,
    title: 'from three phases to one while charging',
    given: (phase) => charging('warp3', phase),
    steps: [
      (t, rig) => t.is(rig.controller.later.setPhasesWanted(1), undefined),
      is(0, { D: 1000, ph: '3/1/2/0', EC: 3, ...C, L: 4 }),
      at(0.5, (rig) => rig.car(2700)),
      becomes(0.52, 0.56, { K: 0 }),
      becomes(0.54, 0.6, { CS: 16 }),
      line(RELAY.warp3, true, 0.7, 0.8),
      is(0.85, { ph: '1/1/5/0' }),
      (t, rig) => t.true(rig.look.gpio[ONE_PHASE]),
      line(RELAY.warp3, false, 60.7, 60.8),
      becomes(60.7, 60.8, { ph: '1/1/6/0' }),
      becomes(60.8, 60.9, { D: 533, ph: '1/1/7/0', ...C }, 'PWM'),
      after('PWM', 2, (rig) => rig.car(880)),
      becomes(62.8, 62.95, { ph: '1/1/0/0' }, 'done'),
      becomes(0.475, 0.53, { K: 1 }, 'K', 'done'),
      becomes(0.02, 0.03, { CS: 9 }, '', 'K'),
      becomes(0, 1, { EC: 0 }, '', 'done'),
    ],
  },
  {
    n: 20,
    title: 'to one phase before the vehicle has charged',
    given: (phase) => waiting('warp3', phase, 10),
    steps: [
      (t, rig) => t.is(rig.controller.later.setPhasesWanted(1), undefined),
      is(0.01, { ph: '1/1/0/0', D: 533, EC: 3 }),
      (t, rig) => t.false(rig.look.gpio[RELAY.warp3]),
      becomes(0, 1.01, { EC: 0 }),
      at(2, (rig) => rig.car(880)),
      becomes(2.45, 2.6, { K: 1 }),
      becomes(2.47, 2.63, { CS: 9 }),
    ],
  },
  {
    n: 21,
    title: 'opened under load the vehicle is cut off for longer',
    given: (phase) => {
      const rig = charging('warp3', phase);
      rig.controller.later.setPhaseSwitchWaitTime(1);
      return rig;
    },
    steps: [
      at(0, (rig) => rig.controller.later.setPhasesWanted(1)),
      becomes(6.02, 6.06, { K: 0 }),
      line(RELAY.warp3, true, 6.2, 6.3, 'open'),
      line(RELAY.warp3, false, 59.99, 60.01, '', 'open'),
    ],
  },
  {
    n: 21.5,
    title: 'a vehicle that obeys is cut off as long as configured',
    given: (phase) => {
      const rig = charging('warp3', phase);
      rig.controller.later.setPhaseSwitchWaitTime(1);
      return rig;
    },
    steps: [
      at(0, (rig) => rig.controller.later.setPhasesWanted(1)),
      at(0.5, (rig) => rig.car(2700)),
      line(RELAY.warp3, true, 0.7, 0.8, 'open'),
      line(RELAY.warp3, false, 14.99, 15.01, '', 'open'),
    ],
  },
  {
    n: 22,
    title: 'a vehicle that asks too late after a change of phases',
    given: (phase) => charging('warp3', phase),
    steps: [
      at(0, (rig) => rig.controller.later.setPhasesWanted(1)),
      at(0.5, (rig) => rig.car(2700)),
      becomes(60.8, 60.9, { D: 533, ph: '1/1/7/0' }, 'PWM'),
      becomes(70.8, 70.95, { ph: '1/1/0/0', ...B }, 'B'),
      after('PWM', 12, (rig) => rig.car(880)),
      stays(72.95, 75.75, B),
      becomes(75.8, 75.95, C, 'C'),
      becomes(0.475, 0.5, { K: 1 }, '', 'C'),
    ],
  },
  {
    n: 23,
    title: 'requests during a change of phases',
    given: (phase) => {
      const rig = charging('warp3', phase);
      rig.controller.later.setPhasesWanted(1);
      rig.advance(0.5);
      rig.car(2700);
      rig.advance(20);
      return rig;
    },
    steps: [
      (t, rig) => {
        t.regex(rig.controller.later.setPhasesWanted(3) ?? '', /in progress\.$/);
        t.is(rig.controller.later.setPhasesWanted(1), undefined);
        rig.controller.later.setControlPilotDisconnect(true);
        rig.advance(20.3);
        t.false(rig.controller.later.controlPilotDisconnect());
        t.is(rig.look.ph, '1/1/5/0');
      },
    ],
  },
  {
    n: 24,
    title: 'a vehicle with one phase',
    given: (phase) => {
      const rig = ready('warp3', phase);
      rig.controller.limits.setExternalCurrent(16_000);
      rig.vehicle({ connected: true, requesting: true, phases: 1, s2_delay: 2000 });
      const started = rig.advance(60, () => (rig.controller.meter.allValues()[3] ?? 0) > 5);
      if (!started) throw new Error('it does not charge');
      rig.restartWatch();
      return rig;
    },
    steps: [
      stays(1, 29.2, { ph: '3/3/0/0', CS: 27 }),
      becomes(29.2, 31, { ph: '1/1/0/1', ...C, K: 1 }),
      becomes(29.2, 31.03, { CS: 9, K: 1 }),
      (t, rig) => {
        rig.advance(32);
        t.is(rig.controller.later.setPhasesWanted(3), undefined);
        t.is(rig.look.wanted, 3);
      },
      stays(32, 40, { ph: '1/1/0/1', K: 1, CE: 0 }),
      at(40, (rig) => rig.vehicle({ connected: false })),
      becomes(40, 40.05, { ph: '3/3/0/0', iec: 0 }),
    ],
  },
  {
    n: 25,
    title: 'a direct residual current',
    given: (phase) => {
      // The kind of sensor has to be known.
      return charging('warp3', phase);
    },
    steps: [
      at(0, (rig) => rig.controller.world.setDcSensor({ leakage: 'dc6', defect: 'none' })),
      becomes(0.05, 0.06, {
        ...{ K: 0, iec: 4, chg: 4, err: 3, dc: 1, pins: 1, sensor: 1, D: 1000, L: 2 },
      }),
      at(1, (rig) => rig.car(OPEN)),
      at(2, (rig) => rig.controller.world.setDcSensor({ leakage: 'none', defect: 'none' })),
      is(2.5, { dc: 1, iec: 4, err: 3 }),
      at(3, (rig) => rig.controller.later.resetDcFault(1)),
      is(3.5, { dc: 1, iec: 4, err: 3 }),
      at(4, (rig) => rig.controller.later.resetDcFault(DC_RESET)),
      is(4, { dc: 0, err: 0, L: 1 }),
      at(10, (rig) => rig.car(2700)),
      becomes(10, 10.05, B),
    ],
  },
  {
    n: 25.5,
    title: 'after a residual current the vehicle waits 30 s',
    given: (phase) => charging('warp3', phase),
    steps: [
      at(0, (rig) => rig.controller.world.setDcSensor({ leakage: 'dc6', defect: 'none' })),
      becomes(0.05, 0.06, { K: 0, iec: 4, err: 3 }),
      at(2, (rig) => rig.controller.world.setDcSensor({ leakage: 'none', defect: 'none' })),
      at(4, (rig) => rig.controller.later.resetDcFault(DC_RESET)),
      is(4, { dc: 0, iec: 4, chg: 0, err: 0, L: 1 }),
      at(5, (rig) => rig.car(2700)),
      becomes(5, 5.05, B, 'B'),
      at(10, (rig) => rig.car(880)),
      becomes(30, 30.01, C, '', 'B'),
    ],
  },
  {
    n: 26,
    title: 'a direct residual current at a WARP2',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.world.setDcSensor({ leakage: 'dc6', defect: 'none' })),
      becomes(0.05, 0.06, { dc: 1, pins: 3, sensor: 0, iec: 4, chg: 4, err: 3, K: 0 }),
    ],
  },
  {
    n: 27,
    title: 'a defective sensor',
    given: () => fresh('warp2', {}, (c) => c.world.setDcSensor({ leakage: 'none', defect: 'no_x30' })),
    steps: [
      becomes(4.45, 4.45, { dc: 4, pins: 5, iec: 4, chg: 4, err: 3 }),
      at(6, (rig) => {
        rig.controller.world.setDcSensor({ leakage: 'none', defect: 'none' });
        rig.controller.powerCycle();
      }),
      becomes(6, 6 + 4.45, { dc: 0, ...A, L: 1 }),
    ],
  },
  {
    n: 28,
    title: 'a test of the sensor on demand',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.later.triggerDcFaultTest()),
      line(TEST.warp2, false, 0, 0.001),
      line(TEST.warp2, true, 0.25, 0.26),
      at(1, (rig) => rig.car(2700)),
      stays(1, 3.24, { iec: 0 }),
      becomes(3.25, 3.3, B),
      at(6, (rig) => rig.controller.later.triggerDcFaultTest()),
      (t, rig) => {
        rig.advance(6.1);
        t.true(rig.look.gpio[TEST.warp2]);
        t.true((rig.look.tested ?? 0) > 6000);
      },
    ],
  },
  {
    n: 29,
    title: 'the control pilot disconnected over the API',
    given: (phase) => waiting('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.later.setControlPilotDisconnect(true)),
      (t, rig) => {
        rig.advance(0.3);
        t.true(rig.look.gpio[RELAY.warp2]);
        t.true(rig.controller.later.controlPilotDisconnect());
      },
      is(0.3, B),
      at(5, (rig) => rig.car(OPEN)),
      stays(5, 10, B),
      at(10, (rig) => rig.controller.later.setControlPilotDisconnect(false)),
      becomes(10.1, 10.16, A),
      at(20, (rig) => rig.car(880)),
      (t, rig) => {
        rig.advance(24);
        rig.controller.later.setControlPilotDisconnect(true);
        rig.advance(24.3);
        t.false(rig.controller.later.controlPilotDisconnect());
        t.is(rig.look.K, 1);
      },
    ],
  },
  {
    n: 30,
    title: 'a vehicle that never asks is woken up',
    given: (phase) => {
      const rig = ready('warp2', phase);
      rig.car(2700);
      return rig;
    },
    steps: [
      line(RELAY.warp2, true, 90, 90.05),
      line(RELAY.warp2, false, 94, 94.05),
      line(RELAY.warp2, true, 124, 124.05),
      (t, rig) => t.false(rig.controller.later.controlPilotDisconnect()),
      line(RELAY.warp2, false, 154, 154.05),
      is(155, B),
      becomes(180, 180.05, { charging_time: 1 }),
    ],
  },
  {
    n: 30.5,
    title: 'without wake-up nothing is disconnected',
    given: (phase) => {
      const rig = ready('warp2', phase);
      rig.controller.later.setEvWakeup(false);
      rig.car(2700);
      return rig;
    },
    steps: [(t, rig) => t.false(rig.advance(400, () => rig.look.gpio[RELAY.warp2] === true))],
  },
  {
    n: 31,
    title: 'stopped by the button',
    given: (phase) => charging('warp2', phase),
    steps: [
      at(0, (rig) => rig.button(true)),
      is(0, { pressed: true }),
      becomes(0.1, 0.1, { ...BLOCKED, D: 1000, L: 0, s: { 4: '0/on/no' } }),
      at(0.6, (rig) => rig.car(2700)),
      becomes(0.62, 0.66, { K: 0 }),
      at(1, (rig) => rig.button(false)),
      becomes(1.1, 1.1, { L: 1, s: { 4: '0/on/no' } }),
      at(3, (rig) => rig.car(OPEN)),
      becomes(3, 3.05, { ...A, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 32,
    title: 'a button that starts and stops',
    given: (phase) => {
      const rig = waiting('warp2', phase);
      rig.controller.later.setButtonConfiguration(3);
      rig.controller.stopCharging();
      rig.advance(rig.seconds + 1);
      rig.restartWatch();
      return rig;
    },
    steps: [
      is(0, { ...BLOCKED, s: { 4: '0/on/no' } }),
      at(0, (rig) => rig.button(true)),
      becomes(0.1, 0.1, { ...B, s: { 4: '32000/on/no' } }),
      at(0.3, (rig) => rig.button(false)),
      at(0.8, (rig) => rig.button(true)),
      at(1.2, (rig) => rig.button(false)),
      stays(1.2, 3.19, { ...B, s: { 4: '32000/on/no' } }),
      (t, rig) => {
        rig.advance(3.25);
        const { button_press_time: pressed, button_release_time: released } = rig.snapshot.button;
        t.is(released - pressed, 3100);
        t.is(rig.slot(4), '32000/on/no');
      },
    ],
  },
  {
    n: 33,
    title: 'a key switch that is off',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.button(true)),
      becomes(0.1, 0.1, { L: 0, s: { 4: '32000/on/no' } }),
      at(2, (rig) => rig.car(880)),
      becomes(2, 2.05, { ...C, L: 4, pressed: true, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 34,
    title: 'inputs and the output',
    given: (phase) => ready('warp2', phase),
    steps: [
      at(0, (rig) => rig.controller.later.setGpioConfiguration({ shutdown_input: 2, input: 2, output: 0 })),
      is(0, { s: { 2: '32000/on/no', 3: '32000/on/no' } }),
      (t, rig) => {
        rig.advance(0.3);
        t.is(rig.controller.later.gpOutput(), 0);
        t.true(rig.look.gpio[10]);
      },
      at(1, (rig) => rig.controller.world.setInputs({ shutdown: 'closed', gp: 'open' })),
      is(1, { I: 0, s: { 2: '0/on/no' } }),
      at(2, (rig) => rig.controller.world.setInputs({ shutdown: 'closed', gp: 'closed' })),
      is(2, { s: { 3: '6000/on/no' } }),
      at(3, (rig) => rig.controller.world.setInputs({ shutdown: 'open', gp: 'closed' })),
      is(3, { I: 6000, s: { 2: '32000/on/no' } }),
    ],
  },
  {
    n: 35,
    title: 'colours of the LED',
    given: (phase) => {
      const rig = ready('warp3', phase);
      rig.controller.setLedConfiguration(true);
      return rig;
    },
    steps: [
      (t, rig) => {
        const led = { indication: 255, duration: 3000, color_h: 120, color_s: 255, color_v: 200 };
        rig.controller.setIndicatorLed(led);
        rig.advance(1);
        t.is(rig.look.L, 5);
        t.deepEqual(rig.snapshot.led, { ...led, duration: 2000 });
        rig.advance(4);
        t.deepEqual(rig.snapshot.led, { ...led, indication: -1, duration: 0 });
        t.is(rig.look.L, 1);
      },
    ],
  },
  {
    n: 36,
    title: 'duty cycles by current',
    given: (phase) => charging('warp2', phase),
    steps: [
      (t, rig) => {
        const duties: Readonly<Record<number, number>> = {
          ...{ 6000: 100, 8000: 133, 10000: 167, 13000: 217, 16000: 267, 19000: 317, 25000: 417, 32000: 533 },
        };
        for (const [current, duty] of Object.entries(duties)) {
          rig.controller.limits.setExternalCurrent(Number(current));
          rig.advance(rig.seconds + 1);
          t.is(rig.look.D, duty);
        }
      },
    ],
  },
  {
    n: 37,
    title: 'a charger with one phase connected',
    given: (phase) => ready('warp3', phase),
    steps: [
      (t, rig) => {
        rig.controller.later.setPhasesConnected(2);
        rig.advance(0.3);
        t.is(rig.controller.later.phasesConnected(), 3);
        rig.controller.later.setPhasesConnected(1);
        rig.advance(0.6);
        t.is(rig.controller.later.phasesConnected(), 1);
        t.is(rig.look.ph, '1/1/0/0');
        t.is(rig.controller.later.setPhasesWanted(3), undefined);
        t.is(rig.look.wanted, 3);
        rig.advance(2);
        t.is(rig.look.ph, '1/1/0/0');
        rig.controller.powerCycle();
        rig.advance(4);
        t.is(rig.look.ph, '1/1/0/0');
        t.is(rig.look.EC, 1);
      },
    ],
  },
  {
    n: 38,
    title: 'what a factory reset forgets',
    given: (phase) => {
      const rig = ready('warp3', phase);
      rig.controller.later.setButtonConfiguration(1);
      rig.controller.later.setEvWakeup(false);
      rig.controller.later.setPhaseSwitchWaitTime(3);
      rig.controller.setBoostMode(true);
      return rig;
    },
    steps: [
      (t, rig) => {
        const { controller } = rig;
        const shown = () => [
          ...[
            controller.later.buttonConfiguration(),
            controller.later.evWakeup(),
            controller.later.phaseSwitchWaitTime(),
          ],
          controller.boostMode(),
        ];
        controller.powerCycle();
        rig.advance(2);
        t.deepEqual(shown(), [1, false, 3, true]);
        controller.factoryReset();
        rig.advance(4);
        t.deepEqual(shown(), [2, true, 0, false]);
        t.deepEqual(controller.later.gpioConfiguration(), { shutdown_input: 0, input: 0, output: 1 });
        t.is(rig.slot(16), '32000/on/no');
      },
    ],
  },
];

/** Power-on with a vehicle that only waits: no test of the sensor. */
export const WITH_A_WAITING_VEHICLE: Row = {
  n: 2.5,
  title: 'power-on of a WARP3 with a vehicle that waits',
  given: () => fresh('warp3', {}, CAR_2700),
  steps: [stays(0, 1.19, { ...A, L: 3 }), becomes(1.2, 1.2, { ...B, L: 1, D: 533 })],
};
