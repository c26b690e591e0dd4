import { Backoff, Notifier } from '../../base/backoff.js';
import type { Cancel } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { ConnectionMonitor, StateOrdering } from './connection-monitor.js';
import { openPushSession, type PushEvents, type PushSessionOptions } from './push-session.js';
import { RequestFailed } from './request-failed.js';

export interface PushLineOptions extends PushSessionOptions {
  readonly log: Log;
  readonly reach: ConnectionMonitor;
  readonly reports: StateOrdering;
  /** Whether polling stands in while push is away; it then also finds out when the charger is back. */
  readonly backedUp: boolean;
  /** covers() may have changed. */
  readonly onChange: () => void;
}

/** ms before the next try after a connection was lost, and the longest wait. */
const FIRST_RETRY = 500;
const LONGEST_RETRY = 30_000;

/** ms before the next try where there is no push, or where only a person can help. */
const SLOW_RETRY = 60_000;

/** ms that a connection must have lasted to count as a good one. */
const GOOD = 30_000;

/** ms after the loss of a connection from which polling stands in, unless a new try has failed before. */
const GRACE = 1_000;

/** ms without a frame from which polling helps out, before the connection is given up. */
const QUIET = 5_000;

/** ms from an unreadable line to a new connection, which tells everything again; longer each time. */
const FIRST_RENEWAL = 4_000;
const LONGEST_RENEWAL = 600_000;

/** ms without an unreadable line after which the next one is logged again. */
const CLEAN = 900_000;

/** Keeps a push connection to the charger, one after the other. */
export class PushConnection {
  readonly #options: PushLineOptions;
  readonly #wake = new Notifier();
  readonly #backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY);
  readonly #slowly = new Backoff(SLOW_RETRY, SLOW_RETRY);
  readonly #renewals = new Backoff(FIRST_RENEWAL, LONGEST_RENEWAL);
  #upSince: number | undefined;
  #downSince: number;
  #failed = false;
  #heardAt = 0;
  #unreadableAt = Number.NEGATIVE_INFINITY;
  #unoffered = false;
  #renew: (() => void) | undefined;

  constructor(options: PushLineOptions) {
    this.#options = options;
    this.#downSince = options.clock.now();
  }

  /** Whether push alone keeps everything up to date, or is about to, so that nobody needs to poll. */
  get covers(): boolean {
    const now = this.#options.clock.now();
    if (this.#upSince !== undefined) return now - this.#heardAt < QUIET;
    return !this.#failed && now - this.#downSince < GRACE;
  }

  /** The charger is there: the next try is due at once. */
  retry(): void {
    this.#backoff.reset();
    this.#wake.notify();
  }

  /** What was told may be wrong: soon everything is told again over a new connection. */
  scheduleResync(): void {
    this.#renew?.();
  }

  /** Lives until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, reach, backedUp } = this.#options;
    while (!signal.aborted) {
      const renewed = await this.#connection(signal);
      if (renewed) continue;
      await this.#wake.wait(clock, this.#unoffered ? this.#slowly.next() : this.#backoff.next(), signal);
      while (backedUp && !reach.online && !signal.aborted) await this.#wake.wait(clock, undefined, signal);
    }
  }

  /** One connection; says whether it was ended only to make a new one. */
  async #connection(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener('abort', end, { once: true });
    let renewal: Cancel | undefined;
    this.#renew = () => {
      renewal ??= clock.after(this.#renewals.next(), end);
    };
    const failure = await openPushSession(this.#options, this.#events(), ending.signal);
    signal.removeEventListener('abort', end);
    this.#renew = undefined;
    renewal?.();
    if (!renewal) this.#renewals.reset();
    if (signal.aborted) return false;
    this.#lost(failure);
    return failure.kind === 'stopped';
  }

  #events(): PushEvents {
    const { clock, reach, reports, log, onChange } = this.#options;
    return {
      frame: () => {
        const wasCovering = this.covers;
        this.#heardAt = clock.now();
        if (this.#upSince === undefined) return reach.alive();
        reach.connected('websocket');
        if (!wasCovering) onChange();
      },
      complete: () => {
        this.#upSince = clock.now();
        this.#unoffered = false;
        reach.connected('websocket');
        onChange();
      },
      state: (path, text, value) => reports.pushed(path, text, value),
      unreadable: (line) => {
        const now = clock.now();
        if (now - this.#unreadableAt > CLEAN)
          log.warn(`a push message of the charger can't be read: ${line.slice(0, 80)}`);
        this.#unreadableAt = now;
        this.scheduleResync();
      },
    };
  }

  #lost(failure: RequestFailed): void {
    const { clock, reach, log, backedUp, onChange } = this.#options;
    const now = clock.now();
    const lasted = this.#upSince === undefined ? 0 : now - this.#upSince;
    if (lasted >= GOOD) this.#backoff.reset();
    if (this.#upSince !== undefined) this.#downSince = now;
    this.#failed = this.#upSince === undefined;
    this.#upSince = undefined;
    const slow = failure.kind === 'unoffered' || failure.permanent;
    if (backedUp && slow && !this.#unoffered) log.info(`no push: ${failure.message}; polling instead`);
    else log.debug(`push ended: ${failure.message}`);
    this.#unoffered = slow;
    if (!backedUp) reach.failed(slow ? withRemedy(failure) : failure);
    onChange();
  }
}

function withRemedy(failure: RequestFailed): RequestFailed {
  if (failure.kind !== 'unoffered') return failure;
  return new RequestFailed('unoffered', `${failure.message}; set CHARGER_TRANSPORT=auto to poll it`);
}
