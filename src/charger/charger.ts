import type { Backend, Sink } from '../backend/backend.js';
import type { Cancel, Clock } from '../base/clock.js';
import type { Json, JsonObject } from '../base/json.js';
import type { Log } from '../base/log.js';
import type { Registry } from '../topics/index.js';
import { isBridgeTopic } from '../topics/namespaces.js';
import type { Topic } from '../topics/topic.js';
import { matcher } from './globs.js';
import { identityOf } from './identity.js';
import { StateReports } from './state-reports.js';
import { StateStore } from './state-store.js';
import type { Outcome, Receipt, Write } from './write.js';
import { WriteDoor } from './write-door.js';
import type { Policy } from './write-policy.js';

export interface ChargerOptions {
  readonly topics: Registry;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** Globs of topics outside `evse` and `info` that are passed on too. */
  readonly mirror: readonly string[];
  /** Whether `evse/*` topics without a row are passed on, and writes to them forwarded. */
  readonly passthrough: boolean;
  /** The charger's address without a login, for the log. */
  readonly address?: string | undefined;
  /** Globs of topics that are not published; the program itself still uses them. Default: none. */
  readonly exclude?: readonly string[];
  /** Globs of topics without a row to which writes are forwarded, and whose states are passed on. Default: none. */
  readonly forward?: readonly string[];
}

/** Is told what happens to a charger. */
export interface Watcher {
  /** The topic `path` now has the JSON `text`. */
  state(path: string, text: string): void;
  /** The charger reports `path`: called for every report, also for one that is not passed on or not new. */
  reported?(path: string, text: string): void;
  /** The charger does not have `path` any more. */
  gone?(path: string): void;
  /** The charger came or went, or is reached another way. */
  connection(): void;
  /** A write was answered. */
  answered?(receipt: Receipt): void;
  /** Something happened that no state shows (contract 3, `bridge/event`). */
  event?(event: JsonObject): void;
}

/** How the charger is reached at the moment. */
export type Connection =
  | { readonly online: true; readonly transport: string }
  | {
      readonly online: false;
      readonly why: string;
      /** Set if only the charge controller fails: over it the charger still reports the topics of its other parts. */
      readonly transport?: string | undefined;
    };

/** One charger: its topics, what they show, and the one door for writes. */
export class Charger {
  readonly topics: Registry;
  readonly store = new StateStore();
  readonly #options: ChargerOptions;
  /** Replaced, not changed, when a watcher comes or goes: a loop over the old list goes on undisturbed. */
  #watchers: readonly Watcher[] = [];
  readonly #reports: StateReports;
  readonly #door: WriteDoor;
  readonly #excluded: ((path: string) => boolean) | undefined;
  #connection: Connection = { online: false, why: 'the charger has not answered yet' };

  constructor(options: ChargerOptions) {
    this.#options = options;
    this.topics = options.topics;
    this.#reports = new StateReports({
      ...options,
      store: this.store,
      onChange: (path, text) => {
        this.#door.shown(path);
        this.#each((watcher) => watcher.state(path, text));
      },
      onGone: (path) => {
        this.#each((watcher) => watcher.gone?.(path));
      },
    });
    this.#door = new WriteDoor({
      ...options,
      charger: this,
      onWaiting: (receipt) => this.#tell(receipt),
    });
    this.#excluded = options.exclude?.length ? matcher(options.exclude) : undefined;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** The JSON that `path` shows; undefined while it shows none. */
  read(path: string): Json | undefined {
    return this.store.read(path);
  }

  /** Reads `path` from the charger, also a topic that is not passed on; resolves to whether the charger answered. */
  ask(path: string): Promise<boolean> {
    return this.#options.backend.read(path);
  }

  /** Runs the backend until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const sink: Sink = {
      state: (path, text, value) => {
        this.#each((watcher) => watcher.reported?.(path, text));
        this.#reports.add(path, text, value);
      },
      wants: (path) => this.#reports.wants(path),
      online: (transport) => this.#connected({ online: true, transport }),
      offline: (why, transport) => this.#connected({ online: false, why, transport }),
    };
    const ending = new AbortController();
    const end = () => {
      if (!this.#door.isUnderway) ending.abort();
      else void this.#door.finish().finally(() => ending.abort());
    };
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    try {
      await this.#options.backend.run(sink, ending.signal);
    } finally {
      signal.removeEventListener('abort', end);
      this.#door.stop();
      this.#reports.stop();
      this.#connection = { online: false, why: 'the bridge is stopping' };
    }
  }

  /** Tells `watcher` of every change from now on. */
  watch(watcher: Watcher): Cancel {
    this.#watchers = [...this.#watchers, watcher];
    return () => {
      this.#watchers = this.#watchers.filter((one) => one !== watcher);
    };
  }

  /** Goes on with the command `row`, whose first step an earlier process sent `elapsedMs` ago; it did not send them all. */
  resume(row: Topic, elapsedMs: number): void {
    this.#door.resume(row, elapsedMs);
  }

  /** Sets `path`, a topic of the bridge itself, to `value`. */
  tellOwn(path: string, value: Json): void {
    this.#reports.tellOwn(path, JSON.stringify(value));
  }

  /** Tells every watcher what happened. */
  tellEvent(event: JsonObject): void {
    this.#each((watcher) => watcher.event?.(event));
  }

  /**
   * Carries out a write; every write goes through here. Never rejects because of what a stranger sent or the charger
   * answered: the outcome says it. While the charger is away, and once the bridge is stopping, the outcome is
   * `offline`. Everything up to the queue happens before this returns, so that writes keep the order of the calls.
   */
  async write(write: Write): Promise<Outcome> {
    const receipt = await this.#door.answer(write);
    this.#tell(receipt);
    // The control that somebody moved in a user interface has to show the real state again.
    if (receipt.status === 'error' ? receipt.code !== 'superseded' : receipt.applied === false) {
      this.repeat(receipt.topic);
    }
    return receipt;
  }

  /** Whether the owner wants `path` to be published. */
  isPublished(path: string): boolean {
    return !this.#excluded?.(path) || isBridgeTopic(path);
  }

  /** Whether writes to `path` may be offered: it has a command, or it is an unknown topic that may be forwarded. */
  isWritable(path: string): boolean {
    return this.#door.isWritable(path);
  }

  /** Whether the settings let anybody write `row`. */
  isPermitted(row: Topic): boolean {
    return this.#door.isPermitted(row);
  }

  /** Tells every watcher again the state of `path`, or all states: a client may show something else. */
  repeat(path?: string): void {
    for (const [known, text] of [...this.store.entries()]) {
      if (path !== undefined && known !== path) continue;
      this.#each((watcher) => watcher.state(known, text));
    }
  }

  /** Calls `tell` for every watcher that is still there. It runs for each state, so the loop makes no objects. */
  #each(tell: (watcher: Watcher) => void): void {
    const all = this.#watchers;
    for (let at = 0; at < all.length; at++) {
      const watcher = all[at];
      if (watcher && (all === this.#watchers || this.#watchers.includes(watcher))) tell(watcher);
    }
  }

  #tell(receipt: Receipt): void {
    this.#each((watcher) => watcher.answered?.(receipt));
  }

  #connected(next: Connection): void {
    const before = this.#connection;
    this.#connection = next;
    if (!next.online) {
      this.#door.abandon(`the charger is offline: ${next.why}`);
      this.#reports.offline();
    } else if (!before.online) this.#reports.online();
    const sameReason = !next.online && !before.online && before.why === next.why;
    if (before.transport === next.transport && (sameReason || (next.online && before.online))) return;
    if (next.online) {
      const who = identityOf((path) => this.read(path), this.#options.address);
      this.#options.log.info(`charger online${who === '' ? '' : `: ${who}`} (${next.transport})`);
    } else if (!sameReason) this.#options.log.warn(`charger offline: ${next.why}`);
    this.#each((watcher) => watcher.connection());
  }
}
