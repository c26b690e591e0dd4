import test from 'ava';
import fc from 'fast-check';
import type { UserCalibration } from '../../src/model/api-types.js';
import { Controller, type ControllerOptions } from '../../src/model/controller.js';
import { anyAction } from './_actions.js';
import { Walk } from './_fuzz.js';
import { ready, slotText, TimedController } from './_timed-controller.js';

const CALIBRATION: UserCalibration = {
  user_calibration_active: true,
  voltage_diff: -95,
  voltage_mul: 12_205,
  voltage_div: 12_157,
  resistance_2700: 312,
  resistance_880: [1517, 984, 870, 795, 803, 769, 671, 748, 691, 588, 598, 549, 537, 606],
};

function booted(options: ControllerOptions): Controller {
  const controller = new Controller(options);
  controller.tick(0);
  return controller;
}

const slots = (controller: Controller) => controller.limits.slots().map(slotText);

test('the slots of a new controller after its first boot, and after a later one', (t) => {
  const first = booted({});
  const others = ['32000/off/no', '32000/off/no'];
  t.deepEqual(slots(first), [
    '32000/on/no',
    '64000/on/no',
    ...others,
    '32000/on/no',
    '32000/on/no',
    '0/off/yes',
    '0/off/yes',
    '32000/on/no',
    ...['32000/off/no', '32000/off/no', '32000/off/no'],
    '32000/on/no',
    ...others,
  ]);
  const later = slots(booted({ flash: first.flashImage() }));
  t.deepEqual(later, slots(first).with(13, '0/off/no'));
});

test('settings survive in the image', (t) => {
  const one = ready().controller;
  one.limits.setGlobalCurrent(20_000);
  one.setAutoStartCharging(false);
  one.limits.setExternalDefaults({ current: 6000, clear_on_disconnect: true });
  for (const enable of [
    'setManagementEnabled',
    'setUserEnabled',
    'setModbusTcpEnabled',
    'setOcppEnabled',
  ] as const) {
    one.limits[enable](true);
  }
  one.setBoostMode(true);
  one.setUserCalibration(CALIBRATION);
  one.setLedConfiguration(true);
  one.setMeterSlot(3);
  // These are gone with the power.
  one.limits.setExternalCurrent(8000);
  one.limits.setAutomationCurrent(9000);
  one.limits.setSlot({ slot: 9, max_current: 7000 });
  const other = booted({ flash: JSON.parse(JSON.stringify(one.flashImage())) });
  t.deepEqual(slots(other).slice(4), [
    '0/on/yes',
    '20000/on/no',
    '0/on/yes',
    '0/on/yes',
    '6000/on/yes',
    ...['32000/on/no', '32000/on/no', '32000/on/no', '32000/on/no'],
    // A charger that has seen a meter starts blocked, until it sees it again.
    ...['0/on/no', '32000/off/no'],
  ]);
  t.true(other.boostMode());
  t.deepEqual(other.userCalibration(), CALIBRATION);
  t.true(other.ledApiEnabled());
  t.is(other.meterSlot(), 3);
  t.false(other.autoStartCharging());
});

test('the flash is written only for a change, except for boost and calibration', (t) => {
  const { controller } = ready();
  const writes = (act: () => void) => {
    const before = controller.flashWrites;
    act();
    return controller.flashWrites - before;
  };
  t.is(
    writes(() => controller.limits.setGlobalCurrent(16_000)),
    1,
  );
  t.is(
    writes(() => controller.limits.setGlobalCurrent(16_000)),
    0,
  );
  t.is(
    writes(() => controller.setAutoStartCharging(true)),
    0,
  );
  t.is(
    writes(() => controller.setAutoStartCharging(false)),
    1,
  );
  t.is(
    writes(() => controller.limits.setExternalCurrent(6000)),
    0,
  );
  t.is(
    writes(() => controller.setLedConfiguration(true)),
    1,
  );
  t.is(
    writes(() => controller.setLedConfiguration(true)),
    0,
  );
  t.is(
    writes(() => controller.setBoostMode(false)),
    1,
  );
  t.is(
    writes(() => controller.setBoostMode(false)),
    1,
  );
  t.is(
    writes(() => controller.setUserCalibration({ ...CALIBRATION, user_calibration_active: false })),
    1,
  );
});

test('a wrong item starts as from the factory, the others stay', (t) => {
  const { controller } = ready();
  controller.limits.setGlobalCurrent(20_000);
  controller.setBoostMode(true);
  const image = controller.flashImage();
  const wrong = image.slots.map((slot, offset) => (offset === 6 ? { ...slot, max_current: 500 } : slot));
  const other = booted({
    flash: { ...image, slots: wrong, energy: 'much', meter_slot: 256, user_calibration: 5 },
  });
  t.is(slots(other)[5], '20000/on/no');
  t.is(slots(other)[8], '32000/on/no');
  t.true(other.boostMode());
  t.is(other.meterSlot(), 0);
  t.is(other.meter.values().energy_abs, 0);
  t.false(other.userCalibration().user_calibration_active);
});

test('a calibration with any member wrong is none', (t) => {
  const wrong = {
    voltage_diff: 32_768,
    voltage_mul: '1',
    voltage_div: 0,
    resistance_2700: null,
    resistance_880: [1, 2, 3],
  };
  t.true(booted({ flash: { user_calibration: CALIBRATION } }).userCalibration().user_calibration_active);
  for (const [member, value] of Object.entries(wrong)) {
    const flash = { user_calibration: { ...CALIBRATION, [member]: value } };
    t.false(booted({ flash }).userCalibration().user_calibration_active, member);
  }
});

test('no garbage in the image stops the model or breaks an invariant', (t) => {
  const image = booted({}).flashImage();
  const garbled = fc.record(Object.fromEntries(Object.keys(image).map((key) => [key, fc.anything()])));
  const property = fc.property(
    fc.oneof(fc.anything(), fc.jsonValue(), garbled),
    fc.array(anyAction),
    (flash, actions) => {
      const one = new Walk({ flash }, 0);
      for (const action of actions) one.act(action);
      JSON.stringify(one.controller.flashImage());
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 200, includeErrorInReport: true }));
});

test('an image goes round unchanged', (t) => {
  const property = fc.property(fc.array(anyAction, { maxLength: 15 }), (actions) => {
    const one = new Walk({}, 0);
    for (const action of actions) one.act(action);
    const image = JSON.parse(JSON.stringify(one.controller.flashImage()));
    const { flash } = { flash: new Controller({ flash: image }).flashImage() };
    // Booting puts the defaults of slots 6, 7 and 13 right, as every boot does.
    t.deepEqual({ ...flash, slots: [] }, { ...image, slots: [] });
    const kept = (all: readonly unknown[]) => all.filter((_, offset) => ![4, 5, 11].includes(offset));
    t.deepEqual(kept(flash.slots), kept(image.slots));
  });
  fc.assert(property, { numRuns: 100, includeErrorInReport: true });
});

test('a power cycle in the middle of a charge starts from the beginning', (t) => {
  const rig = new TimedController();
  rig.car(880);
  rig.advance(20);
  t.is(rig.look.K, 1);
  rig.controller.powerCycle();
  t.deepEqual([rig.look.iec, rig.look.K, rig.look.L], [0, 0, 3]);
  rig.advance(32);
  t.is(rig.look.iec, 0);
  rig.advance(32.2);
  t.is(rig.look.iec, 2);
});
