import type { Cancel, Clock } from '../../base/clock.js';

/** The document follows when nothing new came for so long, ms: topics trickle in at start. */
const QUIET_MS = 2_000;

/** ... or after so long at the latest, ms: a polled charger may need half a minute for all of its topics. */
const MAX_WAIT_MS = 10_000;

/** Between two documents, ms: of one that comes sooner Home Assistant leaves out parts (home-assistant 1.3). */
const MIN_GAP_MS = 5_000;

/** Gathers changes into documents that are far enough apart. */
export class PublishDebounce {
  readonly #clock: Clock;
  readonly #publish: () => void;
  #since: number | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #timer: Cancel | undefined;

  /** `publish` publishes what there is now; if it differed from what was there it calls published(). */
  constructor(clock: Clock, publish: () => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  changed(): void {
    const now = this.#clock.now();
    this.#since ??= now;
    const due = Math.max(Math.min(now + QUIET_MS, this.#since + MAX_WAIT_MS), this.#last + MIN_GAP_MS);
    this.#timer?.();
    this.#timer = this.#clock.after(due - now, () => {
      this.#since = undefined;
      this.#publish();
    });
  }

  published(): void {
    this.#last = this.#clock.now();
  }

  stop(): void {
    this.#timer?.();
  }
}
