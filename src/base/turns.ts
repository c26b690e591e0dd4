import { pause } from './backoff.js';
import type { Clock } from './clock.js';

/** Spreads callers that all want to begin at the same moment: one may begin every `spacingMs` ms. */
export class Turns {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  #free = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, spacingMs: number) {
    this.#clock = clock;
    this.#spacingMs = spacingMs;
  }

  /** Resolves when it is the caller's turn, in the order of the calls, or as soon as the signal is aborted. */
  async next(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const turn = Math.max(now, this.#free);
    this.#free = turn + this.#spacingMs;
    if (turn > now) await pause(this.#clock, turn - now, signal);
  }
}
