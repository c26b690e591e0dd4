import type { Cancel, Clock } from '../../base/clock.js';

/**
 * By this share of the interval a value may be published early. A charger reports some topics about once a second. Half
 * of these reports are some milliseconds early, and each would need a timer. On average no topic is published too
 * often.
 */
const EARLY = 0.05;

/** Publishes a topic that changes all the time at most once per interval, always with its newest value. */
export class PublishThrottle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #publish: () => void;
  /** When the next message is due, ms of the clock. */
  #due = Number.NEGATIVE_INFINITY;
  #timer: Cancel | undefined;

  constructor(clock: Clock, intervalMs: number, publish: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#publish = publish;
  }

  /** There is a new value; `atOnce` says that it must not wait. */
  changed(atOnce = false): void {
    if (this.#timer && !atOnce) return;
    const now = this.#clock.now();
    const wait = this.#due - now;
    if (atOnce) this.#now(now);
    else if (wait <= this.#intervalMs * EARLY) this.#now(Math.max(now, this.#due));
    else this.#timer = this.#clock.after(wait, () => this.#now(this.#clock.now()));
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  /** `counted`: the time from which the next interval counts. */
  #now(counted: number): void {
    this.stop();
    this.#due = counted + this.#intervalMs;
    this.#publish();
  }
}
