import { Backoff, type Chance, Notifier } from '../../base/backoff.js';
import type { Cancel } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { ConnectionMonitor } from './connection-monitor.js';
import { PushComplaints } from './push-complaints.js';
import { openPushSession, type PushEvents, type PushSessionOptions } from './push-session.js';
import type { Recognition } from './recognition.js';
import { notACharger, RequestFailed } from './request-failed.js';
import { RetrySchedule } from './retry-schedule.js';
import type { StateOrdering } from './state-ordering.js';

export interface PushConnectionOptions extends PushSessionOptions {
  readonly log: Log;
  readonly monitor: ConnectionMonitor;
  readonly ordering: StateOrdering;
  readonly recognition: Recognition;
  /** Whether polling stands in while push is away; it then also finds out when the charger is back. */
  readonly backedUp: boolean;
  /** For the times between tries; by default Math.random. */
  readonly chance?: Chance | undefined;
  /** Whether anybody wants the topic `path`. */
  readonly wants: (path: string) => boolean;
  /** Whether states of `path` are passed on. */
  readonly forwards: (path: string) => boolean;
  /** `covers` may have changed. */
  readonly onChange: () => void;
  /** A dump is complete. */
  readonly onDump: () => void;
  /** A line that may hold a state for the bridge could not be read. */
  readonly onDoubt: () => void;
}

type State = 'connecting' | 'live' | 'stale' | 'absent' | 'unsupported';

/** ms before the next try after a connection was lost while polling stands in, and the longest wait. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** ms before the next try where there is no push, or where only a person can help. */
const SLOW_RETRY_MS = 60_000;

/** ms that a connection must have lasted to count as a good one. */
const GOOD_MS = 30_000;

/** ms after the start, or after the loss of a connection, in which a new dump is awaited and nobody polls. */
const GRACE_MS = 1_000;

/** ms without a frame after which polling stands in; after 10 s the connection is given up. */
const QUIET_MS = 5_000;

/**
 * Keeps a push connection to the charger: when one ends, the next one is opened.
 *
 * | state         | covers | dump complete | a frame | time                | connection or try ended  |
 * |---------------|--------|---------------|---------|---------------------|--------------------------|
 * | `connecting`  | yes    | `live`        |         | after 1 s: `absent` | `absent`, `unsupported`  |
 * | `live`        | yes    |               |         | 5 s quiet: `stale`  | `connecting`             |
 * | `stale`       | no     |               | `live`  |                     | `absent`                 |
 * | `absent`      | no     | `live`        |         |                     | `absent`, `unsupported`  |
 * | `unsupported` | no     | `live`        |         |                     | `absent`, `unsupported`  |
 *
 * It begins in `connecting`. It goes to `unsupported` when a try has shown that this firmware has no push, or that only
 * a person can help. From there it tries again once a minute, from `absent` with growing waits. Tries go on in every
 * state: a connection whose dump is not complete yet may be open in `connecting`, `absent` and `unsupported`.
 */
export class PushConnection {
  readonly #options: PushConnectionOptions;
  readonly #wake = new Notifier();
  readonly #backoff: Backoff;
  readonly #slowly: Backoff;
  readonly #retry: RetrySchedule;
  #state: State = 'connecting';
  /** Ends the time of the present state. */
  #cancelTime: Cancel = () => {};
  #liveSince = 0;
  #heardAt = 0;
  readonly #complaints: PushComplaints;

  constructor(options: PushConnectionOptions) {
    const { chance, clock } = options;
    this.#options = options;
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, chance);
    this.#slowly = new Backoff(SLOW_RETRY_MS, SLOW_RETRY_MS, chance);
    this.#retry = new RetrySchedule(clock, chance);
    this.#complaints = new PushComplaints(options);
  }

  /** Whether push alone keeps everything up to date, or is about to, so that nobody needs to poll. */
  get covers(): boolean {
    return this.#state === 'live' || this.#state === 'connecting';
  }

  /** Whether a whole dump and everything after it has come. */
  get live(): boolean {
    return this.#state === 'live';
  }

  /** The charger answers: the next try is due at once. */
  retry(): void {
    this.#backoff.reset();
    this.#wake.notify();
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, monitor, backedUp } = this.#options;
    this.#enter('connecting');
    while (!signal.aborted) {
      const startedAt = clock.now();
      const failure = await this.#connection(signal);
      if (!failure) continue;
      await this.#wake.wait(clock, this.#waitAfter(failure, startedAt), signal);
      while (backedUp && !monitor.answers && !signal.aborted) await this.#wake.wait(clock, undefined, signal);
    }
    this.#cancelTime();
  }

  #waitAfter(failure: RequestFailed, startedAt: number): number {
    if (!this.#options.backedUp) return this.#retry.next(failure, startedAt);
    return this.#state === 'unsupported' ? this.#slowly.next() : this.#backoff.next();
  }

  #enter(state: State): void {
    const { clock, onChange } = this.#options;
    this.#cancelTime();
    this.#state = state;
    if (state === 'connecting') this.#cancelTime = clock.after(GRACE_MS, () => this.#enter('absent'));
    if (state === 'live') this.#awaitQuiet(QUIET_MS);
    onChange();
  }

  /** Waits for `QUIET_MS` without a frame. The timer is set again only when it has run out: so a frame costs nothing. */
  #awaitQuiet(ms: number): void {
    const { clock } = this.#options;
    this.#cancelTime = clock.after(ms, () => {
      const left = this.#heardAt + QUIET_MS - clock.now();
      if (left > 0) this.#awaitQuiet(left);
      else this.#enter('stale');
    });
  }

  /** One connection, and why it ended; undefined where it was ended only to make a new one. */
  async #connection(signal: AbortSignal): Promise<RequestFailed | undefined> {
    const { monitor } = this.#options;
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener('abort', end, { once: true });
    const session = new Session(monitor.epoch, end);
    const failure = await openPushSession(this.#options, this.#events(session), ending.signal);
    signal.removeEventListener('abort', end);
    if (signal.aborted) return undefined;
    this.#ended(session.refusal ?? failure, session.opened);
    return failure.kind === 'stopped' && !session.refusal ? undefined : (session.refusal ?? failure);
  }

  #events(session: Session): PushEvents {
    const { clock, monitor, ordering, recognition, forwards, onDoubt, onDump } = this.#options;
    return {
      opened: () => {
        session.opened = true;
      },
      frame: (now) => {
        this.#heardAt = now;
        if (this.#state !== 'live' && this.#state !== 'stale') {
          if (recognition.proven) monitor.alive(now);
        } else if (this.#tellsAll(session)) {
          this.#complaints.lasted(now - this.#liveSince);
          monitor.connected('websocket', this.#complaints.steadiness, now);
          if (this.#state === 'stale') this.#enter('live');
        }
      },
      complete: () => {
        if (!recognition.proven) return session.refuse(notACharger(this.#options.target));
        if (!this.#tellsAll(session)) return;
        this.#retry.succeeded();
        this.#liveSince = clock.now();
        monitor.connected('websocket', this.#complaints.steadiness);
        this.#enter('live');
        onDump();
      },
      reads: (path) => !recognition.proven || forwards(path),
      state: (path, text, value) => {
        if (!recognition.proven) recognition.told(path, text, value);
        ordering.pushed(path, text, value);
      },
      unreadable: (line, path) => {
        if (this.#complaints.unreadable(line, path)) onDoubt();
      },
    };
  }

  /** Whether this connection has reported everything since offline was last reported. If not, it ends, to get a new dump. */
  #tellsAll(session: Session): boolean {
    if (session.epoch === this.#options.monitor.epoch) return true;
    session.end();
    return false;
  }

  /** A connection, or a try for one, has ended. `opened`: the charger had accepted it. */
  #ended(failure: RequestFailed, opened: boolean): void {
    const { clock, monitor, log, backedUp } = this.#options;
    const before = this.#state;
    const wasUp = before === 'live' || before === 'stale';
    if (wasUp && clock.now() - this.#liveSince >= GOOD_MS) this.#backoff.reset();
    const hopeless = failure.kind === 'unsupported' || failure.permanent;
    if (backedUp && hopeless && before !== 'unsupported')
      log.info(`no push: ${failure.message}; polling instead`);
    else log.debug(`push ended: ${failure.message}`);
    if (opened && failure.kind !== 'stopped') this.#complaints.ended(failure);
    if (!backedUp) monitor.failed(hopeless ? withRemedy(failure) : failure);
    this.#enter(hopeless ? 'unsupported' : before === 'live' ? 'connecting' : 'absent');
  }
}

/** What is known of one connection. */
class Session {
  /** The monitor's epoch when it began. */
  readonly epoch: number;
  readonly end: () => void;
  opened = false;
  /** Why we ended it. */
  refusal: RequestFailed | undefined;

  constructor(epoch: number, end: () => void) {
    this.epoch = epoch;
    this.end = end;
  }

  refuse(why: RequestFailed): void {
    this.refusal = why;
    this.end();
  }
}

function withRemedy(failure: RequestFailed): RequestFailed {
  if (failure.kind !== 'unsupported') return failure;
  return new RequestFailed('unsupported', `${failure.message}; set CHARGER_TRANSPORT=auto to poll it`);
}
