import { B, C, charging, line, ONE_PHASE, RELAY, ready, waiting } from './_later-rigs.js';
import { after, at, becomes, is, type Row, stays } from './_script.js';

/** Contactors and changes of phases (controller-model-2 14). */
export const LATER_PHASES: readonly Row[] = [
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
];
