import { membersOf } from '../../base/json.js';
import type { Message } from '../../mqtt/link.js';
import type { BridgeOptions } from './bridge.js';

/** How long a broker that speaks MQTT 5 keeps a sign of life, s (contract 3). */
const SIGN_OF_LIFE_EXPIRES_S = 30;

/** What we publish, retained, below the prefix: the charger's states, and what we say about ourselves. */
export class PublishedTopics {
  readonly #options: BridgeOptions;

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
    const { prefix, qos } = this.#options;
    const topic = `${prefix}/${path}`;
    const probe = isProbe ? { isProbe } : {};
    if (!this.isSignOfLife(path)) return { ...probe, topic, payload, qos, retain: true };
    return { ...probe, topic, payload, qos, retain: true, expirySeconds: SIGN_OF_LIFE_EXPIRES_S };
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
