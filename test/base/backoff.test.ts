import test from 'ava';
import fc from 'fast-check';
import { Backoff, backoffMs } from '../../src/base/backoff.js';

const range = { firstMs: 500, longestMs: 30_000 };

test('the wait doubles up to the longest one', (t) => {
  t.deepEqual(
    [0, 1, 2, 5, 6, 2_000].map((attempt) => backoffMs(range, attempt, 1)),
    [500, 1_000, 2_000, 16_000, 30_000, 30_000],
  );
});

test('chance takes at most half of it', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const longest = backoffMs(range, attempt, 1);
        const wait = backoffMs(range, attempt, chance);
        return wait >= longest / 2 && wait <= longest;
      }),
    ),
  );
});

test('a success lets the waits begin again', (t) => {
  const backoff = new Backoff(500, 30_000, () => 1);
  t.deepEqual([backoff.next(), backoff.next()], [500, 1_000]);
  backoff.reset();
  t.is(backoff.next(), 500);
});
