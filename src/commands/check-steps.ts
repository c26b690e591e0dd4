import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';

/** The result of one step of `check`. With a `note` everything works, but the text is worth knowing. */
export interface Step {
  readonly result: 'ok' | 'note' | 'FAIL';
  readonly text: string;
}

export type Tell = (result: Step['result'], text: string) => void;

/** The time between two tests of a condition, ms. */
const LOOK_MS = 20;

/** Waits until a condition is true, `ms` have passed, or `signal` aborts; resolves to whether it is true. */
export async function waitFor(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  condition: () => boolean,
): Promise<boolean> {
  const end = clock.now() + ms;
  while (!condition()) {
    if (signal.aborted || clock.now() > end) return false;
    await pause(clock, LOOK_MS, signal);
  }
  return true;
}
