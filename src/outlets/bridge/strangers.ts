import type { Cancel } from '../../base/clock.js';
import { membersOf, parseJson } from '../../base/json.js';
import { nearest } from '../../base/nearest.js';
import type { Incoming } from '../../mqtt/link.js';
import { OverwriteGuard } from '../../mqtt/overwrite-guard.js';
import {
  isBelow,
  isBridgeTopic,
  isController,
  settingOf,
  spaceOf,
  updateOf,
} from '../../topics/namespaces.js';
import { writeTarget } from '../../topics/write-target.js';
import type { BridgeOptions } from './bridge.js';
import type { PublishedTopics } from './published-topics.js';
import type { Writers } from './writers.js';

/** Paths that an answer may repeat. A longer path, or one with other characters, is not a mistyped topic of ours. */
const REPEATABLE = /^[\w-]{1,64}(\/[\w-]{1,64}){0,9}$/;

/** How long after a connect the broker may still send an old retained `offline`, ms. */
const REPLAY_MS = 5_000;

/** Handles messages of others below our prefix on topics that take no writes (contract 3, 4.10). */
export class Strangers {
  readonly #options: BridgeOptions;
  readonly #own: PublishedTopics;
  readonly #writers: Writers;
  readonly #publish: (path: string) => void;
  readonly #guard: OverwriteGuard;
  readonly #warned = new Set<string>();
  readonly #spaces: ReadonlySet<string>;
  #upSince = Number.POSITIVE_INFINITY;
  #afterReplay: Cancel = () => {};

  /** `publish` publishes a topic of ours with its present payload. */
  constructor(
    options: BridgeOptions,
    own: PublishedTopics,
    writers: Writers,
    publish: (path: string) => void,
  ) {
    this.#options = options;
    this.#own = own;
    this.#writers = writers;
    this.#publish = publish;
    this.#guard = new OverwriteGuard(options.clock);
    this.#spaces = new Set(options.charger.topics.rows.map(({ path }) => spaceOf(path)));
  }

  /** The link has come up. */
  up(): void {
    this.#upSince = this.#options.clock.now();
  }

  stop(): void {
    this.#afterReplay();
    this.#guard.stop();
  }

  /** Somebody else has published below our prefix. */
  heard(message: Incoming): void {
    const { charger, prefix, reserved = [] } = this.#options;
    // Another charger's prefix may be a part of ours.
    if (reserved.some((other) => isBelow(other, prefix) && other !== prefix && isBelow(message.topic, other)))
      return;
    const path = message.topic.slice(prefix.length + 1);
    const truth = this.#own.payloadOf(path);
    if (truth !== undefined) this.#overwritten(path, message, truth);
    else if (isBridgeTopic(path) || this.#own.isSignOfLife(path)) return;
    else if (message.retained && message.payload.byteLength === 0) return;
    else if (charger.topics.get(path)?.state && isController(path)) this.#warn(path, message);
    else if (REPEATABLE.test(path) && this.#isMeantForUs(path)) this.#misdirected(path, message);
  }

  /** A message came on `bridge/state`, perhaps our own: an `offline` from an old last will must not stay. */
  saysState(message: Incoming): void {
    const { clock, link } = this.#options;
    const left = this.#upSince + REPLAY_MS - clock.now();
    if (!link.up) return;
    if (!message.retained || left <= 0) {
      this.heard(message);
      return;
    }
    // The message may be old and replaced already, or new and from somebody else; then it must not stay.
    this.#afterReplay();
    this.#afterReplay = clock.after(left, () => {
      if (link.up) this.#publish('bridge/state');
    });
  }

  #overwritten(path: string, message: Incoming, truth: string): void {
    const wrong = this.#guard.overwritten(message, truth, () => {
      if (this.#options.link.up) this.#publish(path);
    });
    if (wrong) this.#warn(path, message);
  }

  /** Says once per topic, in the log and in an answer, that it takes no writes. */
  #warn(path: string, message: Incoming): void {
    if (this.#warned.has(path)) return;
    this.#warned.add(path);
    const { charger, log, prefix } = this.#options;
    if (path === 'bridge/state') {
      log.warn(
        `somebody else published on ${prefix}/bridge/state, and the bridge corrects it; does another bridge use this prefix?`,
      );
      return;
    }
    const command = charger.topics.get(path)?.command;
    const error = `${prefix}/${path} shows ${isBridgeTopic(path) ? 'what this bridge says' : "the charger's state"} and is not for writing; ${this.#remedy(path, command !== undefined)}`;
    if (isOfIoBroker(message.payload)) {
      log.warn(
        `ioBroker's MQTT adapter published on a topic of ours: ${error}. In the adapter's settings take this topic out of "Mask to publish own states"; docs/iobroker.md says how to write`,
      );
    } else {
      log.warn(`somebody published on a topic of ours: ${error}`);
    }
    const code = command ? 'invalid' : 'unknown';
    this.#writers.answer({ topic: path, status: 'error', code, error }, message);
  }

  #remedy(path: string, isWritable: boolean): string {
    const { prefix } = this.#options;
    return isWritable ? `to change it, publish to ${prefix}/${updateOf(path)}` : 'it can only be read';
  }

  /** Whether the first level of `path` is one of ours, or a mistyped one. Other topics may belong to somebody else. */
  #isMeantForUs(path: string): boolean {
    if (this.#options.charger.isWritable(settingOf(path) ?? path)) return true;
    const space = spaceOf(path);
    return space === '' || this.#spaces.has(space) || nearest(space, [...this.#spaces]) !== undefined;
  }

  /** Answers a write to a topic that takes none: mistyped, read-only, a part of a setting, or without its `_update`. */
  #misdirected(path: string, message: Incoming): void {
    const { charger, prefix } = this.#options;
    const row = writeTarget(charger.topics, path)?.row;
    if (row?.state && isBelow(path, row.path)) {
      const error = `nothing is read on ${prefix}/${path}; ${this.#remedy(row.path, true)}`;
      this.#writers.refuse({ topic: path, status: 'error', code: 'unknown', error }, message);
    } else void this.#writers.write(settingOf(path) ?? path, message);
  }
}

/** Whether the payload is a state as ioBroker's MQTT adapter publishes it: `{"val":…,"ack":…}`. */
function isOfIoBroker(payload: Uint8Array): boolean {
  const { val, ack } = membersOf(parseJson(Buffer.from(payload).toString()));
  return val !== undefined && typeof ack === 'boolean';
}
