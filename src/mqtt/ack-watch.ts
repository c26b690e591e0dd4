import type { Cancel, Clock } from '../base/clock.js';

export interface AckWatchOptions {
  readonly clock: Clock;
  /** How long an acknowledgement may take, ms. */
  readonly withinMs: number;
  /** Asks the broker for a sign of life; `proved` must be called when it has answered. */
  readonly ask: () => void;
  /** When anything last came from the broker, ms of the clock. */
  readonly heardAt: () => number;
  /** Called if an acknowledgement does not come in time. */
  readonly overdue: () => void;
}

/**
 * Finds out that acknowledgements do not come: a broker that answers pings may still have lost our messages. A broker
 * may also be only slow, because others publish more than it can pass on. So it is asked with a ping first:
 * acknowledgements that were on their way come before the answer to that ping.
 */
export class AckWatch {
  readonly #options: AckWatchOptions;
  /** When each packet that awaits its acknowledgement was sent, oldest first; by packet identifier or another key. */
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

  /** A packet was sent; `what` identifies it until `acknowledged`. */
  sent(what: unknown): void {
    this.#sentAt.set(what, this.#options.clock.now());
    this.#wait(this.#options.withinMs);
  }

  acknowledged(what: unknown): void {
    this.#sentAt.delete(what);
  }

  /** The broker has answered `ask`. It is judged in the next turn, after the packets that came before that answer. */
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
