import type { Cancel, Clock } from '../base/clock.js';

/**
 * After so long a pause of the whole process another instance may have taken our place, ms. What has arrived meanwhile
 * is old, and the other one may have carried it out.
 */
export const FROZEN_MS = 4_000;

/** How often it looks at the clock, ms. */
const TICK_MS = 1_000;

/** After so long without a question of another instance there is none, ms. */
const ALONE_MS = 30_000;

/** Notices that the process has stood still (SIGSTOP, a paused container or machine) while another instance waits. */
export class FreezeWatch {
  readonly #clock: Clock;
  readonly #frozen: () => void;
  #cancel: Cancel | undefined;
  #tickedAt = 0;
  #heardAt = 0;

  /** Calls `frozen` when it has noticed. */
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

  /** To be asked before anything that has arrived is used, or is said: after a pause either may come before our timer. */
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
