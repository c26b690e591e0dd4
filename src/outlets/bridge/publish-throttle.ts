import type { Cancel, Clock } from '../../base/clock.js';

/**
 * By this share of the interval a value may come early: a charger tells some of them once a second, never quite, and
 * to hold half of them back for some milliseconds would wake the process once more for each. On average none is
 * published more often.
 */
const EARLY = 0.05;

/** Publishes a topic that changes without end not more often than wanted; what it publishes is the newest. */
export class PublishThrottle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #publish: () => void;
  /** When the next one is due, ms of the clock. */
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
