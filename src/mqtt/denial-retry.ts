import { Backoff, type Chance } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';

/** The first wait between two tries and the longest, ms. They are long because each try fills the broker's log. */
const RETRY_MS = [5_000, 180_000] as const;

/** Tries again what the broker has denied, since its access rules may have changed: soon at first, then less often. */
export class DenialRetry {
  readonly #clock: Clock;
  readonly #waits: Backoff;
  readonly #isDenied: () => boolean;
  readonly #retry: () => void;

  constructor(clock: Clock, chance: Chance | undefined, isDenied: () => boolean, retry: () => void) {
    this.#clock = clock;
    this.#waits = new Backoff(...RETRY_MS, chance);
    this.#isDenied = isDenied;
    this.#retry = retry;
  }

  /** Begins for a new connection; the returned function ends it. */
  start(): Cancel {
    this.#waits.reset();
    let cancel: Cancel;
    let wasDenied = false;
    const wait = () => {
      cancel = this.#clock.after(this.#waits.next(), () => {
        const isDenied = this.#isDenied();
        // This wait may have begun long before the denial, so it does not count as the first one.
        if (!isDenied || !wasDenied) this.#waits.reset();
        wasDenied = isDenied;
        if (isDenied) this.#retry();
        wait();
      });
    };
    wait();
    return () => cancel();
  }
}
