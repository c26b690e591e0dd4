import type { Clock } from './clock.js';

/** Waiting times between tries: doubling, with jitter so that many clients do not come back at once. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  #tries = 0;

  /** ms of the first wait and of the longest. */
  constructor(first: number, longest: number) {
    this.#first = first;
    this.#longest = longest;
  }

  reset(): void {
    this.#tries = 0;
  }

  /** The next waiting time in ms: between half of the doubled time and all of it. */
  next(): number {
    const full = Math.min(this.#longest, this.#first * 2 ** this.#tries);
    this.#tries = Math.min(this.#tries + 1, 30);
    return full * (0.5 + Math.random() / 2);
  }

  /** Waits for the next time, or until the signal. */
  wait(clock: Clock, signal: AbortSignal): Promise<void> {
    return pause(clock, this.next(), signal);
  }
}

/** Resolves after `ms`, or at once when the signal comes. */
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

/** A wait that can be cut short by somebody else. */
export class Notifier {
  readonly #waiting = new Set<() => void>();

  /** Ends every wait that is going on now; later ones do not notice. */
  notify(): void {
    for (const end of [...this.#waiting]) end();
  }

  /** Resolves after `ms` (without them: never by itself), at the next call(), or when the signal comes. */
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
