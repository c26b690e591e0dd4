import type { Backend, Sink } from '../backend/backend.js';
import type { Cancel, Clock } from '../base/clock.js';
import { Refused, Unavailable } from '../base/errors.js';
import { includes, type Json } from '../base/json.js';
import type { Log } from '../base/log.js';
import { derivedTopics, type Registry } from '../topics/index.js';
import { isController } from '../topics/namespaces.js';
import type { Command, Topic } from '../topics/topic.js';
import { Confirmation } from './confirmation.js';
import { Forwarding } from './forwarding.js';
import { complete, exampleOf, readWrite } from './payload.js';
import { StateStore } from './state-store.js';
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
}

/** A write as it came in, from whichever outlet. */
export interface Write {
  /** The topic without prefix and without `_update`: `evse/external_current`. */
  readonly path: string;
  readonly payload: Uint8Array;
  /** Replayed by a broker, so of unknown age. */
  readonly retained: boolean;
}

/** The outcome of a write (contract 4.8). */
export type Receipt =
  | {
      readonly topic: string;
      readonly status: 'ok';
      readonly value: Json;
      /** It was so already and has not been sent. */
      readonly unchanged?: true;
      /** The charger took it and did nothing. */
      readonly applied?: false;
      readonly hint?: string;
    }
  | {
      readonly topic: string;
      readonly status: 'error';
      readonly code: Refused['code'];
      readonly error: string;
    };

export interface Watcher {
  /** The topic `path` now has the JSON `text`. */
  state(path: string, text: string): void;
  /** The charger came or went, or is reached another way. */
  connection(): void;
  /** A write was answered. */
  answered?(receipt: Receipt): void;
}

/** How the charger is reached at the moment. */
export type Connection =
  | { readonly online: true; readonly transport: string }
  | { readonly online: false; readonly why: string };

/** How long a value that the charger took counts as present although it has not been reported yet, ms. */
const REPORT_WITHIN_MS = 2_500;

const UNEXPLAINED = 'the charger took it, but does not show it';

/** One charger: its topics, what they show, and the one door for writes. */
export class Charger {
  readonly topics: Registry;
  readonly store = new StateStore();
  readonly #options: ChargerOptions;
  readonly #queue: WriteQueue;
  readonly #watchers = new Set<Watcher>();
  readonly #sent = new Map<string, { readonly value: Json; readonly at: number }>();
  readonly #forwarding: Forwarding;
  readonly #confirmation: Confirmation;
  readonly #permit: Permit;
  #connection: Connection = { online: false, why: 'the charger has not answered yet' };

  constructor(options: ChargerOptions) {
    this.#options = options;
    this.topics = options.topics;
    this.#forwarding = new Forwarding(options);
    this.#confirmation = new Confirmation({
      charger: this,
      clock: options.clock,
      readAnew: (path) => options.backend.read(path),
    });
    this.#permit = permitOf(options.policy);
    this.#queue = new WriteQueue({
      clock: options.clock,
      flashInterval: options.policy.flashInterval,
      onFlashWait: (path, ms) =>
        options.log.warn(
          `${path} is written often and wears the charger's flash: the next write waits ${Math.ceil(ms / 1000)} s; use evse/external_current for frequent changes`,
        ),
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** The JSON that `path` shows; undefined while it shows none. */
  read(path: string): Json | undefined {
    return this.store.read(path);
  }

  /** Runs the backend until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const sink: Sink = {
      state: (path, text, value) => this.#reported(path, text, value),
      online: (transport) => this.#connected({ online: true, transport }),
      offline: (why) => this.#connected({ online: false, why }),
    };
    try {
      await this.#options.backend.run(sink, signal);
    } finally {
      this.#abandon('the bridge is stopping');
    }
  }

  /** Tells `watcher` of every change from now on. */
  watch(watcher: Watcher): Cancel {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * The one door for writes: never throws for anything that a stranger sent or a charger answered; while the charger
   * is away, and once the bridge is stopping, the answer is `offline`. Everything up to the queue happens before this
   * returns, so that calls keep their order.
   */
  async write(write: Write): Promise<Receipt> {
    const receipt = await this.#answer(write);
    for (const watcher of this.#watchers) watcher.answered?.(receipt);
    return receipt;
  }

  async #answer(write: Write): Promise<Receipt> {
    const topic = write.path;
    try {
      const row = this.#lookUp(topic);
      this.#permit(row, write.retained);
      const value = row.command
        ? this.#understand(row, row.command, write.payload)
        : this.#forwardUnknown(write.payload);
      if (!this.#connection.online) throw new Unavailable(`the charger is offline: ${this.#connection.why}`);
      if (this.#alreadySet(row, value)) return { topic, status: 'ok', value, unchanged: true };
      this.#confirmation.supersede(row);
      await this.#queue.push(topic, value, row.command?.flash === true, () => this.#send(topic, value));
      const applied = this.#queue.busy(topic) || (await this.#confirmation.confirm(row, value));
      if (applied) return { topic, status: 'ok', value };
      return { topic, status: 'ok', value, applied, hint: row.command?.hint ?? UNEXPLAINED };
    } catch (error) {
      if (error instanceof Refused) return { topic, status: 'error', code: error.code, error: error.message };
      if (error instanceof Unavailable)
        return { topic, status: 'error', code: 'offline', error: error.message };
      throw error;
    }
  }

  /** Whether writes to `path` may be offered: it has a command, or it is an unknown topic of this charger. */
  isWritable(path: string): boolean {
    const row = this.topics.get(path);
    return row
      ? row.command !== undefined
      : this.#options.passthrough && this.store.has(path) && isController(path);
  }

  #lookUp(path: string): Topic {
    const row = this.topics.get(path);
    if (row?.command) return row;
    if (row) throw new Refused('unknown', `${path} can only be read`);
    if (this.isWritable(path)) return { path, doc: '' };
    throw new Refused('unknown', `there is no topic ${path}`);
  }

  #understand(row: Topic, command: Command, payload: Uint8Array): Json {
    const parsed = readWrite(payload, command.action, () => exampleOf(command, row.state?.example));
    return complete(command, parsed, this.#currentValue(row.path));
  }

  /** A write to a topic without a row: the charger itself has to check it, but null it would misunderstand. */
  #forwardUnknown(payload: Uint8Array): Json {
    const value = readWrite(payload, false, () => 'JSON');
    if (value === null)
      throw new Refused('invalid', 'null is never forwarded: the charger would repeat its last write');
    return value;
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
    if (!this.#connection.online) throw new Unavailable(`the charger is offline: ${this.#connection.why}`);
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
    if (!next.online) this.#abandon(`the charger is offline: ${next.why}`);
    const same = next.online
      ? before.online && before.transport === next.transport
      : !before.online && before.why === next.why;
    if (same) return;
    if (next.online) this.#options.log.info(`charger online (${next.transport})`);
    else this.#options.log.warn(`charger offline: ${next.why}`);
    for (const watcher of this.#watchers) watcher.connection();
  }

  #reported(path: string, text: string, value: Json | undefined): void {
    if (this.store.get(path) === text) return;
    const accepted = this.#forwarding.accept(path, text, value);
    if (accepted === undefined || !this.#changed(path, accepted)) return;
    for (const row of derivedTopics) {
      if (row.from === path) this.#changed(row.path, JSON.stringify(row.make(this.read(path) ?? null)));
    }
  }

  /** Remembers and tells what `path` shows now; says whether that is news. */
  #changed(path: string, text: string): boolean {
    if (!this.store.set(path, text)) return false;
    this.#sent.delete(path);
    for (const watcher of this.#watchers) watcher.state(path, text);
    return true;
  }
}
