import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Cancel, Clock } from './clock.js';

/** Chargers of one process from which on time counts more than memory. */
const MANY = 16;

/** How large the heap's part for new objects becomes, bytes: for few chargers it need not grow at all. */
const SMALL_BYTES = 2 * 1_048_576;
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
 * charger nothing, and hundreds a third of their CPU time (docs/performance.md). A limit that was given to Node itself
 * still holds.
 */
export function limitHeap(clock: Clock, chargers: number): Cancel {
  const wanted = chargers < MANY ? SMALL_BYTES : LARGE_BYTES;
  let cancel: Cancel = () => {};
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  const look = () => {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    const isLarge = (space?.space_size ?? 0) >= wanted;
    // V8 reads this one at each collection; the largest size itself it reads only before it starts.
    setFlagsFromString(`--semi-space-growth-factor=${isLarge ? 1 : 2}`);
    if (isLarge) cancel();
  };
  if (chargers >= MANY) cancel = clock.every(LOOK_EVERY_MS, look);
  else setFlagsFromString('--semi-space-growth-factor=1');
  return cancel;
}
