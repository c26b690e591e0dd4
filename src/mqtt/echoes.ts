import type { Cancel, Clock } from '../base/clock.js';
import type { Incoming } from './link.js';

/** How many of our own messages on a topic may be on their way back. */
const REMEMBERED_PER_TOPIC = 8;

/** Topics that are remembered; beyond them the memory begins anew. */
const MAX_TOPICS = 2_000;

/** How long after an echo of ours the next one may take, ms. */
const NEXT_ECHO_MS = 2_000;

interface Topic {
  /** What we have published and what may still come back, the newest last. */
  readonly sent: string[];
  /** Runs while an old payload has come, and nothing newer. */
  doubt: Cancel | undefined;
}

/**
 * Tells our own messages from those of others, for brokers that ignore "no local". What we published last on a topic is
 * ours when it comes back, or does no harm. Something older is ours only if what we published after it comes back too:
 * else somebody has set an old state back.
 */
export class Echoes {
  readonly #clock: Clock;
  readonly #noEcho: (message: Incoming) => void;
  readonly #topics = new Map<string, Topic>();

  /** `noEcho` hears of messages that were taken for echoes and were none. */
  constructor(clock: Clock, noEcho: (message: Incoming) => void) {
    this.#clock = clock;
    this.#noEcho = noEcho;
  }

  stop(): void {
    for (const { doubt } of this.#topics.values()) doubt?.();
    this.#topics.clear();
  }

  /** We have published `payload` on `topic`. */
  sent(topic: string, payload: string): void {
    const known = this.#topics.get(topic) ?? this.#newTopic(topic);
    known.sent.push(payload);
    if (known.sent.length > REMEMBERED_PER_TOPIC) known.sent.shift();
  }

  #newTopic(topic: string): Topic {
    if (this.#topics.size >= MAX_TOPICS) this.stop();
    const made: Topic = { sent: [], doubt: undefined };
    this.#topics.set(topic, made);
    return made;
  }

  includes(message: Incoming): boolean {
    const known = this.#topics.get(message.topic);
    const text = Buffer.from(message.payload).toString();
    const at = known?.sent.indexOf(text) ?? -1;
    if (!known || at < 0) return false;
    // A broker keeps the order: what is older does not come back any more.
    known.sent.splice(0, at);
    const isNewest = known.sent.length === 1;
    if (at > 0 || isNewest) {
      known.doubt?.();
      known.doubt = undefined;
    }
    if (!isNewest) this.#doubt(known, message);
    return true;
  }

  #doubt(known: Topic, message: Incoming): void {
    known.doubt ??= this.#clock.after(NEXT_ECHO_MS, () => {
      known.doubt = undefined;
      this.#noEcho(message);
    });
  }
}
