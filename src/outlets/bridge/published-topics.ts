import { membersOf } from '../../base/json.js';
import type { Message } from '../../mqtt/link.js';
import type { BridgeOptions } from './bridge.js';

/** How long a broker that speaks MQTT 5 keeps a sign of life, s (contract 3). */
const SIGN_OF_LIFE_EXPIRES_S = 30;

/** Topics of which is remembered how they are published; a real charger has about 300. */
const MAX_REMEMBERED = 2_000;

/** How a topic is published, whatever it shows. */
type Envelope = Omit<Message, 'payload'>;

/** What we publish, retained, below the prefix: the charger's states, and what we say about ourselves. */
export class PublishedTopics {
  readonly #options: BridgeOptions;
  readonly #envelopes = new Map<string, Envelope>();

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** In the order in which they are published after a connect: availability last. */
  *paths(): Iterable<string> {
    const { charger } = this.#options;
    for (const [path] of charger.store.entries()) if (charger.isPublished(path)) yield path;
    yield 'bridge/info';
    yield 'bridge/charger';
    yield 'bridge/state';
  }

  /** What `path` is to show now; undefined if it is no topic of ours, or has nothing to show. */
  payloadOf(path: string): string | undefined {
    const { charger } = this.#options;
    const { online } = charger.connection;
    if (path === 'bridge/state') return 'online';
    if (path === 'bridge/charger') return online ? 'online' : 'offline';
    if (path === 'bridge/info') return JSON.stringify(this.#info());
    if (!charger.isPublished(path)) return undefined;
    // A charger that is away shows no life.
    return !online && this.isSignOfLife(path) ? undefined : charger.store.get(path);
  }

  /** `isProbe`: a broker that denies it is to be noticed, whatever QoS the settings say. */
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

  /** A topic that stays the same text is found faster wherever it is looked up. */
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
