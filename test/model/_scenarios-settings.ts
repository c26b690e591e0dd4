import type { UserCalibration } from '../../src/model/api-types.js';
import { A_TO_B, at, becomes, is, type Row, type Step, stays } from './_script.js';
import { charging, OPEN, ready, TimedController, waiting } from './_timed-controller.js';

const A = { iec: 0, chg: 0, err: 0 };
const B = { iec: 1, chg: 2, err: 0 };
const C = { iec: 2, chg: 3, err: 0 };

const indicate = (rig: TimedController, indication: number, duration: number) =>
  rig.controller.setIndicatorLed({ indication, duration, color_h: 0, color_s: 0, color_v: 0 });

const calibration = (change: Partial<UserCalibration>): UserCalibration => ({
  user_calibration_active: true,
  voltage_diff: -95,
  voltage_mul: 12_205,
  voltage_div: 12_157,
  resistance_2700: 312,
  resistance_880: Array.from({ length: 14 }, (_, index) => 600 + index),
  ...change,
});

/** A look at the API after the next poll. */
function shows(seconds: number, read: (rig: TimedController) => unknown, expected: unknown): Step {
  return (t, rig) => {
    rig.advance(seconds);
    t.deepEqual(read(rig), expected, `at ${rig.seconds} s`);
  };
}

/** The scenarios of controller-model 14 about settings, faults and the LED. */
export const SETTINGS: readonly Row[] = [
  {
    n: 22,
    title: 'currents out of range are ignored',
    given: (phase) => charging({}, phase),
    // The two refusals with 400 belong to the doors, which never let such a value come this far.
    steps: [5999, 32_001, 65_535, 65_536, 16_000.5].map((current, index) => (t, rig) => {
      const before = rig.look.slots;
      at(index, (r) => r.controller.limits.setExternalCurrent(current))(t, rig, new Map());
      is(index + 0.9, { I: 32_000, slots: before })(t, rig, new Map());
    }),
  },
  {
    n: 23,
    title: 'external control can not be disabled',
    given: (phase) => {
      const rig = ready({}, phase);
      rig.controller.limits.setExternalCurrent(6000);
      rig.controller.limits.setExternalClearOnDisconnect(true);
      return rig;
    },
    steps: [
      at(0, (rig) => rig.controller.limits.setExternalEnabled(true)),
      is(0.5, { s: { 8: '6000/on/yes' } }),
      at(1, (rig) => rig.controller.limits.setExternalEnabled(false)),
      is(1.5, { s: { 8: '32000/on/no' } }),
      shows(1.5, (rig) => rig.controller.limits.externalDefaults(), {
        current: 32_000,
        clear_on_disconnect: false,
      }),
    ],
  },
  {
    n: 24,
    title: 'external defaults wait for the next power cycle',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) =>
        rig.controller.limits.setExternalDefaults({ current: 16_000, clear_on_disconnect: true }),
      ),
      is(0.5, { s: { 8: '32000/on/no' } }),
      shows(0.5, (rig) => rig.controller.limits.externalDefaults(), {
        current: 16_000,
        clear_on_disconnect: true,
      }),
      at(1, (rig) => rig.controller.powerCycle()),
      is(1, { s: { 8: '16000/on/yes' } }),
    ],
  },
  {
    n: 26,
    title: 'enabling what is enabled keeps the current',
    given: (phase) => {
      const rig = ready({}, phase);
      rig.controller.limits.setManagementEnabled(true);
      rig.controller.limits.setSlot({ slot: 7, max_current: 10_000 });
      // Equal is what the last poll has shown.
      rig.advance(0.3);
      rig.restartWatch();
      return rig;
    },
    steps: [
      at(0, (rig) => rig.controller.limits.setManagementEnabled(true)),
      is(0.5, { s: { 7: '10000/on/yes' }, I: 10_000 }),
    ],
  },
  {
    n: 27,
    title: 'ventilation asked for',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => rig.car(240)),
      becomes(0.11, 0.15, { iec: 3, chg: 4, err: 5, D: 1000, L: 2, K: 1 }, 'D'),
      becomes(3, 3, { K: 0 }, 'K', 'D'),
      at(6, (rig) => rig.car(880)),
      stays(6, 35.99, { iec: 3, chg: 4, err: 5 }),
      becomes(36, 36.3, { ...C, K: 1, L: 4 }),
    ],
  },
  {
    n: 30,
    title: 'the contactor welds',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => {
        rig.controller.world.setSupply({ live: true, contactor: 'welded' });
        rig.car(2700);
      }),
      becomes(0.06, 0.1, { ...B, K: 0 }),
      becomes(1.35 - 0.1, 1.6, { iec: 4, chg: 4, err: 4, CE: 6, CS: 3 }),
      at(5, (rig) => rig.controller.world.setSupply({ live: true, contactor: 'ok' })),
      becomes(5.1, 5.36, { ...B, CE: 0, K: 0 }, 'B'),
      at(6, (rig) => rig.car(880)),
      becomes(30, 30, C, 'C', 'B'),
    ],
  },
  {
    n: 32,
    title: 'other limits while charging',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setExternalCurrent(10_000)),
      stays(0.25, 0.9, { D: 166, I: 10_000, iec: 2, K: 1 }),
      at(1, (rig) => rig.controller.limits.setExternalCurrent(6000)),
      stays(1.25, 1.9, { D: 100, I: 6000, iec: 2, K: 1 }),
      at(2, (rig) => rig.controller.limits.setExternalCurrent(32_000)),
      stays(2.25, 2.9, { D: 533, I: 32_000, iec: 2, K: 1 }),
    ],
  },
  {
    n: 33,
    title: 'another limit while waiting',
    given: (phase) => waiting({}, phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setExternalCurrent(6000)),
      stays(0, 2, { D: 266, I: 6000, ...B }),
    ],
  },
  {
    n: 34,
    title: 'charging_time as a flag',
    given: (phase) => ready({ chargingTime: 'flag' }, phase),
    steps: [
      at(0, (rig) => rig.car(2700)),
      becomes(...A_TO_B, { ...B, charging_time: 0 }, 'B'),
      becomes(180, 180, { charging_time: 1 }, 'flag', 'B'),
      at(190, (rig) => rig.controller.stopCharging()),
      is(191, { I: 0, charging_time: 1 }),
      at(192, (rig) => {
        rig.controller.startCharging();
        rig.car(880);
      }),
      becomes(192.25, 193.5, { ...C, charging_time: 0 }),
    ],
  },
  {
    n: 35,
    title: 'the LED goes to standby and wakes up',
    given: (phase) => ready({}, phase),
    steps: [
      // It went on at an uptime of 12.1 s, and the events start at 20 s and later.
      (t, rig) => becomes(892.1 - 0.25, 892.1, { L: 0 })(t, rig, new Map()),
      at(900, (rig) => rig.car(2700)),
      becomes(900.79, 901.04, { L: 1, ...B }),
    ],
  },
  {
    n: 37,
    title: 'an error pattern over the API is no error',
    given: (phase) => {
      const rig = charging({}, phase);
      rig.controller.setLedConfiguration(true);
      return rig;
    },
    steps: [
      at(0, (rig) => indicate(rig, 2003, 4000)),
      stays(0, 3.99, { L: 5, err: 0, chg: 3 }),
      becomes(4, 4, { L: 4, indication: -1, duration: 0 }),
    ],
  },
  {
    n: 38,
    title: 'an error ends an indication for good',
    given: (phase) => {
      const rig = ready({}, phase);
      rig.controller.setLedConfiguration(true);
      return rig;
    },
    steps: [
      at(0, (rig) => indicate(rig, 255, 60_000)),
      is(0.5, { L: 5, indication: 255, duration: 59_500 }),
      at(1, (rig) => rig.controller.world.setSupply({ live: false, contactor: 'ok' })),
      becomes(1.14, 1.4, { L: 2, err: 4, indication: -1, duration: 0 }),
      at(2, (rig) => indicate(rig, 255, 1000)),
      is(2, { L: 2, err: 4, indication: -1, duration: 0 }),
      at(3, (rig) => rig.controller.world.setSupply({ live: true, contactor: 'ok' })),
      becomes(3.1, 3.36, { L: 1, ...A }),
    ],
  },
  {
    n: 39,
    title: 'the LED without permission, and during boot',
    given: () => new TimedController(),
    steps: [
      at(5, (rig) => {
        rig.controller.setLedConfiguration(true);
        indicate(rig, 255, 60_000);
      }),
      is(5.5, { L: 3, indication: -1, duration: 0 }),
      at(20, (rig) => {
        rig.controller.setLedConfiguration(false);
        indicate(rig, 255, 5000);
      }),
      is(20.5, { L: 1, indication: -1, duration: 0 }),
    ],
  },
  {
    n: 40,
    title: 'unknown indications',
    given: (phase) => {
      const rig = ready({}, phase);
      rig.controller.setLedConfiguration(true);
      return rig;
    },
    steps: [
      at(0, (rig) => indicate(rig, 300, 100)),
      is(0, { L: 1, indication: -1, duration: 0 }),
      at(1, (rig) => indicate(rig, -2, 0)),
      is(1, { L: 1, indication: -1, duration: 0 }),
    ],
  },
  {
    n: 42,
    title: 'the global current survives a power cycle but no factory reset',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setGlobalCurrent(16_000)),
      is(0, { s: { 5: '16000/on/no' } }),
      at(1, (rig) => rig.controller.powerCycle()),
      is(1, { s: { 5: '16000/on/no' } }),
      at(14, (rig) => rig.controller.factoryReset()),
      becomes(14.5, 14.5, { s: { 5: '32000/on/no' } }),
    ],
  },
  {
    n: 43,
    title: 'what a factory reset leaves',
    given: (phase) => {
      const rig = ready({}, phase);
      rig.controller.setAutoStartCharging(false);
      rig.controller.setBoostMode(true);
      rig.controller.setUserCalibration(calibration({}));
      return rig;
    },
    steps: [
      at(1, (rig) => rig.controller.factoryReset()),
      becomes(1.5, 1.5, { s: { 4: '32000/on/no' }, L: 3 }),
      shows(1.5, (rig) => rig.controller.boostMode(), false),
      shows(1.5, (rig) => rig.controller.userCalibration(), calibration({})),
    ],
  },
  {
    n: 44,
    title: 'user calibration and back',
    given: (phase) => ready({}, phase),
    steps: [
      (t, rig) => {
        const factory = rig.controller.userCalibration();
        rig.controller.setUserCalibration(calibration({}));
        shows(0.5, (r) => r.controller.userCalibration(), calibration({}))(t, rig, new Map());
        rig.controller.setUserCalibration(calibration({ voltage_diff: 1, voltage_div: 0 }));
        shows(1, (r) => r.controller.userCalibration(), calibration({}))(t, rig, new Map());
        rig.controller.setUserCalibration(calibration({ user_calibration_active: false, voltage_diff: 7 }));
        shows(1.5, (r) => r.controller.userCalibration(), factory)(t, rig, new Map());
        t.false(factory.user_calibration_active);
      },
    ],
  },
  {
    n: 46,
    title: 'other cables',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => rig.vehicle({ cable_current: 0 })),
      stays(1.11, 2, { I: 13_000, s: { 1: '13000/on/no' } }),
      shows(2, (rig) => rig.controller.lowLevelState().resistances, [OPEN, 4_294_967_295]),
      at(2, (rig) => rig.vehicle({ cable_current: 20_000 })),
      stays(3.12, 4, { I: 20_000, s: { 1: '20000/on/no' } }),
      at(4, (rig) => rig.vehicle({ cable_current: 63_000 })),
      stays(5.12, 6, { I: 32_000, s: { 1: '64000/on/no' } }),
    ],
  },
  {
    n: 48,
    title: 'automation_current activates nothing',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => rig.controller.limits.setAutomationCurrent(6000)),
      is(0.5, { I: 32_000, s: { 14: '6000/off/no' } }),
    ],
  },
  {
    n: 51,
    title: 'a held key hides an error',
    given: (phase) => ready({ jumper: 8 }, phase),
    steps: [
      is(0, { iec: 4, chg: 4, err: 2, L: 2 }),
      at(0, (rig) => rig.button(true)),
      becomes(0.1, 0.1, { iec: 4, chg: 0, err: 0, L: 0 }),
      at(3, (rig) => rig.button(false)),
      becomes(3.1, 3.1, { iec: 4, chg: 4, err: 2, L: 2 }),
    ],
  },
];
