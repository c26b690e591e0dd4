import test from 'ava';
import { charging, OPEN, ready, type TimedController, waiting } from './_timed-controller.js';

const seconds = (rig: TimedController) => Math.round(rig.look.charging_time / 1000);

test('the counter runs in B and C until the vehicle leaves', (t) => {
  const rig = ready();
  rig.car(2700);
  rig.advance(10);
  t.is(rig.look.charging_time, 0);
  rig.car(880);
  rig.advance(10.7);
  t.is(rig.look.iec, 2);
  rig.advance(20.5);
  t.is(seconds(rig), 10);
  rig.car(2700);
  rig.advance(30.5);
  t.is(seconds(rig), 20);
  rig.car(OPEN);
  rig.advance(36);
  t.is(rig.look.charging_time, 0);
});

test('the counter starts after three minutes of waiting with a release', (t) => {
  const rig = waiting();
  rig.advance(176);
  t.is(rig.look.charging_time, 0);
  rig.advance(188);
  t.true(rig.look.charging_time > 5000 && rig.look.charging_time < 12_000);
});

test('a stop while the vehicle asks, and the PWM coming back, reset the counter', (t) => {
  const rig = charging();
  t.true(rig.look.charging_time > 8000);
  rig.controller.stopCharging();
  rig.advance(0.2);
  t.is(rig.look.charging_time, 0);
  rig.car(2700);
  rig.advance(200);
  rig.controller.startCharging();
  rig.advance(379);
  t.is(rig.look.charging_time, 0, 'the three minutes begin with the release');
  rig.advance(385);
  t.true(rig.look.charging_time > 0);
});

test('a block resets the three minutes of the flag but not the flag', (t) => {
  const rig = waiting({ chargingTime: 'flag' });
  rig.advance(100);
  rig.controller.limits.setExternalCurrent(0);
  rig.advance(101);
  rig.controller.limits.setExternalCurrent(6000);
  rig.advance(280);
  t.is(rig.look.charging_time, 0);
  rig.advance(282);
  t.is(rig.look.charging_time, 1);
  rig.controller.limits.setExternalCurrent(0);
  rig.advance(283);
  t.is(rig.look.charging_time, 1);
});

test('the time since the last change of state restarts with each', (t) => {
  const rig = charging();
  const since = () => rig.snapshot.lowLevel().time_since_state_change;
  rig.advance(5);
  t.true(since() > 9000);
  rig.car(2700);
  rig.advance(5.5);
  t.true(since() < 500);
});

test('uptime and times of the button wrap after 2^32 ms', (t) => {
  const rig = ready({ uptime: 2 ** 32 - 30_000 });
  rig.button(true);
  rig.advance(1);
  t.is(rig.snapshot.button.button_press_time, 2 ** 32 - 10_000 + 100);
  t.is(rig.snapshot.uptime, 2 ** 32 - 9000);
  rig.car(880);
  rig.advance(10.5);
  rig.button(false);
  rig.advance(12);
  t.is(rig.snapshot.uptime, 2000);
  t.true(rig.snapshot.button.button_release_time < rig.snapshot.button.button_press_time);
  const low = rig.snapshot.lowLevel();
  t.true(low.time_since_state_change < 15_000);
});
