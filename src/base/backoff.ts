import type { Clock } from './clock.js';

/** A random number from 0 to below 1 at each call, as Math.random. Like time, chance is an argument: tests decide it. */
export type Chance = () => number;

/** The bounds of the waits between retries. */
export interface BackoffRange {
  /** The longest wait before the first retry. */
  readonly firstMs: number;
  /** The longest wait of all. */
  readonly longestMs: number;
}

/**
 * How long to wait before retry `attempt` (0 is the first one), in ms. The wait doubles up to the longest one, and
 * is shortened by up to a half, so that many clients do not come back at the same moment. `chance` is in 0..1.
 */
export function backoffMs({ firstMs, longestMs }: BackoffRange, attempt: number, chance: number): number {
  return Math.min(longestMs, firstMs * 2 ** attempt) * (0.5 + chance / 2);
}

/** The waiting times of a row of attempts, each as backoffMs computes it. */
export class Backoff {
  readonly #range: BackoffRange;
  readonly #chance: Chance;
  #attempt = 0;

  constructor(firstMs: number, longestMs: number, chance: Chance = Math.random) {
    this.#range = { firstMs, longestMs };
    this.#chance = chance;
  }

  /** To be called after a success: the next wait is a first one again. */
  reset(): void {
    this.#attempt = 0;
  }

  /** The next waiting time in ms. */
  next(): number {
    return backoffMs(this.#range, this.#attempt++, this.#chance());
  }
}

/** Resolves after `ms`, or as soon as the signal is aborted. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(ms, end);
    function end() {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Waits that somebody else can end early. */
export class Notifier {
  readonly #waiting = new Set<() => void>();

  /** Ends all present waits. A wait that begins later is not affected. */
  notify(): void {
    for (const end of [...this.#waiting]) end();
  }

  /** Resolves after `ms` (undefined: no limit), at the next notify(), or as soon as the signal is aborted. */
  wait(clock: Clock, ms: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        cancel?.();
        this.#waiting.delete(end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = ms === undefined ? undefined : clock.after(ms, end);
      this.#waiting.add(end);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
