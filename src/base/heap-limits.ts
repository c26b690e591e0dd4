import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Cancel, Clock } from './clock.js';

/** Chargers of one process from which on time counts more than memory. */
const MANY = 16;

/** How large the heap's part for new objects becomes with many, bytes; for few it need not grow at all. */
const LARGE_BYTES = 8 * 1_048_576;

const LOOK_EVERY_MS = 1_000;

/**
 * By how much the rest of the heap may outgrow what a full collection has left, %: what each second replaces lives just
 * long enough to get there. Node lets it grow to several times that before it looks again.
 */
const GROWTH_PERCENT = 20;

/**
 * Keeps the heap as large as so many `chargers` need, above all its part for new objects. Node lets that grow to 32 MB,
 * newer ones to 128 MB, where a charger's messages would spread over all of it; kept at its first size it costs a
 * charger nothing, and hundreds a third of their CPU time (docs/performance.md). While little happens V8 makes it small
 * again, so with many chargers it is looked after for ever. A limit that was given to Node itself still holds.
 */
export function limitHeap(clock: Clock, chargers: number): Cancel {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // V8 reads this one at each collection; the largest size itself it reads only before it starts.
  const grow = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  if (chargers < MANY) {
    grow(1);
    return () => {};
  }
  let growing: boolean | undefined;
  return clock.every(LOOK_EVERY_MS, () => {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    const isSmall = (space?.space_size ?? 0) < LARGE_BYTES;
    if (isSmall !== growing) grow(isSmall ? 2 : 1);
    growing = isSmall;
  });
}
