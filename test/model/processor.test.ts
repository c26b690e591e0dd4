import test from 'ava';
import { charging, energyOf, OPEN, ready, TimedController, waiting } from './_timed-controller.js';

const user = (rig: TimedController) => rig.controller.currentCharge().user_id;
const NOBODY = -1;

test('what the API shows is refreshed every 250 ms and not before', (t) => {
  const rig = ready();
  const { polls } = rig.controller;
  rig.controller.limits.setExternalCurrent(10_000);
  t.is(rig.controller.limits.slots()[8]?.max_current, 32_000);
  t.is(rig.look.I, 10_000);
  t.true(rig.advance(0.25, () => rig.controller.polls > polls));
  t.is(rig.controller.limits.slots()[8]?.max_current, 10_000);
  t.is(rig.controller.state().allowed_charging_current, 10_000);
  rig.advance(10);
  t.is(rig.controller.polls, polls + 40);
});

test('start and stop go by the last poll', (t) => {
  const rig = charging();
  rig.controller.powerCycle();
  rig.controller.stopCharging();
  t.is(rig.slot(4), '32000/on/no', 'the poll right after power-on says A');
  rig.advance(rig.seconds + 12.2);
  t.is(rig.look.iec, 2);
  t.is(rig.controller.state().iec61851_state, 0);
  rig.controller.stopCharging();
  t.is(rig.look.iec, 2, 'the poll is from before the charge');
  rig.advance(rig.seconds + 0.3);
  rig.controller.stopCharging();
  t.is(rig.look.iec, 1);
});

test('start is ignored while the button is held, and works after', (t) => {
  const rig = charging();
  rig.button(true);
  rig.advance(1);
  rig.controller.startCharging();
  t.is(rig.slot(4), '0/on/no');
  rig.button(false);
  rig.advance(2);
  t.is(rig.slot(4), '0/on/no', 'the stop latch keeps it stopped');
  rig.controller.startCharging();
  t.is(rig.slot(4), '32000/on/no');
});

test('a button held in A and released with a vehicle starts the charge', (t) => {
  const rig = ready();
  rig.button(true);
  rig.advance(1);
  rig.car(2700);
  rig.advance(3);
  t.is(rig.look.chg, 1);
  rig.button(false);
  rig.advance(3.2);
  t.is(rig.look.chg, 2);
});

test('a stop over the API while the button is held sets no stop latch', (t) => {
  const rig = ready();
  rig.button(true);
  rig.advance(1);
  rig.car(2700);
  rig.advance(3);
  rig.controller.stopCharging();
  rig.button(false);
  rig.advance(3.2);
  t.is(rig.look.chg, 2);
});

test('stop in D only changes the slot, and auto start off leaves a running charge alone', (t) => {
  const rig = charging();
  rig.car(240);
  rig.advance(1);
  t.is(rig.look.iec, 3);
  rig.controller.stopCharging();
  t.deepEqual([rig.look.iec, rig.slot(4)], [3, '0/on/no']);
  const other = charging();
  other.controller.setAutoStartCharging(false);
  t.is(other.slot(4), '32000/on/yes');
  other.car(OPEN);
  other.advance(5);
  t.is(other.slot(4), '0/on/yes');
});

test('without user authorization a charge is recorded for nobody in particular', (t) => {
  const rig = waiting();
  rig.advance(1);
  t.is(rig.slot(6), '32000/off/yes');
  t.is(user(rig), 0);
  t.is(rig.controller.currentCharge().meter_start, 0);
  t.true(rig.controller.currentCharge().evse_uptime_start > 20_000);
  rig.car(OPEN);
  rig.advance(6);
  t.is(rig.slot(6), '0/off/yes');
  t.is(user(rig), NOBODY);
});

test('the slot of the users is emptied when the vehicle has left, even without clear_on_disconnect', (t) => {
  const rig = ready();
  rig.controller.limits.setSlot({ slot: 6, clear_on_disconnect: false });
  rig.car(2700);
  rig.advance(4);
  t.is(rig.slot(6), '32000/off/no');
  rig.car(OPEN);
  rig.advance(10);
  t.is(rig.slot(6), '0/off/no');
});

test('with user authorization a vehicle waits until a user is let through', (t) => {
  const rig = ready();
  rig.controller.limits.setUserEnabled(true);
  t.is(rig.slot(6), '0/on/yes');
  rig.car(2700);
  rig.advance(4);
  t.deepEqual([rig.look.chg, rig.look.L, rig.look.indication], [1, 5, 1003]);
  t.is(user(rig), NOBODY);
  rig.controller.limits.setSlot({ slot: 6, max_current: 20_000 });
  rig.advance(7.5);
  t.deepEqual([rig.look.chg, rig.look.L, rig.look.I], [2, 1, 20_000]);
  t.is(user(rig), 1);
  rig.car(OPEN);
  rig.advance(12);
  t.is(rig.slot(6), '0/on/yes');
  t.is(user(rig), NOBODY);
});

test('enabling user authorization ends a recorded charge', (t) => {
  const rig = charging();
  t.is(user(rig), 0);
  rig.controller.limits.setUserEnabled(true);
  t.is(user(rig), NOBODY);
  t.is(rig.look.chg, 1);
  rig.controller.limits.setUserEnabled(false);
  t.is(rig.slot(6), '0/on/yes', 'the last poll still shows it as off');
  rig.advance(0.3);
  rig.controller.limits.setUserEnabled(false);
  t.is(rig.slot(6), '32000/off/no');
});

test('without news from its manager a managed charger stops after 30 s', (t) => {
  const rig = charging();
  rig.controller.limits.setManagementEnabled(true);
  t.is(rig.slot(7), '0/on/yes');
  const packet = () => rig.controller.limits.setSlot({ slot: 7, max_current: 10_000 });
  packet();
  rig.advance(25);
  t.is(rig.look.I, 10_000);
  packet();
  const from = rig.seconds;
  t.true(rig.advance(from + 40, () => rig.look.I === 0));
  t.true(rig.seconds - from > 30 && rig.seconds - from <= 31, `${rig.seconds - from} s`);
  packet();
  rig.advance(rig.seconds + 5);
  t.is(rig.look.I, 10_000);
  rig.controller.limits.setManagementEnabled(false);
  t.is(rig.slot(7), '32000/off/no');
  rig.advance(rig.seconds + 60);
  t.is(rig.look.I, 32_000);
});

test('a charge ends at its time limit and the next one may begin', (t) => {
  const rig = ready({ flash: { charge_limits: { duration: 60_000, energy: 0 } } });
  rig.car(880);
  t.true(rig.advance(70, () => rig.look.I === 0));
  t.true(rig.seconds > 59 && rig.seconds < 63, `${rig.seconds} s`);
  t.is(rig.slot(12), '0/on/no');
  rig.car(OPEN);
  rig.advance(rig.seconds + 3);
  t.is(rig.slot(12), '32000/on/no');
});

test('a charge ends at its energy limit', (t) => {
  const rig = ready({ flash: { charge_limits: { duration: 0, energy: 300 } } });
  rig.vehicle({ connected: true, requesting: true });
  t.true(rig.advance(300, () => rig.look.I === 0));
  const counted = energyOf(rig.controller) * 1000;
  t.true(counted >= 300 && counted < 310, `${counted} Wh`);
});

test('a charger that sees a meter for the first time requires it from then on', (t) => {
  const rig = new TimedController();
  t.is(rig.slot(13), '32000/off/no');
  rig.advance(2);
  t.is(rig.slot(13), '32000/on/no');
  rig.controller.powerCycle();
  t.is(rig.slot(13), '0/on/no');
  t.is(rig.look.I, 0);
  rig.advance(7.9);
  t.is(rig.slot(13), '0/on/no');
  t.true(rig.advance(9.1, () => rig.slot(13) === '32000/on/no'));
});

test('a required meter that is not there blocks, after 90 s of patience', (t) => {
  const rig = ready({ flash: { require_meter: 2 } });
  rig.controller.setMeterSlot(1);
  t.is(rig.slot(13), '32000/on/no');
  rig.advance(200);
  t.is(rig.slot(13), '32000/on/no', 'the other slot is used only after a boot');
  t.is(rig.controller.meterSlot(), 1);
  rig.controller.restartProcessor();
  const from = rig.seconds;
  t.true(rig.advance(from + 200, () => rig.look.I === 0));
  t.true(rig.seconds - from >= 90 && rig.seconds - from <= 91, `${rig.seconds - from} s`);
  rig.controller.powerCycle();
  t.is(rig.slot(13), '0/on/no');
  rig.advance(rig.seconds + 200);
  t.is(rig.slot(13), '0/on/no', 'what blocks already gets no patience');
  rig.controller.setMeterSlot(0);
  rig.controller.powerCycle();
  const again = rig.seconds;
  t.true(rig.advance(again + 20, () => rig.look.I === 32_000));
  t.true(rig.seconds - again >= 6 && rig.seconds - again <= 7);
});

test('a meter that is not required may be silent', (t) => {
  const rig = ready({ flash: { require_meter: 1, meter_slot: 1 } });
  t.is(rig.slot(13), '32000/off/no');
  rig.advance(rig.seconds + 200);
  t.is(rig.slot(13), '32000/off/no');
  t.is(rig.look.I, 32_000);
});

test('a charge without a meter has no meter_start', (t) => {
  const rig = ready();
  rig.controller.setMeterSlot(1);
  rig.controller.restartProcessor();
  rig.car(2700);
  rig.advance(3);
  t.is(rig.controller.currentCharge().meter_start, null);
});

test('the network processor alone restarts without touching the charge', (t) => {
  const rig = charging();
  rig.controller.limits.setExternalCurrent(10_000);
  rig.controller.limits.setManagementEnabled(true);
  rig.controller.limits.setSlot({ slot: 7, max_current: 32_000 });
  rig.advance(0.3);
  rig.controller.limits.setManagementEnabled(false);
  const { polls } = rig.controller;
  rig.controller.restartProcessor();
  t.deepEqual([rig.look.iec, rig.look.K, rig.look.I], [2, 1, 10_000]);
  t.is(rig.slot(7), '0/off/yes');
  t.deepEqual([rig.look.L, rig.look.indication], [5, 2005]);
  t.true(rig.controller.polls > polls);
  rig.advance(4);
  t.deepEqual([rig.look.L, rig.look.iec], [4, 2]);
});

test('other writers of slots obey the rules of the slots', (t) => {
  const rig = ready();
  const before = rig.look.slots;
  rig.controller.limits.setSlot({ slot: 0, max_current: 6000 });
  rig.controller.limits.setSlot({ slot: 1, max_current: 6000 });
  rig.controller.limits.setSlot({ slot: 15, max_current: 6000 });
  rig.controller.limits.setSlot({ slot: 9, max_current: 5000, active: true });
  rig.controller.limits.setSlot({ slot: 4, active: false });
  rig.controller.limits.setSlot({ slot: 8, active: false });
  t.is(rig.look.slots, before);
  rig.controller.limits.setSlot({ slot: 11, max_current: 7000 });
  rig.controller.limits.setSlot({ slot: 11, active: true });
  rig.controller.limits.setSlot({ slot: 11, clear_on_disconnect: true });
  t.is(rig.slot(11), '7000/on/yes');
  t.is(rig.look.I, 7000);
});

test('enable switches set their slots and defaults', (t) => {
  const rig = ready();
  rig.controller.limits.setModbusTcpEnabled(true);
  t.deepEqual([rig.slot(9), rig.slot(10)], ['32000/on/no', '32000/on/no']);
  rig.controller.limits.setSlot({ slot: 10, max_current: 0 });
  rig.advance(0.3);
  t.is(rig.look.I, 0);
  rig.controller.limits.setModbusTcpEnabled(true);
  t.is(rig.slot(10), '0/on/no', 'an equal write keeps the current');
  rig.controller.limits.setModbusTcpEnabled(false);
  t.deepEqual([rig.slot(9), rig.slot(10)], ['32000/off/no', '32000/off/no']);
  rig.controller.limits.setOcppEnabled(true);
  t.is(rig.slot(11), '32000/on/no');
});

test('of the tags that are held to it a charger knows the last hundred', (t) => {
  const rig = ready();
  const tagOf = (number: number) => number.toString(16).padStart(4, '0');
  for (let number = 0; number < 150; number++)
    rig.controller.world.holdTag({ tag_id: tagOf(number), tag_type: 2, known: true, current: 16_000 });
  const shown = [49, 50, 149].map((number) => {
    rig.advance(rig.seconds + 3);
    rig.controller.later.injectTag({ tag_id: tagOf(number), tag_type: 2 }, 'both');
    rig.advance(rig.seconds + 0.5);
    return rig.controller.indicatorLed().indication;
  });
  t.deepEqual(shown, [1002, 1001, 1001]);
});
