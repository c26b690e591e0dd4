import test from 'ava';
import { dutyFor, Pilot } from '../../src/model/board/pilot.js';
import { ready, TimedController } from './_timed-controller.js';

/** A pilot whose every sample is the next number of a list. */
function pilotOn(samples: number[]): Pilot {
  return new Pilot(0, false, { cpSample: () => samples.shift() ?? 880, ppSample: () => 7213 });
}

/** Takes `count` samples and gives the times of those that were due. */
function run(pilot: Pilot, count: number): number[] {
  return Array.from({ length: count }, () => {
    const due = pilot.dueAt;
    pilot.sample(due);
    return due;
  });
}

test('with the contactor open the two contacts take turns, closed there is only the pilot', (t) => {
  const pilot = pilotOn([]);
  t.deepEqual(run(pilot, 4), [125, 250, 375, 500]);
  pilot.contactorSwitched(600, true);
  t.deepEqual(run(pilot, 4), [631.25, 662.5, 693.75, 725]);
  pilot.contactorSwitched(800, false);
  t.deepEqual(run(pilot, 3), [925, 1050, 1175]);
});

test('the resistance is the rounded mean of the last four samples', (t) => {
  const pilot = pilotOn([1000, 2000, 3000, 4001, 5001]);
  run(pilot, 7);
  t.is(pilot.resistance, 2500);
  run(pilot, 2);
  t.is(pilot.resistance, 3501);
  t.is(pilot.newest, 5001);
});

test('two samples are ignored after a change of the duty cycle, four after the contactor moved', (t) => {
  const ignored = (change: (pilot: Pilot) => void) => {
    const pilot = pilotOn([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    pilot.contactorSwitched(0, true);
    run(pilot, 4);
    t.false(pilot.blanked);
    run(pilot, 1);
    t.is(pilot.newest, 1);
    change(pilot);
    let count = 0;
    while (pilot.newest === 1) {
      run(pilot, 1);
      count++;
    }
    return count - 1;
  };
  t.is(
    ignored(() => {}),
    0,
  );
  t.is(
    ignored((pilot) => pilot.setDuty(266)),
    2,
  );
  t.is(
    ignored((pilot) => pilot.setBoost(true)),
    0,
    'no PWM, no change',
  );
  t.is(
    ignored((pilot) => {
      pilot.contactorSwitched(1000, true);
      pilot.setDuty(533);
    }),
    4,
  );
});

test('boost only adds to a PWM signal', (t) => {
  const pilot = pilotOn([]);
  pilot.setBoost(true);
  t.is(pilot.physicalDuty, 1000);
  pilot.setDuty(266);
  t.is(pilot.physicalDuty, 270);
  t.is(pilot.duty, 266);
});

test('the duty cycle is 266 until the contactor is closed, then follows the current', (t) => {
  t.is(dutyFor(32_000, false), 266);
  t.is(dutyFor(6000, false), 266);
  t.is(dutyFor(6000, true), 100);
  t.is(dutyFor(32_000, true), 533);
});

for (const [load, iec] of [
  [65_535, 0],
  [10_001, 0],
  [10_000, 1],
  [1791, 1],
  [1790, 2],
  [301, 2],
  [300, 3],
  [151, 3],
  [150, 4],
  [60, 4],
] as const) {
  test(`${load} ohms at power-on are state ${'ABCDE'[iec]}`, (t) => {
    const rig = new TimedController({}, 0, (controller) =>
      controller.setVehicle({ ...controller.vehicle(), cp_resistance: load }),
    );
    rig.advance(12.1);
    t.is(rig.look.iec, iec);
  });
}

test('in guard mode A begins above 30000 ohms only', (t) => {
  for (const [load, iec] of [
    [30_000, 1],
    [30_001, 0],
  ] as const) {
    const rig = ready();
    rig.car(2700);
    rig.advance(3);
    rig.car(load);
    rig.advance(10);
    t.is(rig.look.iec, iec, `${load} ohms`);
  }
});
