import type { Cancel, Clock } from '../../base/clock.js';

/** Publishes a topic whose counters always change: not more often than wanted, and never silent for long. */
export class HeartbeatThrottle {
  readonly #clock: Clock;
  readonly #times: Readonly<Record<'minInterval' | 'maxSilence', number>>;
  readonly #alive: () => boolean;
  readonly #publish: () => void;
  #last = Number.NEGATIVE_INFINITY;
  #timer: Cancel | undefined;

  /** Times between two publishes in ms (contract 3); `alive` says whether there is a charger whose life is to be signed. */
  constructor(
    clock: Clock,
    times: Readonly<Record<'minInterval' | 'maxSilence', number>>,
    alive: () => boolean,
    publish: () => void,
  ) {
    this.#clock = clock;
    this.#times = times;
    this.#alive = alive;
    this.#publish = publish;
  }

  /** There is a new value. */
  changed(): void {
    const wait = this.#last + this.#times.minInterval - this.#clock.now();
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
    this.#arm(this.#times.maxSilence);
  }

  #arm(ms: number): void {
    this.#timer?.();
    this.#timer = this.#clock.after(ms, () => {
      if (this.#alive()) this.#now();
      else this.#timer = undefined;
    });
  }
}
