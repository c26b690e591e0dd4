import { A_TO_B, at, becomes, CLOSED_TO_DUTY, is, type Row, stays } from './_script.js';
import { charging, OPEN, ready, TimedController, waiting } from './_timed-controller.js';

const fresh = (
  options: ConstructorParameters<typeof TimedController>[0] = {},
  prepare?: ConstructorParameters<typeof TimedController>[2],
) => new TimedController(options, 0, prepare);

const A = { iec: 0, chg: 0, err: 0 };
const BLOCKED = { iec: 1, chg: 1, err: 0 };
const B = { iec: 1, chg: 2, err: 0 };
const C = { iec: 2, chg: 3, err: 0 };

/** The scenarios of controller-model 14 about charging; its numbers have gaps (9, 13, 16, 18, 21, ... don't exist). */
export const CHARGING: readonly Row[] = [
  {
    n: 1,
    title: 'power-on without a vehicle',
    given: () => fresh(),
    steps: [
      is(0, { CS: 0, s: { 1: '64000/on/no', 4: '32000/on/no' } }),
      becomes(0.35, 0.35, { CS: 1 }),
      becomes(0.725, 0.725, { s: { 1: '32000/on/no' } }),
      stays(0.725, 12.09, { ...A, L: 3, D: 1000 }),
      becomes(12.1, 12.1, { ...A, L: 1, D: 1000 }),
    ],
  },
  {
    n: 2,
    title: 'power-on with a vehicle that asks',
    given: () => fresh({}, (c) => c.world.setVehicle({ ...c.world.vehicle(), cp_resistance: 880 })),
    steps: [
      stays(0, 12.09, { ...A, K: 0 }),
      becomes(12.1, 12.1, { ...C, K: 1, D: 266, L: 4 }, 'K'),
      becomes(...CLOSED_TO_DUTY, { D: 533 }, 'D', 'K'),
      becomes(1.25, 1.5, { CS: 3 }, 'CS', 'K'),
    ],
  },
  {
    n: 3,
    title: 'power-on with the key off',
    given: () => fresh({}, (c) => c.world.setButton({ pressed: true })),
    steps: [
      becomes(0.2, 0.2, { pressed: true, I: 0, L: 0, s: { 4: '0/on/no' } }),
      at(14, (rig) => rig.button(false)),
      becomes(14.1, 14.1, { pressed: false, L: 1, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 4,
    title: 'jumper not configured',
    given: () => fresh({ jumper: 8 }),
    steps: [
      stays(0, 12.09, { ...A, I: 6000 }),
      becomes(12.1, 12.1, { iec: 4, chg: 4, err: 2, L: 2, D: 1000, K: 0, I: 6000 }),
      at(13, (rig) => {
        rig.controller.startCharging();
        rig.car(880);
      }),
      stays(13, 60, { iec: 4, chg: 4, err: 2, L: 2, D: 1000, K: 0, I: 6000 }),
    ],
  },
  {
    n: 5,
    title: 'a whole charge',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => rig.car(2700)),
      becomes(...A_TO_B, { ...B, D: 266, L: 1 }),
      at(3, (rig) => rig.car(880)),
      becomes(3.37, 3.63, { ...C, K: 1, L: 4 }, 'K'),
      becomes(...CLOSED_TO_DUTY, { D: 533 }, 'D', 'K'),
      becomes(1.25, 1.5, { CS: 3 }, 'CS', 'K'),
      at(9, (rig) => rig.car(2700)),
      becomes(9.06, 9.1, { ...B, K: 0, L: 1 }),
      becomes(9.74, 9.79, { D: 266 }),
      becomes(10.2, 10.6, { CS: 1 }),
      at(12, (rig) => rig.car(OPEN)),
      becomes(14.86, 15.11, { ...A, D: 1000 }),
    ],
  },
  {
    n: 6,
    title: 'unplugged while charging',
    given: (phase) => charging({}, phase),
    steps: [at(0, (rig) => rig.car(OPEN)), becomes(0, 0.06, { ...B, K: 0 }), becomes(3.3, 4.3, A)],
  },
  {
    n: 7,
    title: 'blocked by external control',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => {
        rig.controller.limits.setExternalCurrent(0);
        rig.car(2700);
      }),
      becomes(...A_TO_B, { ...BLOCKED, I: 0, D: 1000 }),
      at(5, (rig) => rig.car(OPEN)),
      becomes(5.08, 5.34, A),
    ],
  },
  {
    n: 8,
    title: 'stopped and started over the API',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => rig.controller.stopCharging()),
      is(0, { ...BLOCKED, I: 0, D: 1000, K: 1, s: { 4: '0/on/no' } }),
      at(0.5, (rig) => rig.car(2700)),
      becomes(0.56, 0.6, { K: 0 }),
      becomes(1.7, 2.1, { CS: 1 }),
      at(10.5, (rig) => rig.controller.startCharging()),
      is(10.5, { ...B, D: 266, s: { 4: '32000/on/no' } }),
      at(11.5, (rig) => rig.car(880)),
      becomes(11.87, 12.13, { ...C, K: 1 }),
    ],
  },
  {
    n: 10,
    title: 'a short pause of the vehicle',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => rig.car(2700)),
      becomes(0.06, 0.1, B, 'B'),
      at(1, (rig) => rig.car(880)),
      becomes(5, 5, { ...C, K: 1 }, 'C', 'B'),
    ],
  },
  {
    n: 11,
    title: 'stopped over the API, then unplugged',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => {
        rig.car(2700);
        rig.controller.stopCharging();
      }),
      at(3, (rig) => rig.car(OPEN)),
      becomes(3, 3.34, { ...A, I: 32_000, s: { 4: '32000/on/no' } }),
      at(6, (rig) => rig.car(880)),
      // A conversion in which the vehicle came may still make it B first.
      becomes(6.79, 7.54, C),
    ],
  },
  {
    n: 12,
    title: 'without auto start',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => rig.controller.setAutoStartCharging(false)),
      is(0, { ...A, I: 0, s: { 4: '0/on/yes' } }),
      (t, rig) => {
        rig.advance(0.3);
        t.false(rig.controller.autoStartCharging());
      },
      at(1, (rig) => rig.car(2700)),
      becomes(1.79, 2.04, { ...BLOCKED, D: 1000 }),
      at(4, (rig) => rig.controller.startCharging()),
      is(4, { ...B, s: { 4: '32000/on/yes' } }),
      at(5, (rig) => rig.car(880)),
      becomes(5.37, 5.63, C),
      at(9, (rig) => rig.car(OPEN)),
      becomes(12.3, 13.3, { ...A, I: 0, s: { 4: '0/on/yes' } }),
      at(14, (rig) => rig.controller.powerCycle()),
      is(14, { s: { 4: '0/on/yes' } }),
    ],
  },
  {
    n: 14,
    title: 'auto start off stops a vehicle that waits',
    given: (phase) => waiting({}, phase),
    steps: [
      at(0, (rig) => rig.controller.setAutoStartCharging(false)),
      is(0.3, { ...BLOCKED, D: 1000, s: { 4: '0/on/yes' } }),
    ],
  },
  {
    n: 15,
    title: 'auto start on again starts a stopped vehicle',
    given: (phase) => waiting({}, phase),
    steps: [
      at(0, (rig) => rig.controller.stopCharging()),
      is(1, { ...BLOCKED, D: 1000, s: { 4: '0/on/no' } }),
      at(1, (rig) => rig.controller.setAutoStartCharging(true)),
      is(1.3, { ...B, D: 266, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 17,
    title: 'key off, vehicle comes, key on',
    given: (phase) => ready({}, phase),
    steps: [
      at(0, (rig) => rig.button(true)),
      becomes(0.1, 0.1, { I: 0, s: { 4: '0/on/no' } }),
      at(1, (rig) => rig.car(2700)),
      becomes(1.79, 2.04, BLOCKED),
      at(4, (rig) => rig.button(false)),
      becomes(4.1, 4.1, { ...B, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 19,
    title: 'too short a press',
    given: (phase) => charging({}, phase),
    steps: [
      at(0, (rig) => rig.button(true)),
      stays(0, 0.09, { iec: 2, pressed: false, s: { 4: '32000/on/no' } }),
      at(0.09, (rig) => rig.button(false)),
      stays(0.09, 3, { iec: 2, pressed: false, s: { 4: '32000/on/no' } }),
    ],
  },
  {
    n: 20,
    title: 'the button can not start without auto start',
    given: (phase) => {
      const rig = waiting({}, phase);
      rig.controller.setAutoStartCharging(false);
      return rig;
    },
    steps: [
      is(0.5, BLOCKED),
      at(1, (rig) => rig.button(true)),
      at(2, (rig) => rig.button(false)),
      stays(2, 6, { ...BLOCKED, s: { 4: '0/on/yes' } }),
    ],
  },
];
