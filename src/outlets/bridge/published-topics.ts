import { membersOf } from '../../base/json.js';
import type { Message } from '../../mqtt/link.js';
import type { BridgeOptions } from './bridge.js';

/** Message expiry of a heartbeat topic over MQTT 5, s (contract 3). */
const SIGN_OF_LIFE_EXPIRES_S = 30;

/** How many envelopes are remembered; a real charger has about 300 topics. */
const MAX_REMEMBERED = 2_000;

/** The parts of a message that stay the same for a topic. */
type Envelope = Omit<Message, 'payload'>;

/** The retained topics that we publish below the prefix: the charger's states, and the bridge's own. */
export class PublishedTopics {
  readonly #options: BridgeOptions;
  readonly #envelopes = new Map<string, Envelope>();

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** All paths, in the order in which they are published after a connect: availability last. */
  *paths(): Iterable<string> {
    const { charger } = this.#options;
    for (const [path] of charger.store.entries()) if (charger.isPublished(path)) yield path;
    yield 'bridge/info';
    yield 'bridge/charger';
    yield 'bridge/state';
  }

  /** The present payload of `path`; undefined if it is no topic of ours, or has no value. */
  payloadOf(path: string): string | undefined {
    const { charger } = this.#options;
    const { online } = charger.connection;
    if (path === 'bridge/state') return 'online';
    if (path === 'bridge/charger') return online ? 'online' : 'offline';
    if (path === 'bridge/info') return JSON.stringify(this.#info());
    if (!charger.isPublished(path)) return undefined;
    // While the charger is offline its heartbeat must not be repeated.
    return !online && this.isSignOfLife(path) ? undefined : charger.store.get(path);
  }

  /** The message for `path`. `isProbe`: it is sent so that a denial by the broker is noticed, also with QoS 0. */
  messageOf(path: string, isProbe = false): Message | undefined {
    const payload = this.payloadOf(path);
    if (payload === undefined) return undefined;
    const { topic, qos, retain, expirySeconds } = this.#envelopeOf(path);
    const message: Message =
      expirySeconds === undefined
        ? { topic, payload, qos, retain }
        : { topic, payload, qos, retain, expirySeconds };
    return isProbe ? { ...message, isProbe } : message;
  }

  /** Envelopes are kept because lookups are faster if a topic is always the same string object. */
  #envelopeOf(path: string): Envelope {
    const known = this.#envelopes.get(path);
    if (known) return known;
    const { prefix, qos } = this.#options;
    const envelope: Envelope = {
      topic: `${prefix}/${path}`,
      qos,
      retain: true,
      ...(this.isSignOfLife(path) ? { expirySeconds: SIGN_OF_LIFE_EXPIRES_S } : {}),
    };
    if (this.#envelopes.size < MAX_REMEMBERED) this.#envelopes.set(path, envelope);
    return envelope;
  }

  /** Whether `path` is a heartbeat topic, which shows that the charger lives. */
  isSignOfLife(path: string): boolean {
    return this.#options.charger.topics.get(path)?.state?.heartbeat !== undefined;
  }

  #info(): Record<string, unknown> {
    const { charger, link, about, prefix } = this.#options;
    const { connection } = charger;
    const told = (path: string) => membersOf(charger.read(path));
    const name = told('info/name');
    const wrong = [...(connection.online ? [] : [connection.why]), ...link.faults];
    return {
      ...about,
      transport: connection.transport ?? null,
      name: told('info/display_name').display_name ?? name.name ?? null,
      type: name.type ?? null,
      display_type: name.display_type ?? null,
      uid: name.uid ?? null,
      firmware: told('info/version').firmware ?? null,
      prefix,
      ...(wrong.length > 0 ? { why: wrong.join('; ') } : {}),
    };
  }
}
