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
}

interface Reading {
  readonly resolve: (message: Incoming | undefined) => void;
}

/** Who wants which topic: handlers that stay, and readers of what is retained, who leave when they have it. */
export class Subscriptions {
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #readings = new Map<string, Set<Reading>>();

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
      return read ? { topic, qos: 1, nl: false, rap: false, rh: 0 } : undefined;
    }
    const othersOnly = subscribers.every((one) => one.othersOnly);
    return { topic, qos: 1, nl: othersOnly && !read, rap: true, rh: othersOnly && !read ? 2 : 0 };
  }

  add(topic: string, handle: Handler, { othersOnly = false }: SubscribeOptions): Cancel {
    const subscriber: Subscriber = { handle, othersOnly };
    const all = this.#subscribers.get(topic) ?? new Set();
    this.#subscribers.set(topic, all.add(subscriber));
    return () => {
      all.delete(subscriber);
      if (all.size === 0 && this.#subscribers.get(topic) === all) this.#subscribers.delete(topic);
    };
  }

  /** Adds somebody who wants what is retained on `topic`. */
  read(topic: string, resolve: Reading['resolve']): void {
    const all = this.#readings.get(topic) ?? new Set();
    this.#readings.set(topic, all.add({ resolve }));
  }

  /** Topics that somebody waits to read. */
  get toRead(): readonly string[] {
    return [...this.#readings.keys()];
  }

  /** Ends all reading of `topic` with this outcome. */
  finishReading(topic: string, message: Incoming | undefined): void {
    const readings = this.#readings.get(topic);
    this.#readings.delete(topic);
    for (const { resolve } of readings ?? []) resolve(message);
  }

  /** Hands a message to everybody who wants it. */
  deliver(message: Incoming, version: 4 | 5): void {
    for (const { handle } of this.#served(message.topic, version)) handle(message);
  }

  /** Those whom this version can serve: 3.1.1 can't leave out what we publish ourselves. */
  #served(topic: string, version: 4 | 5): Subscriber[] {
    const all = [...(this.#subscribers.get(topic) ?? [])];
    return version === 5 ? all : all.filter(({ othersOnly }) => !othersOnly);
  }
}
