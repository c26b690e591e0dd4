import type { Cancel } from '../base/clock.js';
import type { Handler, Incoming, SubscribeOptions } from './link.js';

/** A topic filter with its options, named as in MQTT 5 (3.8.3.1); over 3.1.1 only topic and QoS are sent. */
export interface Filter {
  readonly topic: string;
  readonly qos: 0 | 1;
  /** No local: the broker does not send us what we publish ourselves. */
  readonly nl: boolean;
  /** Retain as published: a live message keeps its retain flag. */
  readonly rap: boolean;
  /** Retain handling: 0 sends retained messages at every subscribe, 2 never. */
  readonly rh: 0 | 2;
}

interface Subscriber {
  readonly handle: Handler;
  readonly othersOnly: boolean;
  readonly insteadOfOthersOnly: boolean;
}

interface Reading {
  readonly resolve: (message: Incoming | undefined) => void;
}

/** Whether the wildcard filter `filter` (`a/b/#`) matches `topic`. */
export function covers(filter: string, topic: string): boolean {
  return isWildcard(filter) && (topic === filter.slice(0, -2) || topic.startsWith(filter.slice(0, -1)));
}

export const isWildcard = (topic: string): boolean => topic.endsWith('/#');

/** Who wants which topic: handlers, which stay, and readers of a retained message, which leave when they have it. */
export class Subscriptions {
  readonly #qos: 0 | 1;
  /** By topic. There are hundreds for each charger, nearly all with one subscriber. */
  readonly #subscribers = new Map<string, readonly Subscriber[]>();
  readonly #wildcards = new Set<string>();
  readonly #readings = new Map<string, Set<Reading>>();

  constructor(qos: 0 | 1) {
    this.#qos = qos;
  }

  /** All filters to subscribe to at a broker that speaks `version`. */
  filters(version: 4 | 5): Filter[] {
    const topics = new Set([...this.#subscribers.keys(), ...this.#readings.keys()]);
    return [...topics].flatMap((topic) => this.filter(topic, version) ?? []);
  }

  /** How to subscribe to `topic`; undefined if it has no reader, and no handler that this version can serve. */
  filter(topic: string, version: 4 | 5): Filter | undefined {
    const subscribers = this.#served(topic, version);
    const read = this.#readings.has(topic);
    if (subscribers.length === 0) {
      // Without "retain as published" only a replayed message has the retain flag: a live one is not mistaken for it.
      return read ? { topic, qos: this.#qos, nl: false, rap: false, rh: 0 } : undefined;
    }
    const othersOnly = subscribers.every((one) => one.othersOnly) && !read;
    return { topic, qos: this.#qos, nl: othersOnly, rap: true, rh: othersOnly ? 2 : 0 };
  }

  add(topics: readonly string[], handle: Handler, options: SubscribeOptions): Cancel {
    const { othersOnly = false, insteadOfOthersOnly = false } = options;
    const subscriber: Subscriber = { handle, othersOnly, insteadOfOthersOnly };
    const alone: readonly Subscriber[] = [subscriber];
    for (const topic of topics) {
      const others = this.#subscribers.get(topic);
      this.#subscribers.set(topic, others ? [...others, subscriber] : alone);
      if (isWildcard(topic)) this.#wildcards.add(topic);
    }
    return () => {
      for (const topic of topics) this.#remove(topic, subscriber);
    };
  }

  #remove(topic: string, subscriber: Subscriber): void {
    const others = (this.#subscribers.get(topic) ?? []).filter((one) => one !== subscriber);
    if (others.length > 0) this.#subscribers.set(topic, others);
    else {
      this.#subscribers.delete(topic);
      this.#wildcards.delete(topic);
    }
  }

  /** Adds a reader of the retained message on `topic`. */
  read(topic: string, resolve: Reading['resolve']): void {
    const all = this.#readings.get(topic) ?? new Set();
    this.#readings.set(topic, all.add({ resolve }));
  }

  isToRead(topic: string): boolean {
    return this.#readings.has(topic);
  }

  /** Gives all readers of `topic` the message, undefined if there is none; they leave. */
  finishReading(topic: string, message: Incoming | undefined): void {
    const readings = this.#readings.get(topic);
    this.#readings.delete(topic);
    for (const { resolve } of readings ?? []) resolve(message);
  }

  /** Whether `topic` has handlers that want only what others publish. Called for each publish, so it must be fast. */
  isForOthers(topic: string): boolean {
    const exact = this.#subscribers.get(topic);
    if (exact) return hasOthersOnly(exact);
    for (const filter of this.#wildcards) {
      if (covers(filter, topic) && hasOthersOnly(this.#subscribers.get(filter))) return true;
    }
    return false;
  }

  /** Calls all handlers of a message; if it is our own (`isOurs`), only those that want everything. */
  deliver(message: Incoming, version: 4 | 5, isOurs: boolean): void {
    for (const { handle, othersOnly } of this.#receivers(message.topic, version)) {
      if (!isOurs || !othersOnly) handle(message);
    }
  }

  /** Calls the `othersOnly` handlers with a message that was taken for an echo and was none. */
  deliverToOthersOnly(message: Incoming, version: 4 | 5): void {
    for (const { handle, othersOnly } of this.#receivers(message.topic, version)) {
      if (othersOnly) handle(message);
    }
  }

  /** The handlers of exactly this topic; if there are none, those of the wildcards that cover it. */
  #receivers(topic: string, version: 4 | 5): Subscriber[] {
    const exact = this.#served(topic, version);
    if (exact.length > 0) return exact;
    const wide = [...this.#wildcards].filter((filter) => covers(filter, topic));
    return [oneLevel(topic), ...wide].flatMap((filter) => this.#served(filter, version));
  }

  /** The handlers that this version can serve: over 3.1.1 a broker can't leave out what we publish ourselves. */
  #served(filter: string, version: 4 | 5): Subscriber[] {
    const all = [...(this.#subscribers.get(filter) ?? [])];
    return all.filter((one) => !(version === 5 ? one.insteadOfOthersOnly : one.othersOnly));
  }
}

/** The filter for `topic` and its neighbours: `a/b/+` for `a/b/c`. */
const oneLevel = (topic: string): string => `${topic.slice(0, topic.lastIndexOf('/'))}/+`;

const hasOthersOnly = (subscribers: readonly Subscriber[] | undefined): boolean =>
  subscribers?.some(({ othersOnly }) => othersOnly) === true;
