import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Cancel, Clock } from './clock.js';

/** From this number of chargers on, CPU time matters more than memory. */
const MANY = 16;

/** With many chargers the heap's space for new objects grows to this size, bytes. With few it need not grow. */
const LARGE_BYTES = 8 * 1_048_576;

const LOOK_EVERY_MS = 1_000;

/**
 * How much the space for old objects may grow after a full garbage collection, until the next one, in %. Values that
 * are replaced every second live just long enough to get there. Node would let it grow to several times its size
 * (docs/performance.md).
 */
const GROWTH_PERCENT = 20;

/**
 * Keeps the heap as small as this number of `chargers` allows, above all its space for new objects. Node lets that
 * space grow to 32 MB, newer versions to 128 MB, and messages would fill all of it. A process with few chargers can
 * keep its first size at no cost. With hundreds of chargers the many collections would cost CPU time, so there it is
 * enlarged. V8 makes the space small again while little happens, so its size is looked at every second, until the
 * returned function is called. A limit that was given to Node on its command line still holds.
 */
export function limitHeap(clock: Clock, chargers: number): Cancel {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // V8 reads this flag at each collection. The flag for the largest size has no effect after the start.
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
