import test from 'ava';
import { Ramp } from '../../src/model/world/ramp.js';
import { energyOf, powerOf, TimedController } from './_timed-controller.js';

function drawing(noise: boolean): TimedController {
  const rig = new TimedController({ noise, seed: 5 });
  rig.vehicle({ connected: true, requesting: true, max_current: 20_000 });
  rig.advance(60);
  return rig;
}

test('a ramp counts what has flowed', (t) => {
  const ramp = new Ramp();
  ramp.head(1000, 100, 50, 100);
  t.is(ramp.at(120), 0);
  t.is(ramp.at(200), 500);
  t.is(ramp.take(200), 12_500);
  t.is(ramp.take(200), 0);
  t.is(ramp.take(350), 37_500 + 100_000);
  ramp.head(0, 400, 0, 0);
  t.is(ramp.at(400), 0);
  t.is(ramp.take(1000), 50_000);
});

test('the meter counts exactly what is drawn', (t) => {
  const rig = drawing(false);
  const before = energyOf(rig.controller);
  const power = powerOf(rig.controller);
  t.is(power, 3 * 230 * 20);
  rig.advance(rig.seconds + 3600);
  const { energy_abs, energy_rel } = rig.controller.meter.values();
  t.true(Math.abs(energyOf(rig.controller) - before - power / 1000) < 0.001);
  t.is(energy_rel, energy_abs);
});

test('with noise the sum of the powers is still the energy', (t) => {
  const rig = drawing(true);
  const before = energyOf(rig.controller);
  let sum = 0;
  const polls = 4 * 900;
  for (let poll = 0; poll < polls; poll++) {
    rig.advance(rig.seconds + 0.25);
    sum += powerOf(rig.controller) / 3600 / 4 / 1000;
  }
  const counted = energyOf(rig.controller) - before;
  t.true(Math.abs(counted - sum) / sum < 0.005, `${counted} kWh counted, ${sum} kWh summed`);
});

test('the long list has the older order and null where nothing is measured', (t) => {
  const rig = drawing(false);
  const all = rig.controller.meter.allValues();
  t.is(all.length, 85);
  t.deepEqual(all.slice(0, 9), [230, 230, 230, 20, 20, 20, 4600, 4600, 4600]);
  t.deepEqual(all.slice(21, 25), [230, 20, 60, 13_800]);
  t.is(all[29], 50);
  t.is(all[30], energyOf(rig.controller));
  t.is(all[65], all[30]);
  t.is(all[31], 0);
  t.is(all[40], null);
  rig.controller.world.setSupply({ live: false, contactor: 'ok' });
  rig.advance(rig.seconds + 1);
  t.deepEqual(rig.controller.meter.allValues().slice(0, 9), [0, 0, 0, 0, 0, 0, 0, 0, 0]);
  t.deepEqual(rig.controller.meter.phases(), {
    phases_connected: [false, false, false],
    phases_active: [false, false, false],
  });
});

test('the count outlives a power cycle, a factory reset and, saved, the process', (t) => {
  const rig = drawing(false);
  rig.advance(3600);
  const writes = rig.controller.flashWrites;
  rig.vehicle({ requesting: false });
  rig.advance(rig.seconds + 5);
  t.is(rig.controller.flashWrites, writes + 1, 'saved when the current has ended');
  const counted = energyOf(rig.controller);
  t.true(counted > 13);
  rig.controller.powerCycle();
  t.is(energyOf(rig.controller), counted);
  rig.controller.factoryReset();
  rig.advance(rig.seconds + 1);
  t.is(energyOf(rig.controller), counted);
  const next = new TimedController({ flash: rig.controller.flashImage() });
  t.is(energyOf(next.controller), counted);
});

test('while charging the count is saved at every kWh', (t) => {
  const rig = drawing(false);
  const writes = rig.controller.flashWrites;
  const before = energyOf(rig.controller);
  rig.advance(rig.seconds + 3600);
  const whole = Math.floor(energyOf(rig.controller)) - Math.floor(before);
  t.is(rig.controller.flashWrites - writes, whole);
});
