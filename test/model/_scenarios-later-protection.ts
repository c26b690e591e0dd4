import { A, B, C, charging, DC_RESET, fresh, line, RELAY, ready, TEST, waiting } from './_later-rigs.js';
import { at, becomes, is, type Row, stays } from './_script.js';
import { OPEN } from './_timed-controller.js';

/** Residual currents, and the control pilot that is disconnected (controller-model-2 14). */
export const LATER_PROTECTION: readonly Row[] = [
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
];
