import type { Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { RequestFailed } from './request-failed.js';

export interface PushComplaintsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether polling stands in while push is away. */
  readonly backedUp: boolean;
  /** Whether anybody wants the topic `path`. */
  readonly wants: (path: string) => boolean;
}

/** Two ends within so many ms make push unsteady, until a connection has lasted as long. */
const UNSTEADY_MS = 60_000;

/** ms in which the same complaint is not logged again. */
const REPEAT_MS = 900_000;

/** What is wrong with push although it comes: it ends again and again, or says what can't be read. */
export class PushComplaints {
  readonly #options: PushComplaintsOptions;
  /** When a connection ended that the charger had taken. */
  #endedAt = Number.NEGATIVE_INFINITY;
  #unsteady = false;
  readonly #loggedAt = new Map<'unsteady' | 'unreadable', number>();

  constructor(options: PushComplaintsOptions) {
    this.#options = options;
  }

  get steadiness(): 'steady' | 'unsteady' {
    return this.#unsteady ? 'unsteady' : 'steady';
  }

  /** The present connection has lasted for `ms` so far. */
  lasted(ms: number): void {
    if (ms >= UNSTEADY_MS) this.#unsteady = false;
  }

  /** A connection has ended that the charger had taken. */
  ended(failure: RequestFailed): void {
    const { clock, log, backedUp } = this.#options;
    const now = clock.now();
    const again = now - this.#endedAt < UNSTEADY_MS;
    this.#endedAt = now;
    if (!again) return;
    this.#unsteady = true;
    if (!this.#mayLog('unsteady')) return;
    this.#loggedAt.set('unsteady', now);
    const meanwhile = backedUp ? '; polling stands in whenever it is away' : '';
    log.info(`push ended twice within a minute: ${failure.message}${meanwhile}`);
  }

  /** A line about `path`, as far as that is known, can't be read; says whether somebody wants what it told. */
  unreadable(line: string, path: string | undefined): boolean {
    const { clock, log, wants } = this.#options;
    const shown = `a push message of the charger can't be read: ${line.slice(0, 80)}`;
    if (path !== undefined && !wants(path)) {
      log.debug(shown);
      return false;
    }
    if (this.#mayLog('unreadable')) log.warn(shown);
    this.#loggedAt.set('unreadable', clock.now());
    return true;
  }

  #mayLog(what: 'unsteady' | 'unreadable'): boolean {
    return this.#options.clock.now() - (this.#loggedAt.get(what) ?? Number.NEGATIVE_INFINITY) > REPEAT_MS;
  }
}
