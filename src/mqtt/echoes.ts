import type { Incoming } from './link.js';

/** How many of our own messages on a topic may be on their way back. */
const REMEMBERED_PER_TOPIC = 8;

/** Topics that are remembered; beyond them the memory begins anew. */
const MAX_TOPICS = 2_000;

/**
 * Tells our own messages from those of others, for brokers that ignore "no local": what comes back with a payload
 * that we have just published on that topic is ours, or does no harm.
 */
export class Echoes {
  readonly #sent = new Map<string, string[]>();

  /** We have published `payload` on `topic`. */
  sent(topic: string, payload: string): void {
    if (!this.#sent.has(topic) && this.#sent.size >= MAX_TOPICS) this.#sent.clear();
    const payloads = this.#sent.get(topic) ?? [];
    payloads.push(payload);
    if (payloads.length > REMEMBERED_PER_TOPIC) payloads.shift();
    this.#sent.set(topic, payloads);
  }

  includes({ topic, payload }: Incoming): boolean {
    const payloads = this.#sent.get(topic);
    if (!payloads) return false;
    const text = Buffer.from(payload).toString();
    return payloads.includes(text);
  }
}
