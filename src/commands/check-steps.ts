import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';

/** What `check` found in one step. A note is worth knowing, but all works. */
export interface Step {
  readonly result: 'ok' | 'note' | 'FAIL';
  readonly text: string;
}

export type Tell = (result: Step['result'], text: string) => void;

/** Between two looks at a condition, ms. */
const LOOK_MS = 20;

/** Waits for a condition at most `ms`, or until the signal; says whether it came true. */
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
