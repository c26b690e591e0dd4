import { Backoff, type Chance } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';

/** The first time between two tries and the longest, ms: each makes lines in the broker's log. */
const RETRY_MS = [5_000, 180_000] as const;

/** Tries again what the broker has denied, since its rules may have been mended: soon at first, then ever more rarely. */
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

  /** Begins anew for a new connection; the result ends it. */
  start(): Cancel {
    this.#waits.reset();
    let cancel: Cancel;
    let wasDenied = false;
    const wait = () => {
      cancel = this.#clock.after(this.#waits.next(), () => {
        const isDenied = this.#isDenied();
        // The wait for the first try may have begun long before the denial: it does not make the next one longer.
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
