import type { Cancel, Clock } from '../base/clock.js';

/** Watches over acknowledgements that do not come: a broker that answers pings may have lost everything else. */
export class AckWatch {
  readonly #clock: Clock;
  readonly #withinMs: number;
  readonly #overdue: () => void;
  /** When those that are awaited were sent, oldest first; by packet identifier, or by what stands for one. */
  readonly #sentAt = new Map<unknown, number>();
  #timer: Cancel | undefined;

  /** Calls `overdue` once something has waited for `withinMs`. */
  constructor(clock: Clock, withinMs: number, overdue: () => void) {
    this.#clock = clock;
    this.#withinMs = withinMs;
    this.#overdue = overdue;
  }

  sent(what: unknown): void {
    this.#sentAt.set(what, this.#clock.now());
    this.#timer ??= this.#clock.after(this.#withinMs, () => this.#look());
  }

  acknowledged(what: unknown): void {
    this.#sentAt.delete(what);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#sentAt.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const [oldest] = this.#sentAt.values();
    if (oldest === undefined) return;
    const left = oldest + this.#withinMs - this.#clock.now();
    if (left <= 0) this.#overdue();
    else this.#timer = this.#clock.after(left, () => this.#look());
  }
}
