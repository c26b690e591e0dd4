import test from 'ava';
import { Led, NO_COLOUR } from '../../src/model/board/led.js';
import { brightness } from '../../src/model/board/led-brightness.js';
import { charging, ready, type TimedController, waiting } from './_timed-controller.js';

const indicate = (rig: TimedController, indication: number, duration: number) =>
  rig.controller.setIndicatorLed({ indication, duration, color_h: 0, color_s: 0, color_v: 0 });

function withApi(rig: TimedController): TimedController {
  rig.controller.setLedConfiguration(true);
  return rig;
}

test('an indication counts down and hands back', (t) => {
  const rig = withApi(ready());
  indicate(rig, 100, 2000);
  rig.advance(0.5);
  t.deepEqual([rig.look.L, rig.look.indication, rig.look.duration], [5, 100, 1500]);
  rig.advance(2);
  t.deepEqual([rig.look.L, rig.look.indication, rig.look.duration], [1, -1, 0]);
});

test('the same indication again starts only its duration anew', (t) => {
  const led = new Led(0, true, false);
  led.on(0);
  t.true(led.indicate(2003, 5000, NO_COLOUR, 1000));
  t.true(led.indicate(2003, 5000, NO_COLOUR, 2000));
  t.is(led.since, 1000);
  t.is(led.read(3000).duration, 4000);
  t.true(led.indicate(2004, 5000, NO_COLOUR, 4000));
  t.is(led.since, 4000);
});

test('duration 0 is over at the next step', (t) => {
  const rig = withApi(ready());
  rig.advance(900);
  t.is(rig.look.L, 0);
  indicate(rig, 255, 0);
  rig.advance(900.1);
  t.deepEqual([rig.look.L, rig.look.indication], [1, -1]);
});

test('-1 without an indication does nothing, not even wake the LED', (t) => {
  const rig = withApi(ready());
  rig.advance(900);
  indicate(rig, -1, 0);
  t.is(rig.look.L, 0);
});

test('an indication outlives changes of state and a held button', (t) => {
  const rig = withApi(ready());
  indicate(rig, 1001, 60_000);
  rig.button(true);
  rig.advance(1);
  t.is(rig.look.L, 5);
  rig.button(false);
  rig.advance(2);
  rig.car(880);
  rig.advance(8);
  t.deepEqual([rig.look.iec, rig.look.L], [2, 5]);
});

test('a held button darkens the LED, but an indication still lights it', (t) => {
  const rig = withApi(ready());
  rig.button(true);
  rig.advance(1);
  t.is(rig.look.L, 0);
  indicate(rig, 255, 1000);
  t.is(rig.look.L, 5);
  rig.advance(3);
  t.is(rig.look.L, 0);
});

test('a short pulse wakes the LED', (t) => {
  const rig = ready();
  rig.advance(900);
  t.is(rig.look.L, 0);
  rig.button(true);
  rig.advance(900.05);
  rig.button(false);
  t.is(rig.look.L, 1);
  rig.advance(901);
  t.false(rig.look.pressed);
});

test('a blink of D goes out with a button edge, and the error with it', (t) => {
  const rig = charging();
  rig.car(240);
  rig.advance(5);
  rig.car(880);
  rig.advance(8);
  t.deepEqual([rig.look.iec, rig.look.err, rig.look.chg], [3, 5, 4]);
  rig.button(true);
  rig.advance(8.05);
  rig.button(false);
  t.deepEqual([rig.look.iec, rig.look.err, rig.look.chg], [3, 0, 0]);
});

test('a prompt for a user is shown, unless the API owns the LED', (t) => {
  const rig = waiting();
  rig.controller.limits.setUserEnabled(true);
  rig.advance(2);
  t.deepEqual([rig.look.L, rig.look.indication], [5, 1003]);
  const owned = withApi(waiting());
  owned.controller.limits.setUserEnabled(true);
  owned.advance(2);
  t.is(owned.look.L, 1);
});

test('a prompt that still runs gives way to a more important pattern only', (t) => {
  const rig = waiting();
  rig.controller.limits.setUserEnabled(true);
  rig.advance(2);
  rig.controller.setLedConfiguration(true);
  indicate(rig, 255, 5000);
  indicate(rig, -1, 0);
  t.is(rig.look.indication, 1003);
  indicate(rig, 1002, 1000);
  t.is(rig.look.indication, 1002);
  indicate(rig, 255, 5000);
  t.is(rig.look.indication, 255, 'API after API is always accepted');
});

test('after a restart of the network processor its error keeps the API out until it is over', (t) => {
  const rig = withApi(ready());
  rig.controller.restartProcessor();
  t.is(rig.look.indication, 2005);
  indicate(rig, 255, 5000);
  t.is(rig.look.indication, 2005);
  rig.advance(3.1);
  indicate(rig, 255, 5000);
  t.is(rig.look.indication, 255);
});

/** The share of time in which the LED is lit over `ms`. */
function share(led: Led, from: number, ms: number): number {
  let sum = 0;
  for (let at = 0; at < ms; at++) sum += brightness(led, from + at);
  return sum / ms;
}

test('the physical patterns take the time they should', (t) => {
  const led = new Led(0, true, false);
  t.is(share(led, 0, 1000), 0.5, 'flicker');
  led.on(1000);
  t.is(share(led, 1000, 100), 1);
  led.breathe(2000);
  t.true(Math.abs(share(led, 2000, 2550) - 0.5) < 0.01);
  led.blink(5, 5000);
  t.is(share(led, 5000, 4500) * 4500, 5 * 250);
  led.on(10_000);
  for (const [indication, period, lit] of [
    [0, 1000, 0],
    [255, 1000, 1000],
    [1001, 3 * 512 + 2000, 3 * 256],
    [1002, 656, 128],
    [1003, 912, 256],
    [2002, 3000, 500],
  ] as const) {
    led.indicate(indication, 60_000, NO_COLOUR, 10_000 + indication);
    t.true(Math.abs(share(led, 10_000 + indication, period) * period - lit) < 3, `${indication}`);
  }
  led.darken(20_000);
  t.is(led.state, 5);
});
