import type { Cancel, Clock } from '../base/clock.js';

/** Watches over acknowledgements that do not come: a broker that answers pings may have lost everything else. */
export class AckWatch {
  readonly #clock: Clock;
  readonly #withinMs: number;
  readonly #overdue: () => void;
  /** When those that are awaited were sent, oldest first. */
  readonly #awaited = new Set<{ readonly sentAt: number }>();
  #timer: Cancel | undefined;

  /** Calls `overdue` once something has waited for `withinMs`. */
  constructor(clock: Clock, withinMs: number, overdue: () => void) {
    this.#clock = clock;
    this.#withinMs = withinMs;
    this.#overdue = overdue;
  }

  /** Something was sent; call the result when it is acknowledged. */
  sent(): () => void {
    const one = { sentAt: this.#clock.now() };
    this.#awaited.add(one);
    this.#timer ??= this.#clock.after(this.#withinMs, () => this.#look());
    return () => this.#awaited.delete(one);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#awaited.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const [oldest] = this.#awaited;
    if (!oldest) return;
    const left = oldest.sentAt + this.#withinMs - this.#clock.now();
    if (left <= 0) this.#overdue();
    else this.#timer = this.#clock.after(left, () => this.#look());
  }
}
