import type { Cancel, Clock } from '../../base/clock.js';

/** The longest silence of a topic that is a sign of life, ms (contract 3). */
const MAX_SILENCE_MS = 10_000;

/** Publishes a topic whose counters always change: not more often than wanted, and never silent for long. */
export class HeartbeatThrottle {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #alive: () => boolean;
  readonly #publish: () => void;
  #last = Number.NEGATIVE_INFINITY;
  #timer: Cancel | undefined;

  /** `interval` in ms; `alive` says whether there is a charger whose life is to be signed. */
  constructor(clock: Clock, interval: number, alive: () => boolean, publish: () => void) {
    this.#clock = clock;
    this.#interval = interval;
    this.#alive = alive;
    this.#publish = publish;
  }

  /** There is a new value. */
  changed(): void {
    const wait = this.#last + this.#interval - this.#clock.now();
    if (wait <= 0) this.#now();
    else this.#arm(wait);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #now(): void {
    this.#last = this.#clock.now();
    this.#publish();
    this.#arm(MAX_SILENCE_MS);
  }

  #arm(ms: number): void {
    this.#timer?.();
    this.#timer = this.#clock.after(ms, () => {
      if (this.#alive()) this.#now();
      else this.#timer = undefined;
    });
  }
}
