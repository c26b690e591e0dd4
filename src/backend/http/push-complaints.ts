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

/** Push counts as unsteady after two connections ended within this time, ms, until one has lasted as long. */
const UNSTEADY_MS = 60_000;

/** ms in which the same complaint is not logged again. */
const REPEAT_MS = 900_000;

/** Logs two faults of a push connection that is made: it ends again and again, or sends lines that can't be read. */
export class PushComplaints {
  readonly #options: PushComplaintsOptions;
  /** When a connection that the charger had accepted last ended, ms of the clock. */
  #endedAt = Number.NEGATIVE_INFINITY;
  #unsteady = false;
  readonly #loggedAt = new Map<'unsteady' | 'unreadable', number>();

  constructor(options: PushComplaintsOptions) {
    this.#options = options;
  }

  /** Whether connections last. */
  get steadiness(): 'steady' | 'unsteady' {
    return this.#unsteady ? 'unsteady' : 'steady';
  }

  /** The present connection has lasted for `ms` so far. */
  lasted(ms: number): void {
    if (ms >= UNSTEADY_MS) this.#unsteady = false;
  }

  /** A connection that the charger had accepted has ended. */
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

  /** A line can't be read; `path` is its topic, if that is known. Returns whether the bridge may miss a state by that. */
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
