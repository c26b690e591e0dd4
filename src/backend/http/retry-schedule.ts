import { Backoff, type Chance } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import type { FailureKind, RequestFailed } from './request-failed.js';

/**
 * ms between the starts of two tries while the charger is away: the first time and the longest. A charger looks at the
 * car 12 s after its start, with 32 A allowed. A program that limits the current must reach it before that.
 */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5_000;

/** ms between two tries while only a person can help. */
const PERMANENT_RETRY_MS = 60_000;

/** ms in which a charger that has come back may answer with permanent errors: its web server starts before the rest. */
const STARTING_MS = 60_000;

/** The shortest wait, ms; a try may have taken longer than the time between two. */
const SHORTEST_WAIT_MS = 250;

/** Failures without any answer of the charger. */
const AWAY: ReadonlySet<FailureKind> = new Set(['dns', 'refused', 'timeout', 'disconnected']);

/** Says when a charger that does not answer as it should is tried again. It never gives up. */
export class RetrySchedule {
  readonly #clock: Clock;
  readonly #soon: Backoff;
  readonly #slowly: Backoff;
  /** Since when the charger answers, but not as it should, ms of the clock. */
  #answersSince: number | undefined;

  constructor(clock: Clock, chance: Chance | undefined) {
    this.#clock = clock;
    this.#soon = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, chance);
    this.#slowly = new Backoff(PERMANENT_RETRY_MS, PERMANENT_RETRY_MS, chance);
  }

  /** The charger answers as it should. */
  succeeded(): void {
    this.#soon.reset();
    this.#answersSince = undefined;
  }

  /** ms to wait after a try that began at `startedAt` (of the clock) and failed. */
  next(failure: RequestFailed, startedAt: number): number {
    const now = this.#clock.now();
    if (AWAY.has(failure.kind)) this.#answersSince = undefined;
    else this.#answersSince ??= now;
    const starting = now - (this.#answersSince ?? now) < STARTING_MS;
    const every = failure.permanent && !starting ? this.#slowly.next() : this.#soon.next();
    return Math.max(SHORTEST_WAIT_MS, startedAt + every - now);
  }
}
