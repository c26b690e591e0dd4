import test from 'ava';
import { energyOf, ready, TimedController } from './_timed-controller.js';

const current = (rig: TimedController) => rig.controller.meter.allValues()[3] ?? Number.NaN;
const phaseCurrents = (rig: TimedController) => rig.controller.meter.allValues().slice(3, 6);

/** Seconds until `done`, at most `most`. */
function lasts(rig: TimedController, most: number, done: () => boolean): number {
  const from = rig.seconds;
  return rig.advance(from + most, done) ? rig.seconds - from : Number.POSITIVE_INFINITY;
}

/** A vehicle that charges with all it may draw. */
function drawing(seed: number, noise = true): TimedController {
  const rig = new TimedController({ noise, seed });
  rig.vehicle({ connected: true, requesting: true, max_current: 32_000 });
  rig.advance(60);
  return rig;
}

test('a vehicle closes S2 within 1..5 s after the PWM appears, and not without', (t) => {
  const all: number[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const rig = ready({ noise: true, seed });
    rig.controller.limits.setExternalCurrent(0);
    rig.vehicle({ connected: true, requesting: true });
    rig.advance(30);
    t.is(rig.look.iec, 1);
    rig.controller.limits.setExternalCurrent(16_000);
    const seconds = lasts(rig, 10, () => rig.look.iec === 2);
    t.true(seconds >= 1.2 && seconds <= 5.8, `${seconds} s`);
    all.push(seconds);
  }
  t.true(Math.min(...all) < 3 && Math.max(...all) > 4, 'not all vehicles are alike');
});

test('a sleeping vehicle never asks', (t) => {
  const rig = ready();
  rig.vehicle({ connected: true });
  t.is(
    lasts(rig, 600, () => rig.look.iec === 2),
    Number.POSITIVE_INFINITY,
  );
});

test('its current ramps up within 2..10 s after the contactor has closed', (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const rig = ready({ noise: true, seed });
    rig.vehicle({ connected: true, requesting: true, max_current: 32_000 });
    rig.advance(20, () => rig.look.K === 1);
    const seconds = lasts(rig, 20, () => current(rig) > 31);
    t.true(seconds >= 2 && seconds <= 10, `${seconds} s`);
  }
});

test('it respects a lower limit within 5 s, and takes up a higher one', (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const rig = drawing(seed);
    rig.controller.limits.setExternalCurrent(10_000);
    const down = lasts(rig, 20, () => current(rig) < 10.1);
    t.true(down >= 0.5 && down <= 5, `${down} s down`);
    rig.advance(rig.seconds + 5);
    rig.controller.limits.setExternalCurrent(20_000);
    const up = lasts(rig, 20, () => current(rig) > 19.5);
    t.true(up >= 0.5 && up <= 5, `${up} s up`);
  }
});

test('told to stop it draws nothing and is in B without load before the 3 s are over', (t) => {
  for (let seed = 0; seed < 20; seed++) {
    const rig = drawing(seed);
    rig.controller.stopCharging();
    const stopped = lasts(rig, 5, () => current(rig) === 0);
    t.true(stopped <= 1, `${stopped} s`);
    t.true(rig.advance(rig.seconds + 1.5, () => rig.look.K === 0));
    t.is(rig.look.iec, 1);
  }
});

test('it asks again after a stop, within the 5 s rule', (t) => {
  const rig = drawing(3);
  rig.controller.stopCharging();
  rig.advance(rig.seconds + 1.5);
  rig.controller.startCharging();
  const seconds = lasts(rig, 20, () => rig.look.iec === 2);
  t.true(seconds >= 3.4 && seconds <= 8, `${seconds} s`);
});

test('a vehicle that has enough runs its current down before it opens S2', (t) => {
  const rig = drawing(3, false);
  rig.vehicle({ requesting: false });
  const opened = lasts(rig, 5, () => rig.look.K === 0);
  t.true(opened > 1.5 && opened < 1.7, `${opened} s`);
  t.is(current(rig), 0);
  t.is(rig.look.iec, 1);
  t.is(rig.look.D === 1000, false, 'the PWM stays');
});

test('unplugged while charging it draws nothing at once', (t) => {
  const rig = drawing(3, false);
  rig.vehicle({ connected: false });
  rig.advance(rig.seconds + 0.3);
  t.is(current(rig), 0);
  rig.advance(rig.seconds + 5);
  t.is(rig.look.iec, 0);
});

test('phases, max_current and the limit decide what it draws', (t) => {
  const rig = drawing(1, false);
  t.deepEqual(phaseCurrents(rig), [31.98, 31.98, 31.98]);
  rig.vehicle({ phases: 1 });
  rig.advance(rig.seconds + 5);
  t.deepEqual(phaseCurrents(rig), [31.98, 0, 0]);
  rig.vehicle({ phases: 2, max_current: 9000 });
  rig.advance(rig.seconds + 5);
  t.deepEqual(phaseCurrents(rig), [9, 9, 0]);
  t.deepEqual(rig.controller.meter.phases().phases_active, [true, true, false]);
  rig.controller.limits.setExternalCurrent(6000);
  rig.advance(rig.seconds + 5);
  t.deepEqual(phaseCurrents(rig), [6, 6, 0]);
});

test('a wish for energy ends the charge, and can be made again', (t) => {
  const rig = drawing(1, false);
  const before = energyOf(rig.controller);
  rig.vehicle({ energy_wanted: 500 });
  t.true(rig.advance(rig.seconds + 200, () => rig.look.iec === 1));
  t.false(rig.controller.world.vehicle().requesting);
  rig.advance(rig.seconds + 5);
  const delivered = (energyOf(rig.controller) - before) * 1000;
  t.true(delivered >= 500 && delivered < 507, `${delivered} Wh`);
  rig.vehicle({ requesting: true });
  t.true(rig.advance(rig.seconds + 20, () => rig.look.iec === 2));
  t.true(rig.advance(rig.seconds + 200, () => rig.look.iec === 1));
});

test('a vehicle that asks for ventilation gets none', (t) => {
  const rig = ready();
  rig.vehicle({ connected: true, requesting: true, ventilation: true });
  t.true(rig.advance(20, () => rig.look.iec === 3));
  t.is(rig.look.err, 5);
});

test('a contactor that does not close feeds nobody', (t) => {
  const rig = ready();
  rig.controller.world.setSupply({ live: true, contactor: 'stuck_open' });
  rig.vehicle({ connected: true, requesting: true });
  t.true(rig.advance(20, () => rig.look.CE === 2));
  t.is(current(rig), 0);
  t.is(rig.look.iec, 4);
});
