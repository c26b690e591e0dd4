import type { Cancel, Clock } from '../../base/clock.js';

/** Publishes a topic that changes without end not more often than wanted; what it publishes is the newest. */
export class PublishThrottle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #publish: () => void;
  #last = Number.NEGATIVE_INFINITY;
  #timer: Cancel | undefined;

  constructor(clock: Clock, intervalMs: number, publish: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#publish = publish;
  }

  /** There is a new value; `atOnce` says that it must not wait. */
  changed(atOnce = false): void {
    if (atOnce) {
      this.stop();
      this.#now();
      return;
    }
    if (this.#timer) return;
    const wait = this.#last + this.#intervalMs - this.#clock.now();
    if (wait <= 0) this.#now();
    else this.#timer = this.#clock.after(wait, () => this.#now());
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #now(): void {
    this.#timer = undefined;
    this.#last = this.#clock.now();
    this.#publish();
  }
}
