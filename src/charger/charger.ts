import type { Backend, Sink } from '../backend/backend.js';
import type { Cancel, Clock } from '../base/clock.js';
import { Unavailable } from '../base/errors.js';
import { includes, type Json, type JsonObject } from '../base/json.js';
import type { Log } from '../base/log.js';
import type { Registry } from '../topics/index.js';
import { isBridges, isController, isStatePath } from '../topics/namespaces.js';
import { withoutSecrets } from '../topics/secrets.js';
import type { Topic } from '../topics/topic.js';
import { type WriteTarget, writeTarget } from '../topics/write-target.js';
import { Confirmation, groupOf } from './confirmation.js';
import { matcher } from './globs.js';
import { wantedValue } from './payload.js';
import { StateReports } from './state-reports.js';
import { StateStore } from './state-store.js';
import { unknownTopic } from './unknown-topic.js';
import { failed, type Outcome, type Receipt, type Waiting, type Write } from './write.js';
import { type Permit, type Policy, permitOf } from './write-policy.js';
import { WriteQueue } from './write-queue.js';

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
  /** Globs of topics that are not published; the program itself knows them all the same. Default: none. */
  readonly exclude?: readonly string[];
  /** Globs of topics without a row to which writes are forwarded, and whose states are passed on. Default: none. */
  readonly forward?: readonly string[];
}

export interface Watcher {
  /** The topic `path` now has the JSON `text`. */
  state(path: string, text: string): void;
  /** The charger reports `path`, whether that is passed on or not, and whether it is news or not. */
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
  | { readonly online: false; readonly why: string };

/** How long a value that the charger took counts as present although it has not been reported yet, ms. */
const REPORT_WITHIN_MS = 2_500;

const WEARS_FLASH =
  "it is written often, and the charger's flash wears: use evse/external_current for frequent changes";

const UNEXPLAINED = 'the charger took it, but does not show it';

/** One charger: its topics, what they show, and the one door for writes. */
export class Charger {
  readonly topics: Registry;
  readonly store = new StateStore();
  readonly #options: ChargerOptions;
  readonly #queue: WriteQueue;
  readonly #watchers = new Set<Watcher>();
  readonly #sent = new Map<string, { readonly value: Json; readonly at: number }>();
  readonly #reports: StateReports;
  readonly #confirmation: Confirmation;
  readonly #permit: Permit;
  readonly #forwards: (path: string) => boolean;
  readonly #excluded: ((path: string) => boolean) | undefined;
  #connection: Connection = { online: false, why: 'the charger has not answered yet' };

  constructor(options: ChargerOptions) {
    this.#options = options;
    this.topics = options.topics;
    this.#reports = new StateReports({
      ...options,
      store: this.store,
      onChange: (path, text) => {
        this.#sent.delete(path);
        for (const watcher of this.#watchers) watcher.state(path, text);
      },
      onGone: (path) => {
        for (const watcher of this.#watchers) watcher.gone?.(path);
      },
    });
    this.#confirmation = new Confirmation({
      charger: this,
      clock: options.clock,
      readAnew: (path) => options.backend.read(path),
    });
    this.#permit = permitOf(options.policy);
    this.#forwards = matcher(options.forward ?? []);
    this.#excluded = options.exclude?.length ? matcher(options.exclude) : undefined;
    this.#queue = new WriteQueue({
      clock: options.clock,
      flashInterval: options.policy.flashInterval,
      onFlashWait: (path, ms) =>
        options.log.warn(`a write to ${path} waits ${Math.ceil(ms / 1_000)} s: ${WEARS_FLASH}`),
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** The JSON that `path` shows; undefined while it shows none. */
  read(path: string): Json | undefined {
    return this.store.read(path);
  }

  /** Asks the charger for `path`, also for one that is not passed on; resolves to whether it answered. */
  ask(path: string): Promise<boolean> {
    return this.#options.backend.read(path);
  }

  /** Runs the backend until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const sink: Sink = {
      state: (path, text, value) => {
        for (const watcher of this.#watchers) watcher.reported?.(path, text);
        this.#reports.add(path, text, value);
      },
      wants: (path) => this.#reports.wants(path),
      online: (transport) => this.#connected({ online: true, transport }),
      offline: (why) => this.#connected({ online: false, why }),
    };
    try {
      await this.#options.backend.run(sink, signal);
    } finally {
      this.#abandon('the bridge is stopping');
      this.#connection = { online: false, why: 'the bridge is stopping' };
    }
  }

  /** Tells `watcher` of every change from now on. */
  watch(watcher: Watcher): Cancel {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** This program itself has something to say: `path`, a topic of the bridge, now shows `value`. */
  tellOwn(path: string, value: Json): void {
    this.#reports.tellOwn(path, JSON.stringify(value));
  }

  /** Tells every watcher what happened. */
  tellEvent(event: JsonObject): void {
    for (const watcher of this.#watchers) watcher.event?.(event);
  }

  /**
   * The one door for writes: never throws for anything that a stranger sent or a charger answered; while the charger
   * is away, and once the bridge is stopping, the answer is `offline`. Everything up to the queue happens before this
   * returns, so that calls keep their order.
   */
  async write(write: Write): Promise<Outcome> {
    const receipt = await this.#answer(write);
    this.#tell(receipt);
    // Who moved a control sees it jump back to what is so.
    if (receipt.status === 'error' ? receipt.code !== 'superseded' : receipt.applied === false) {
      this.repeat(write.path);
    }
    return receipt;
  }

  async #answer(write: Write): Promise<Outcome> {
    let topic = write.path;
    try {
      const { row, inside } = this.#lookUp(topic);
      topic = row.path;
      this.#permit(row, write.retained);
      const value = wantedValue(row, write.payload, this.#currentValue(topic), inside);
      this.#demandOnline();
      const told = withoutSecrets(row.command, value);
      const waiting = { topic, status: 'waiting', value: told, hint: WEARS_FLASH } as const;
      if (this.#alreadySet(row, value)) return { topic, status: 'ok', value: told, unchanged: true };
      this.#confirmation.supersede(row);
      await this.#queue.push({
        path: topic,
        value,
        flash: row.command?.flash === true,
        group: groupOf(row),
        expiresAt: write.expiresAt,
        send: () => this.#send(topic, value),
        onWait: (ms) => this.#tellToWait(write, { ...waiting, seconds: Math.ceil(ms / 1_000) }),
      });
      const applied = this.#queue.busy(topic) || (await this.#confirmation.confirm(row, value));
      if (applied) return { topic, status: 'ok', value: told };
      return { topic, status: 'ok', value: told, applied, hint: row.command?.hint ?? UNEXPLAINED };
    } catch (error) {
      return failed(topic, error);
    }
  }

  /** Whether the owner wants `path` to be published. */
  isPublished(path: string): boolean {
    return !this.#excluded?.(path) || isBridges(path);
  }

  /** Whether writes to `path` may be offered: it has a command, or it is an unknown topic that may be forwarded. */
  isWritable(path: string): boolean {
    const row = this.topics.get(path);
    if (row) return row.command !== undefined;
    if (this.#options.passthrough && this.store.has(path) && isController(path)) return true;
    return isStatePath(path) && this.#forwards(path);
  }

  /** Whether the settings let anybody write `row`. */
  isPermitted(row: Topic): boolean {
    try {
      this.#permit(row, false);
      return true;
    } catch {
      return false;
    }
  }

  /** Tells every watcher again what `path`, or everything, shows: somebody may show something else. */
  repeat(path?: string): void {
    for (const [known, text] of [...this.store.entries()]) {
      if (path !== undefined && known !== path) continue;
      for (const watcher of this.#watchers) watcher.state(known, text);
    }
  }

  #lookUp(path: string): WriteTarget {
    const target = writeTarget(this.topics, path);
    if (target) return target;
    if (this.isWritable(path)) return { row: { path, doc: '' }, inside: [] };
    throw unknownTopic(path, this.topics);
  }

  #demandOnline(): void {
    if (!this.#connection.online) throw new Unavailable(`the charger is offline: ${this.#connection.why}`);
  }

  #tellToWait({ onWaiting }: Write, receipt: Waiting): void {
    onWaiting?.(receipt);
    this.#tell(receipt);
  }

  #tell(receipt: Receipt): void {
    for (const watcher of this.#watchers) watcher.answered?.(receipt);
  }

  #alreadySet(row: Topic, value: Json): boolean {
    const { command } = row;
    if (!command?.flash || command.actsWhenEqual || this.#queue.busy(row.path)) return false;
    return includes(this.#currentValue(row.path), value);
  }

  /** The newest value of `path`: on its way, just taken, or reported. */
  #currentValue(path: string): Json | undefined {
    const wanted = this.#queue.latest(path);
    if (wanted !== undefined) return wanted;
    const sent = this.#sent.get(path);
    if (sent && this.#options.clock.now() - sent.at < REPORT_WITHIN_MS) return sent.value;
    return this.read(path);
  }

  async #send(path: string, value: Json): Promise<void> {
    this.#demandOnline();
    this.#sent.set(path, { value, at: this.#options.clock.now() });
    try {
      await this.#options.backend.write(path, value);
    } catch (error) {
      this.#sent.delete(path);
      throw error;
    }
    if (this.#sent.has(path)) this.#sent.set(path, { value, at: this.#options.clock.now() });
  }

  /** Nothing that waits will come to anything. */
  #abandon(why: string): void {
    this.#queue.fail(new Unavailable(why));
    this.#confirmation.stop();
  }

  #connected(next: Connection): void {
    const before = this.#connection;
    this.#connection = next;
    if (!next.online) {
      this.#abandon(`the charger is offline: ${next.why}`);
      this.#reports.offline();
    } else if (!before.online) this.#reports.online();
    const same = next.online
      ? before.online && before.transport === next.transport
      : !before.online && before.why === next.why;
    if (same) return;
    if (next.online) this.#options.log.info(`charger online (${next.transport})`);
    else this.#options.log.warn(`charger offline: ${next.why}`);
    for (const watcher of this.#watchers) watcher.connection();
  }
}
