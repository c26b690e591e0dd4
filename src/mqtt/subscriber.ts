import type { Cancel, Clock } from '../base/clock.js';
import type { Incoming } from './link.js';
import { covers, type Filter, isWildcard, type Subscriptions } from './subscriptions.js';

/** How long after the SUBACK a broker may take to send what it retains, ms. MQTT has no word for "there is nothing". */
const READ_RETAINED_MS = 2_000;

/** How long the broker may take to send what it retains before it counts as live, where it answers nothing, ms. */
const REPLAYED_WITHIN_MS = 2_000;

export interface SubscriberOptions {
  readonly version: 4 | 5;
  /** Whether the broker offers wildcard subscriptions. */
  readonly wildcards: boolean;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  /** Subscribes; resolves with the topics that the broker denies. */
  readonly subscribe: (filters: readonly Filter[]) => Promise<string[]>;
  readonly unsubscribe: (topics: readonly string[]) => void;
  /** Resolves when the broker has answered something that was asked after all the rest. */
  readonly caughtUp: () => Promise<void>;
  readonly granted: (topics: readonly string[]) => void;
  readonly denied: (topics: readonly string[]) => void;
}

/**
 * The subscriptions of one connection. Where the broker lets us subscribe to everything below a prefix, that alone
 * stays, because a broker may send a message once per subscription that it matches. The exact subscriptions go out
 * before it all the same: only they bring what is retained on topics of ours to write to, and not our own states.
 */
export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #exact = new Set<string>();
  readonly #wildcards = new Set<string>();
  readonly #readTimers = new Map<string, Cancel>();
  /** Topics that were subscribed to just now, so that what is retained there may still come. */
  readonly #replaying = new Set<ReadonlySet<string>>();
  readonly #replayTimers = new Set<Cancel>();

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Subscribes to everything that is wanted; resolves when the broker has answered, rejects when it does not. */
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

  /** Somebody wants `topic` now. */
  async add(topic: string): Promise<void> {
    const { subscriptions, version, wildcards } = this.#options;
    const filter = subscriptions.filter(topic, version);
    if (!filter || (isWildcard(topic) && !wildcards)) return;
    if (this.#isCovered(topic) && filter.rh === 2) return;
    await this.#subscribe([filter]);
    if (this.#isCovered(topic) && !subscriptions.isToRead(topic)) this.#unsubscribe([topic]);
  }

  /** Unsubscribes if nobody wants `topic` any more, or if it comes by a wildcard too. */
  leave(topic: string): void {
    const { subscriptions, version } = this.#options;
    if (subscriptions.filter(topic, version) === undefined || this.#isCovered(topic)) {
      this.#unsubscribe([topic]);
    }
  }

  /**
   * A message came, which may be what somebody waits to read (`isRead`). Returns it as it is to be taken: what comes
   * with a subscription is of unknown age, also from a broker that forgets the retain flag (Moquette does with QoS 1).
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
    // With 5 a live message keeps the flag that its sender gave it, and a broker that knows that much keeps it in order.
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

  /** Resolves when the broker has sent what it retains on topics that it has granted. */
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
    // Without the wildcard everything works that 3.1.1 can do; it is no fault.
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
