import test from 'ava';
import { dutyFor } from '../../src/model/board/mean-pilot.js';
import { ready, TimedController } from './_timed-controller.js';

test('the duty cycle is 266 until the contactor is closed, then follows the current', (t) => {
  t.is(dutyFor(32_000, false), 266);
  t.is(dutyFor(6000, false), 266);
  t.is(dutyFor(6000, true), 100);
  t.is(dutyFor(32_000, true), 533);
});

for (const [load, iec] of [
  [65_535, 0],
  [9700, 0],
  [9500, 1],
  [1795, 1],
  [1785, 2],
  [302, 2],
  [298, 3],
  [152, 3],
  [148, 4],
  [60, 4],
] as const) {
  test(`${load} ohms at power-on are state ${'ABCDE'[iec]}`, (t) => {
    const rig = new TimedController({}, 0, (controller) =>
      controller.world.setVehicle({ ...controller.world.vehicle(), cp_resistance: load }),
    );
    rig.advance(12.1);
    t.is(rig.look.iec, iec);
  });
}

test('in guard mode A begins above 30000 ohms only, as far as the converter can tell', (t) => {
  for (const [load, iec] of [
    [29_000, 1],
    [31_500, 0],
  ] as const) {
    const rig = ready();
    rig.car(2700);
    rig.advance(3);
    rig.car(load);
    rig.advance(10);
    t.is(rig.look.iec, iec, `${load} ohms`);
  }
});
