import type { Cancel, Clock } from '../base/clock.js';

/**
 * If the whole process was suspended for longer, another instance may have taken over, ms. Messages that have arrived
 * meanwhile are old, and the other instance may have carried them out.
 */
export const FROZEN_MS = 4_000;

/** ms between two looks at the clock. */
const TICK_MS = 1_000;

/** If no other instance has asked for so long, there is none, ms. */
const ALONE_MS = 30_000;

/** Notices that the process was suspended (SIGSTOP, a paused container or machine) while another instance waits. */
export class FreezeWatch {
  readonly #clock: Clock;
  readonly #frozen: () => void;
  #cancel: Cancel | undefined;
  #tickedAt = 0;
  #heardAt = 0;

  /** Calls `frozen` once after each suspension. */
  constructor(clock: Clock, frozen: () => void) {
    this.#clock = clock;
    this.#frozen = frozen;
  }

  /** Another instance has shown that it waits. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    if (this.#cancel) return;
    this.#tickedAt = this.#heardAt;
    this.#cancel = this.#clock.every(TICK_MS, () => {
      if (this.hasFrozen()) return;
      this.#tickedAt = this.#clock.now();
      if (this.#tickedAt - this.#heardAt > ALONE_MS) this.stop();
    });
  }

  /** To be called before a message is handled or published: after a suspension both may happen before our timer fires. */
  hasFrozen(): boolean {
    if (!this.#cancel || this.#clock.now() - this.#tickedAt <= FROZEN_MS) return false;
    this.stop();
    this.#frozen();
    return true;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
