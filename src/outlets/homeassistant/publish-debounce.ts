import type { Cancel, Clock } from '../../base/clock.js';

/** The document is published when nothing has changed for so long, ms: at the start topics come one by one. */
const QUIET_MS = 2_000;

/** … or so long after the first change at the latest, ms: polling all topics may take half a minute. */
const MAX_WAIT_MS = 10_000;

/** The shortest time between two documents, ms: Home Assistant skips parts of a sooner one (home-assistant 1.3). */
const MIN_GAP_MS = 5_000;

/** Combines changes, so that documents are published far enough apart. */
export class PublishDebounce {
  readonly #clock: Clock;
  readonly #publish: () => void;
  #since: number | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #timer: Cancel | undefined;

  /** `publish` publishes the present document; if that has changed, it must call published(). */
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
