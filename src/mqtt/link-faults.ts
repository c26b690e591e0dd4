import type { Cancel, Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { reasonText, remedyOf } from './reason-codes.js';

/** Faults that come within this time are reported in one line, ms. */
const GATHER_MS = 1_000;

/** After a new connection so much time must pass before earlier faults are reported as over, ms. */
const SETTLE_MS = 10_000;

/** The most topics that one sentence names. */
const NAMED = 3;

/** What the broker refuses although there is a connection. It is logged when it begins and when it ends. */
export class LinkFaults {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #changed: () => void;
  readonly #unsubscribable = new Set<string>();
  readonly #unpublishable = new Map<string, number>();
  readonly #tooLarge = new Map<string, { readonly bytes: number; readonly limit: number }>();
  /** The sentences that were logged last. */
  #told: readonly string[] = [];
  #timer: Cancel | undefined;

  /** `changed` is called when the sentences have changed. */
  constructor(clock: Clock, log: Log, changed: () => void) {
    this.#clock = clock;
    this.#log = log;
    this.#changed = changed;
  }

  /** Topics on which we may not subscribe or publish. */
  get denied(): readonly string[] {
    return [...new Set([...this.#unsubscribable, ...this.#unpublishable.keys()])];
  }

  /** Whether the broker has denied to publish on a topic. */
  get undelivered(): boolean {
    return this.#unpublishable.size > 0;
  }

  /** A sentence for each kind of fault. */
  get sentences(): readonly string[] {
    const sentences: string[] = [];
    if (this.#unsubscribable.size > 0) {
      sentences.push(
        `the broker denies subscribing to ${list([...this.#unsubscribable])}: check its access rules`,
      );
    }
    for (const code of new Set(this.#unpublishable.values())) {
      const topics = [...this.#unpublishable].filter(([, why]) => why === code).map(([topic]) => topic);
      const remedy = remedyOf(code);
      sentences.push(
        `the broker does not take what is published on ${list(topics)} (${reasonText(code)})${remedy ? `: ${remedy}` : ''}`,
      );
    }
    const large = [...this.#tooLarge].map(
      ([topic, { bytes, limit }]) => `${topic} (${bytes} of ${limit} bytes)`,
    );
    if (large.length > 0) {
      sentences.push(`too large for the broker: ${list(large)}; raise its maximum packet size`);
    }
    return sentences;
  }

  subscription(topics: readonly string[], outcome: 'granted' | 'denied' | 'left'): void {
    for (const topic of topics) {
      if (outcome === 'denied') this.#unsubscribable.add(topic);
      else this.#unsubscribable.delete(topic);
    }
    this.#look();
  }

  /** A message on `topic` was sent; `isAcknowledged`: the broker has acknowledged it. */
  published(topic: string, isAcknowledged: boolean): void {
    const better = isAcknowledged && this.#unpublishable.delete(topic);
    if (this.#tooLarge.delete(topic) || better) this.#look();
  }

  publishDenied(topic: string, code: number): void {
    this.#unpublishable.set(topic, code);
    this.#look();
  }

  tooLarge(topic: string, bytes: number, limit: number): void {
    this.#tooLarge.set(topic, { bytes, limit });
    this.#look();
  }

  /** There is a new connection: all faults are forgotten until they show again. */
  reset(): void {
    this.#unsubscribable.clear();
    this.#unpublishable.clear();
    this.#tooLarge.clear();
    if (this.#told.length > 0) this.#look(SETTLE_MS);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #look(ms = GATHER_MS): void {
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = undefined;
      const now = this.sentences;
      if (now.join() === this.#told.join()) return;
      for (const sentence of now) if (!this.#told.includes(sentence)) this.#log.error(sentence);
      if (now.length === 0) this.#log.info('the broker takes everything again');
      this.#told = now;
      this.#changed();
    });
  }
}

function list(topics: readonly string[]): string {
  const named = topics.slice(0, NAMED).join(', ');
  return topics.length > NAMED ? `${named} and ${topics.length - NAMED} more` : named;
}
