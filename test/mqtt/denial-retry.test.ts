import test from 'ava';
import { DenialRetry } from '../../src/mqtt/denial-retry.js';
import { FakeClock } from '../_fakes.js';

/** When a denial that begins at `from` is tried again, ms after its begin, in 200 s. */
async function triesOf(from: number): Promise<number[]> {
  const clock = new FakeClock();
  const tries: number[] = [];
  const retry = new DenialRetry(
    clock,
    () => 1,
    () => clock.now() >= from,
    () => tries.push(clock.now() - from),
  );
  const end = retry.start();
  await clock.pass(from + 200_000);
  end();
  return tries;
}

test('a denial is tried again ever more rarely, and that counts from its own begin', async (t) => {
  for (const from of [500, 4_500, 64_500]) {
    const first = 5_000 - (from % 5_000);
    t.deepEqual(
      await triesOf(from),
      [0, 5_000, 15_000, 35_000, 75_000, 155_000].map((after) => first + after),
      String(from),
    );
  }
});

test('a new denial does not wait as long as the one before did', async (t) => {
  const clock = new FakeClock();
  let isDenied = true;
  const tries: number[] = [];
  const retry = new DenialRetry(
    clock,
    () => 1,
    () => isDenied,
    () => tries.push(clock.now()),
  );
  const end = retry.start();
  await clock.pass(100_000);
  isDenied = false;
  await clock.pass(100_000);
  isDenied = true;
  const begun = clock.now();
  await clock.pass(10_000);
  t.is(tries.filter((at) => at > begun).length, 2);
  end();
});
