import test from 'ava';
import { limitHeap } from '../../src/base/heap-limits.js';
import { FakeClock } from '../_fakes.js';

test('the part for new objects is looked after for ever with many chargers, and with few not at all', async (t) => {
  const clock = new FakeClock();
  const end = limitHeap(clock, 16);
  await clock.pass(600_000);
  t.is(clock.waiting, 1, 'V8 makes it small again while little happens');
  end();
  t.is(clock.waiting, 0);
  limitHeap(clock, 15);
  t.is(clock.waiting, 0);
});
