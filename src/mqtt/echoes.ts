import type { Cancel, Clock } from '../base/clock.js';
import type { Incoming } from './link.js';

/** How many of our own messages are remembered for each topic. */
const REMEMBERED_PER_TOPIC = 8;

/** How many topics are remembered; at one more everything is forgotten. */
const MAX_TOPICS = 2_000;

/** How long after an echo of ours the next one may take, ms. */
const NEXT_ECHO_MS = 2_000;

interface Topic {
  /** Payloads that we have published and that may still come back, the newest last. */
  readonly sent: string[];
  /** Timer that runs after an older payload has come back, until a newer one does. */
  doubt: Cancel | undefined;
}

/**
 * Tells our own messages from those of others, for brokers that ignore "no local". A message with our newest payload on
 * its topic counts as ours; if it is not, it does no harm. A message with an older payload is ours only if the newer
 * ones come back as well. Otherwise somebody else has published an old state.
 */
export class Echoes {
  readonly #clock: Clock;
  readonly #noEcho: (message: Incoming) => void;
  readonly #topics = new Map<string, Topic>();

  /** `noEcho` is called with a message that was taken for an echo and was none. */
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

  /** Whether `message` is taken for an echo of ours. `noEcho` may correct that later. */
  includes(message: Incoming): boolean {
    const known = this.#topics.get(message.topic);
    const text = Buffer.from(message.payload).toString();
    const at = known?.sent.indexOf(text) ?? -1;
    if (!known || at < 0) return false;
    // A broker keeps the order, so older payloads do not come back any more.
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
