import { Backoff, type Chance, Notifier } from '../../base/backoff.js';
import type { Cancel } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { ConnectionMonitor } from './connection-monitor.js';
import { openPushSession, type PushEvents, type PushSessionOptions } from './push-session.js';
import { RequestFailed } from './request-failed.js';
import type { StateOrdering } from './state-ordering.js';

export interface PushConnectionOptions extends PushSessionOptions {
  readonly log: Log;
  readonly monitor: ConnectionMonitor;
  readonly ordering: StateOrdering;
  /** Whether polling stands in while push is away; it then also finds out when the charger is back. */
  readonly backedUp: boolean;
  /** For the times between tries; by default Math.random. */
  readonly chance?: Chance | undefined;
  /** `covers` may have changed. */
  readonly onChange: () => void;
}

type State = 'connecting' | 'live' | 'stale' | 'absent' | 'unsupported';

/** ms before the next try after a connection was lost, and the longest wait. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** ms before the next try where there is no push, or where only a person can help. */
const SLOW_RETRY_MS = 60_000;

/** ms that a connection must have lasted to count as a good one. */
const GOOD_MS = 30_000;

/** ms from the start, or from the loss of a connection, within which a dump makes good for everything. */
const GRACE_MS = 1_000;

/** ms without a frame after which a connection is not relied upon; after 10 s it is given up. */
const QUIET_MS = 5_000;

/** ms from an unreadable line to a new connection, which tells everything again; longer each time. */
const FIRST_RENEWAL_MS = 4_000;
const LONGEST_RENEWAL_MS = 600_000;

/** ms without an unreadable line after which the next one is logged again. */
const CLEAN_MS = 900_000;

/**
 * Keeps a push connection to the charger, one after the other.
 *
 * | state         | covers | dump complete | a frame | time                | connection or try ended  |
 * |---------------|--------|---------------|---------|---------------------|--------------------------|
 * | `connecting`  | yes    | `live`        |         | after 1 s: `absent` | `absent`, `unsupported`  |
 * | `live`        | yes    |               |         | 5 s quiet: `stale`  | `connecting`             |
 * | `stale`       | no     |               | `live`  |                     | `absent`                 |
 * | `absent`      | no     | `live`        |         |                     | `absent`, `unsupported`  |
 * | `unsupported` | no     | `live`        |         |                     | `absent`, `unsupported`  |
 *
 * It begins in `connecting`. `unsupported` is the end of a try that told that this firmware has no push, or that
 * only a person can help; it is tried again once a minute, and from `absent` with growing waits. Tries go on in
 * every state: a dump may be on its way in `connecting`, `absent` and `unsupported`.
 */
export class PushConnection {
  readonly #options: PushConnectionOptions;
  readonly #wake = new Notifier();
  readonly #backoff: Backoff;
  readonly #slowly: Backoff;
  readonly #renewals: Backoff;
  #state: State = 'connecting';
  /** Ends the time of the present state. */
  #cancelTime: Cancel = () => {};
  #liveSince = 0;
  #heardAt = 0;
  #unreadableAt = Number.NEGATIVE_INFINITY;
  #renew: (() => void) | undefined;

  constructor(options: PushConnectionOptions) {
    this.#options = options;
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, options.chance);
    this.#slowly = new Backoff(SLOW_RETRY_MS, SLOW_RETRY_MS, options.chance);
    this.#renewals = new Backoff(FIRST_RENEWAL_MS, LONGEST_RENEWAL_MS, options.chance);
  }

  /** Whether push alone keeps everything up to date, or is about to, so that nobody needs to poll. */
  get covers(): boolean {
    return this.#state === 'live' || this.#state === 'connecting';
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
    const { clock, monitor, backedUp } = this.#options;
    this.#enter('connecting');
    while (!signal.aborted) {
      const renewed = await this.#connection(signal);
      if (renewed) continue;
      const wait = this.#state === 'unsupported' ? this.#slowly.next() : this.#backoff.next();
      await this.#wake.wait(clock, wait, signal);
      while (backedUp && !monitor.online && !signal.aborted) await this.#wake.wait(clock, undefined, signal);
    }
    this.#cancelTime();
  }

  #enter(state: State): void {
    const { clock, onChange } = this.#options;
    this.#cancelTime();
    this.#state = state;
    if (state === 'connecting') this.#cancelTime = clock.after(GRACE_MS, () => this.#enter('absent'));
    if (state === 'live') this.#awaitQuiet(QUIET_MS);
    onChange();
  }

  /** A timer that is set anew only when it has run out costs nothing per frame. */
  #awaitQuiet(ms: number): void {
    const { clock } = this.#options;
    this.#cancelTime = clock.after(ms, () => {
      const left = this.#heardAt + QUIET_MS - clock.now();
      if (left > 0) this.#awaitQuiet(left);
      else this.#enter('stale');
    });
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
    this.#ended(failure);
    return failure.kind === 'stopped';
  }

  #events(): PushEvents {
    const { clock, monitor, ordering, log } = this.#options;
    return {
      frame: () => {
        this.#heardAt = clock.now();
        if (this.#state !== 'live' && this.#state !== 'stale') return monitor.alive();
        monitor.connected('websocket');
        if (this.#state === 'stale') this.#enter('live');
      },
      complete: () => {
        this.#liveSince = clock.now();
        monitor.connected('websocket');
        this.#enter('live');
      },
      state: (path, text, value) => ordering.pushed(path, text, value),
      unreadable: (line) => {
        const now = clock.now();
        if (now - this.#unreadableAt > CLEAN_MS)
          log.warn(`a push message of the charger can't be read: ${line.slice(0, 80)}`);
        this.#unreadableAt = now;
        this.scheduleResync();
      },
    };
  }

  /** A connection, or a try for one, has ended. */
  #ended(failure: RequestFailed): void {
    const { clock, monitor, log, backedUp } = this.#options;
    const before = this.#state;
    const wasUp = before === 'live' || before === 'stale';
    if (wasUp && clock.now() - this.#liveSince >= GOOD_MS) this.#backoff.reset();
    const hopeless = failure.kind === 'unsupported' || failure.permanent;
    if (backedUp && hopeless && before !== 'unsupported')
      log.info(`no push: ${failure.message}; polling instead`);
    else log.debug(`push ended: ${failure.message}`);
    if (!backedUp) monitor.failed(hopeless ? withRemedy(failure) : failure);
    this.#enter(hopeless ? 'unsupported' : before === 'live' ? 'connecting' : 'absent');
  }
}

function withRemedy(failure: RequestFailed): RequestFailed {
  if (failure.kind !== 'unsupported') return failure;
  return new RequestFailed('unsupported', `${failure.message}; set CHARGER_TRANSPORT=auto to poll it`);
}
