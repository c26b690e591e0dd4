import type { Cancel } from '../base/clock.js';
import type { Handler, Incoming, SubscribeOptions } from './link.js';

/** A topic to subscribe to, in the words of MQTT 5 (3.8.3.1); with 3.1.1 only topic and QoS go out. */
export interface Filter {
  readonly topic: string;
  readonly qos: 0 | 1;
  /** No local: not what we publish ourselves. */
  readonly nl: boolean;
  /** Retain as published: a live message keeps its retain flag. */
  readonly rap: boolean;
  /** Retain handling: 0 sends what is retained at every subscribe, 2 never. */
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

/** Who wants which topic: handlers that stay, and readers of what is retained, who leave when they have it. */
export class Subscriptions {
  readonly #qos: 0 | 1;
  /** Hundreds of topics for each charger, nearly all with one subscriber. */
  readonly #subscribers = new Map<string, readonly Subscriber[]>();
  readonly #wildcards = new Set<string>();
  readonly #readings = new Map<string, Set<Reading>>();

  constructor(qos: 0 | 1) {
    this.#qos = qos;
  }

  /** Everything that somebody wants, of a broker that speaks `version`. */
  filters(version: 4 | 5): Filter[] {
    const topics = new Set([...this.#subscribers.keys(), ...this.#readings.keys()]);
    return [...topics].flatMap((topic) => this.filter(topic, version) ?? []);
  }

  /** How to subscribe to `topic`; undefined if nobody wants it, or nobody whom this version can serve. */
  filter(topic: string, version: 4 | 5): Filter | undefined {
    const subscribers = this.#served(topic, version);
    const read = this.#readings.has(topic);
    if (subscribers.length === 0) {
      // Without "retain as published" a live message can't be taken for the retained one.
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

  /** Adds somebody who wants what is retained on `topic`. */
  read(topic: string, resolve: Reading['resolve']): void {
    const all = this.#readings.get(topic) ?? new Set();
    this.#readings.set(topic, all.add({ resolve }));
  }

  isToRead(topic: string): boolean {
    return this.#readings.has(topic);
  }

  /** Ends all reading of `topic` with this outcome. */
  finishReading(topic: string, message: Incoming | undefined): void {
    const readings = this.#readings.get(topic);
    this.#readings.delete(topic);
    for (const { resolve } of readings ?? []) resolve(message);
  }

  /** Whether there are handlers that `topic` reaches and that only want what others publish; asked at each publish. */
  isForOthers(topic: string): boolean {
    const exact = this.#subscribers.get(topic);
    if (exact) return hasOthersOnly(exact);
    for (const filter of this.#wildcards) {
      if (covers(filter, topic) && hasOthersOnly(this.#subscribers.get(filter))) return true;
    }
    return false;
  }

  /** Hands a message to everybody who wants it; one of our own (`isOurs`) only to those who want everything. */
  deliver(message: Incoming, version: 4 | 5, isOurs: boolean): void {
    for (const { handle, othersOnly } of this.#receivers(message.topic, version)) {
      if (!isOurs || !othersOnly) handle(message);
    }
  }

  /** Hands a message that was taken for an echo, and was none, to those who want only what others say. */
  deliverToOthersOnly(message: Incoming, version: 4 | 5): void {
    for (const { handle, othersOnly } of this.#receivers(message.topic, version)) {
      if (othersOnly) handle(message);
    }
  }

  /** Those who want exactly this topic; if there is nobody, those who want everything of which it is a part. */
  #receivers(topic: string, version: 4 | 5): Subscriber[] {
    const exact = this.#served(topic, version);
    if (exact.length > 0) return exact;
    const wide = [...this.#wildcards].filter((filter) => covers(filter, topic));
    return [oneLevel(topic), ...wide].flatMap((filter) => this.#served(filter, version));
  }

  /** Those whom this version can serve: 3.1.1 can't leave out what we publish ourselves. */
  #served(filter: string, version: 4 | 5): Subscriber[] {
    const all = [...(this.#subscribers.get(filter) ?? [])];
    return all.filter((one) => !(version === 5 ? one.insteadOfOthersOnly : one.othersOnly));
  }
}

/** The filter for `topic` and those beside it: `a/b/+`. */
const oneLevel = (topic: string): string => `${topic.slice(0, topic.lastIndexOf('/'))}/+`;

const hasOthersOnly = (subscribers: readonly Subscriber[] | undefined): boolean =>
  subscribers?.some(({ othersOnly }) => othersOnly) === true;
