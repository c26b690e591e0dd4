import type { Cancel } from '../base/clock.js';

/** A message to publish. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1;
  /** MQTT 5 correlation data of the request that this answers. */
  readonly correlation?: Uint8Array;
}

/** A message that came in. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Replayed by the broker from its store, so of unknown age. */
  readonly retained: boolean;
  /** MQTT 5: where the sender wants the answer, and the data that tells it which one it is. */
  readonly responseTopic?: string;
  readonly correlation?: Uint8Array;
}

export type Handler = (message: Incoming) => void;

/** One connection to a broker, with no library in sight. */
export interface Link {
  readonly up: boolean;
  /** Sends the message now, or drops it while the connection is down: the store is the queue. */
  publish(message: Message): void;
  /** Hands messages on exactly this topic to `handle`, from now on and after every connect. */
  subscribe(topic: string, handle: Handler): void;
  /** The same for messages that others publish on a topic of our own; only where the broker can tell (MQTT 5). */
  subscribeToOthers(topic: string, handle: Handler): void;
  /** Calls `run` after every connect, before any message is handed over. */
  onUp(run: () => void): Cancel;
}
