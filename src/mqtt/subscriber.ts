import type { Cancel, Clock } from '../base/clock.js';
import type { Incoming } from './link.js';
import { covers, type Filter, isWildcard, type Subscriptions } from './subscriptions.js';

/** How long to wait for a retained message after the SUBACK, ms. MQTT has no message that says that there is none. */
const READ_RETAINED_MS = 2_000;

/** How long messages after a subscription count as retained if the broker does not answer `caughtUp`, ms. */
const REPLAYED_WITHIN_MS = 2_000;

export interface SubscriberOptions {
  readonly version: 4 | 5;
  /** Whether the broker offers wildcard subscriptions. */
  readonly wildcards: boolean;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  /** Subscribes; resolves to the topics that the broker denies. */
  readonly subscribe: (filters: readonly Filter[]) => Promise<string[]>;
  readonly unsubscribe: (topics: readonly string[]) => void;
  /** Resolves when the broker has answered a packet that was sent after all others. */
  readonly caughtUp: () => Promise<void>;
  readonly granted: (topics: readonly string[]) => void;
  readonly denied: (topics: readonly string[]) => void;
}

/**
 * The subscriptions of one connection. If the broker grants the subscription to everything below a prefix (`prefix/#`),
 * only that one stays, because a broker may send a message once for each matching subscription. The exact subscriptions
 * are still sent before it: they bring the retained messages of the topics to which others write, without our own
 * states.
 */
export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #exact = new Set<string>();
  readonly #wildcards = new Set<string>();
  readonly #readTimers = new Map<string, Cancel>();
  /** Topics of the latest subscriptions, on which retained messages may still come. */
  readonly #replaying = new Set<ReadonlySet<string>>();
  readonly #replayTimers = new Set<Cancel>();

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Subscribes to all topics with a handler or a reader. Resolves when the broker has answered, rejects if it does not. */
  async establish(): Promise<void> {
    const { subscriptions, version, wildcards } = this.#options;
    const filters = subscriptions.filters(version);
    const wild = wildcards ? filters.filter(({ topic }) => isWildcard(topic)) : [];
    const exact = filters.filter(({ topic }) => !isWildcard(topic));
    const covered = exact.filter(({ topic }) => wild.some((filter) => covers(filter.topic, topic)));
    await this.#subscribe(exact.filter((filter) => filter.rh === 0 || !covered.includes(filter)));
    if (wild.length === 0) return;
    const answer = this.#subscribe(wild);
    const spare = covered.map(({ topic }) => topic).filter((topic) => this.#exact.has(topic));
    this.#unsubscribe(spare.filter((topic) => !subscriptions.isToRead(topic)));
    await answer;
    const uncovered = covered.filter(({ topic }) => !this.#isCovered(topic) && !this.#exact.has(topic));
    await this.#subscribe(uncovered.map((filter): Filter => ({ ...filter, rh: 2 })));
  }

  /** `topic` has a new handler or reader. */
  async add(topic: string): Promise<void> {
    const { subscriptions, version, wildcards } = this.#options;
    const filter = subscriptions.filter(topic, version);
    if (!filter || (isWildcard(topic) && !wildcards)) return;
    if (this.#isCovered(topic) && filter.rh === 2) return;
    await this.#subscribe([filter]);
    if (this.#isCovered(topic) && !subscriptions.isToRead(topic)) this.#unsubscribe([topic]);
  }

  /** Unsubscribes from `topic` if it has no handler and no reader, or if a wildcard subscription covers it. */
  leave(topic: string): void {
    const { subscriptions, version } = this.#options;
    if (subscriptions.filter(topic, version) === undefined || this.#isCovered(topic)) {
      this.#unsubscribe([topic]);
    }
  }

  /**
   * Takes a message that came. `isRead`: it is a retained message that somebody waits to read. The message is returned
   * with the right `retained`: some brokers do not set that flag when they replay a message (Moquette with QoS 1).
   */
  received(message: Incoming): { readonly message: Incoming; readonly isRead: boolean } {
    const { topic, payload } = message;
    const isReplayed = message.retained || (payload.byteLength > 0 && this.#isReplaying(topic));
    const taken = isReplayed === message.retained ? message : { ...message, retained: true };
    const isRead = isReplayed && this.#options.subscriptions.isToRead(topic);
    if (isRead) this.#finishReading(topic, taken);
    return { message: taken, isRead };
  }

  stop(): void {
    for (const cancel of [...this.#readTimers.values(), ...this.#replayTimers]) cancel();
    this.#readTimers.clear();
    this.#replayTimers.clear();
  }

  #isCovered(topic: string): boolean {
    return [...this.#wildcards].some((filter) => covers(filter, topic));
  }

  #isReplaying(topic: string): boolean {
    return [...this.#replaying].some((topics) => topics.has(topic));
  }

  async #subscribe(filters: readonly Filter[]): Promise<void> {
    if (filters.length === 0) return;
    // Brokers of MQTT 5 set the retain flag rightly, so there is nothing to correct.
    if (this.#options.version === 5) return this.#ask(filters);
    const topics = new Set(filters.map(({ topic }) => topic));
    this.#replaying.add(topics);
    try {
      await this.#ask(filters);
      await this.#caughtUp();
    } finally {
      this.#replaying.delete(topics);
    }
  }

  /** Resolves when the broker has sent the retained messages of the topics that it has granted, or when time is up. */
  #caughtUp(): Promise<void> {
    const { clock, caughtUp } = this.#options;
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#replayTimers.delete(cancel);
        resolve();
      };
      const cancel = clock.after(REPLAYED_WITHIN_MS, done);
      this.#replayTimers.add(cancel);
      void caughtUp().then(done);
    });
  }

  async #ask(filters: readonly Filter[]): Promise<void> {
    const { subscriptions, subscribe, clock } = this.#options;
    const denied = await subscribe(filters);
    const granted = filters.map(({ topic }) => topic).filter((topic) => !denied.includes(topic));
    for (const topic of granted) (isWildcard(topic) ? this.#wildcards : this.#exact).add(topic);
    // A denied wildcard is no fault: without it everything works as with MQTT 3.1.1.
    this.#options.granted(granted);
    this.#options.denied(denied.filter((topic) => !isWildcard(topic)));
    for (const topic of denied) this.#finishReading(topic, undefined);
    for (const topic of granted.filter((one) => subscriptions.isToRead(one))) {
      this.#readTimers.get(topic)?.();
      this.#readTimers.set(
        topic,
        clock.after(READ_RETAINED_MS, () => this.#finishReading(topic, undefined)),
      );
    }
  }

  #unsubscribe(topics: readonly string[]): void {
    const active = topics.filter((topic) => this.#exact.delete(topic) || this.#wildcards.delete(topic));
    this.#options.unsubscribe(active);
  }

  #finishReading(topic: string, message: Incoming | undefined): void {
    this.#readTimers.get(topic)?.();
    this.#readTimers.delete(topic);
    if (!this.#options.subscriptions.isToRead(topic)) return;
    this.#options.subscriptions.finishReading(topic, message);
    this.leave(topic);
  }
}
