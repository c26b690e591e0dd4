import type { Cancel } from '../base/clock.js';

/** A message to publish. Of those that have to wait only the newest per topic is sent, unless they are answers. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1;
  /** Asks for an acknowledgement also with QoS 0, where the broker can say in it that it denies (MQTT 5). */
  readonly isProbe?: boolean;
  /** MQTT 5 correlation data of the request that this answers. */
  readonly correlation?: Uint8Array;
  /** MQTT 5: the broker forgets the message after so many seconds. */
  readonly expirySeconds?: number;
  /** Set for answers: others decide how many there are. */
  readonly answer?: AnswerHandling;
}

/** How an answer is treated that has to wait, or that the broker does not take. */
export interface AnswerHandling {
  /** Answers of one share wait in one line; the lines take turns, so that a busy one can't hold up the others. */
  readonly share: string;
  /** The payload where this answer stands for `count` others of its share too, which have found no room. */
  readonly folded: (count: number) => string;
  /** It goes to a topic that a stranger named: whether the broker takes it there is not our affair. */
  readonly toStranger: boolean;
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
  /** MQTT 5: after so many seconds the sender does not want it carried out any more. */
  readonly expirySeconds?: number;
}

export type Handler = (message: Incoming) => void;

export interface SubscribeOptions {
  /**
   * Only what others publish, on a topic that is ours to publish. Such a handler is only called where the broker
   * can tell (MQTT 5), and without `othersOnly` handlers on the same topic.
   */
  readonly othersOnly?: boolean;
  /** Only where the broker can't serve `othersOnly` (MQTT 3.1.1), for what such a handler would hear too. */
  readonly insteadOfOthersOnly?: boolean;
}

/** Why there is no connection. Programs tell failures apart by `reason`; `text` is for people and says what to do. */
export interface Failure {
  readonly reason: FailureReason;
  readonly text: string;
}

export type FailureReason =
  /** The machine or the port is not there. */
  | 'unreachable'
  /** TCP works, but no MQTT answer comes. */
  | 'silent'
  | 'login'
  /** The secure connection could not be made. */
  | 'tls'
  /** Another client with our client id came, or another bridge with our settings. */
  | 'taken_over'
  /** Another bridge with the same settings works; this one waits. */
  | 'standing_by'
  /** The broker said no, for another reason. */
  | 'refused'
  /** The broker speaks another version of MQTT than the one that is wanted. */
  | 'version'
  /** The broker ended the connection because a packet was too large for it. */
  | 'too_large'
  /** The broker did not acknowledge what we sent. */
  | 'unacknowledged'
  /** It was up and ended, for another reason. */
  | 'lost';

/** One connection to a broker, with no library in sight. */
export interface Link {
  /** Whether the broker has taken the connection and has answered for every subscription. */
  readonly up: boolean;
  /** Topics on which the broker does not let us subscribe or publish, while the connection lasts. */
  readonly denied: readonly string[];
  /** What is wrong although the link is up, a sentence each: what the broker denies, or what is too large for it. */
  readonly faults: readonly string[];
  /** The largest PUBLISH packet that the broker takes, bytes; Infinity where it names no limit. */
  readonly maximumPacketSize: number;
  /** Sends the message now, or drops it while there is no connection: the store is the queue. */
  publish(message: Message): void;
  /**
   * Hands messages on exactly these topics to `handle`, retained ones too, from now on and after every connect. Any
   * number of handlers may share a topic; when the last of them leaves, the link unsubscribes. A topic that ends in
   * `/#` stands for everything below that no other handler wants; it has to be `othersOnly`.
   */
  subscribe(topics: string | readonly string[], handle: Handler, options?: SubscribeOptions): Cancel;
  /**
   * The message that the broker retains on `topic` now, or undefined if there is none or it may not be read. While
   * there is no connection it waits for the next one, and reads before anything is published there.
   */
  readRetained(topic: string): Promise<Incoming | undefined>;
  /**
   * Calls `run` each time the link comes up, and every few minutes while the broker denies something: for everything
   * to be published anew. Messages may have been handed over before.
   */
  onUp(run: () => void): Cancel;
  /** Calls `run` each time `faults` has changed. */
  onFaults(run: () => void): Cancel;
  /** Calls `run` each time a connection ended or could not be made. */
  onDown(run: (failure: Failure) => void): Cancel;
}
