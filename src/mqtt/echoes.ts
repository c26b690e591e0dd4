import type { Clock } from '../base/clock.js';
import type { Incoming } from './link.js';

/** How many of our own messages on a topic may be on their way back. */
const REMEMBERED_PER_TOPIC = 8;

/** Topics that are remembered; beyond them the memory begins anew. */
const MAX_TOPICS = 2_000;

/** How long after it was sent a message may come back from a broker of which that is not known, ms. */
const UNKNOWN_MS = 2_000;

/**
 * Tells our own messages from those of others, for brokers that ignore "no local": what comes back with the payload
 * that we published last on that topic is ours, or does no harm. An older payload of ours is an echo only where the
 * broker is known to send echoes, or for a moment: else somebody could set an old state back, and it would stay.
 */
export class Echoes {
  readonly #clock: Clock;
  readonly #sent = new Map<string, { readonly payload: string; readonly at: number }[]>();
  #comeBack = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** We have published `payload` on `topic`. */
  sent(topic: string, payload: string): void {
    if (!this.#sent.has(topic) && this.#sent.size >= MAX_TOPICS) this.#sent.clear();
    const known = this.#sent.get(topic) ?? [];
    known.push({ payload, at: this.#clock.now() });
    if (known.length > REMEMBERED_PER_TOPIC) known.shift();
    this.#sent.set(topic, known);
  }

  includes({ topic, payload }: Incoming): boolean {
    const known = this.#sent.get(topic);
    if (!known) return false;
    const text = Buffer.from(payload).toString();
    if (text === known.at(-1)?.payload) {
      this.#comeBack = true;
      return true;
    }
    const since = this.#comeBack ? Number.NEGATIVE_INFINITY : this.#clock.now() - UNKNOWN_MS;
    return known.some((one) => one.payload === text && one.at > since);
  }
}
