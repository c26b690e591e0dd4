import test from 'ava';
import { PublishThrottle } from '../../../src/outlets/bridge/publish-throttle.js';
import { FakeClock } from '../../_fakes.js';

function throttled(intervalMs: number) {
  const clock = new FakeClock();
  const times: number[] = [];
  const began = clock.now();
  const throttle = new PublishThrottle(clock, intervalMs, () => times.push(clock.now() - began));
  return { clock, times, throttle };
}

test('what is told once a second, never quite, is published as it comes', async (t) => {
  const { clock, times, throttle } = throttled(1_000);
  for (const pause of [0, 1_004, 997, 999, 1_001, 996]) {
    await clock.pass(pause);
    throttle.changed();
  }
  t.deepEqual(times, [0, 1_004, 2_001, 3_000, 4_001, 4_997]);
});

test('what comes early all the time is published no more often than wanted', async (t) => {
  const { clock, times, throttle } = throttled(1_000);
  for (let change = 0; change < 100; change++) {
    throttle.changed();
    await clock.pass(960);
  }
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  t.true(times.length <= 97, `${times.length} in 96 s`);
  t.true(Math.min(...gaps) >= 950);
});

test('what must not wait is published at once, and the next one an interval later', async (t) => {
  const { clock, times, throttle } = throttled(5_000);
  throttle.changed();
  await clock.pass(3_000);
  throttle.changed();
  throttle.changed(true);
  throttle.changed();
  await clock.pass(10_000);
  t.deepEqual(times, [0, 3_000, 8_000]);
});
