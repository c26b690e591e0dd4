import type { Cancel, Clock } from '../base/clock.js';

export interface AckWatchOptions {
  readonly clock: Clock;
  /** How long an acknowledgement may take, ms. */
  readonly withinMs: number;
  /** Asks the broker whether it is there; `proved` is to be called when it has answered. */
  readonly ask: () => void;
  /** When anything last came from the broker, ms of the clock. */
  readonly heardAt: () => number;
  /** Called once something has not been acknowledged. */
  readonly overdue: () => void;
}

/**
 * Watches over acknowledgements that do not come: a broker that answers pings may have lost everything else. One that
 * is behind, because others publish more than gets through, has not: so it is asked first, and what it answers before
 * that is waited for.
 */
export class AckWatch {
  readonly #options: AckWatchOptions;
  /** When those that are awaited were sent, oldest first; by packet identifier, or by what stands for one. */
  readonly #sentAt = new Map<unknown, number>();
  #askedAt: number | undefined;
  #timer: Cancel | undefined;

  constructor(options: AckWatchOptions) {
    this.#options = options;
  }

  /** Whether an acknowledgement is awaited. */
  get isWaiting(): boolean {
    return this.#sentAt.size > 0;
  }

  sent(what: unknown): void {
    this.#sentAt.set(what, this.#options.clock.now());
    this.#wait(this.#options.withinMs);
  }

  acknowledged(what: unknown): void {
    this.#sentAt.delete(what);
  }

  /** The broker has answered what `ask` asked. What it has said before that is handled first. */
  proved(): void {
    const asked = this.#askedAt;
    this.#askedAt = undefined;
    if (asked === undefined) return;
    this.#timer?.();
    this.#timer = this.#options.clock.after(0, () => {
      this.#timer = undefined;
      const [oldest] = this.#sentAt.values();
      if (oldest !== undefined && oldest <= asked - this.#options.withinMs) this.#options.overdue();
      else this.#look();
    });
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#sentAt.clear();
  }

  #wait(ms: number): void {
    this.#timer ??= this.#options.clock.after(Math.max(0, ms), () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  #look(): void {
    const { clock, withinMs, ask, heardAt, overdue } = this.#options;
    const [oldest] = this.#sentAt.values();
    if (oldest === undefined) return;
    const now = clock.now();
    if (oldest + withinMs > now) this.#wait(oldest + withinMs - now);
    else if (this.#askedAt === undefined) {
      this.#askedAt = now;
      this.#wait(withinMs);
      ask();
    } else if (heardAt() <= this.#askedAt) overdue();
    else this.#wait(withinMs);
  }
}
