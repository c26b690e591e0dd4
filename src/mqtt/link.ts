import type { Cancel } from '../base/clock.js';

/** A message to publish. If several on one topic have to wait, only the newest is sent, unless they are answers. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: 0 | 1;
  /** Sends a message of QoS 0 with QoS 1, so that the broker can say that it denies it (MQTT 5 only). */
  readonly isProbe?: boolean;
  /** MQTT 5 correlation data of the request that this answers. */
  readonly correlation?: Uint8Array;
  /** MQTT 5: the broker forgets the message after so many seconds. */
  readonly expirySeconds?: number;
  /** Set for answers to writes. Strangers decide how many there are, so their queues are limited. */
  readonly answer?: AnswerHandling;
}

/** What to do with an answer that has to wait, or that the broker does not accept. */
export interface AnswerHandling {
  /** Name of the queue in which the answer waits. The queues take turns, so that a busy one can't hold up the others. */
  readonly share: string;
  /** The payload if this answer also stands for `count` others of its share, for which the queue had no room. */
  readonly folded: (count: number) => string;
  /** Whether it goes to a topic that a stranger named. If the broker denies that, it is no fault of ours to report. */
  readonly toStranger: boolean;
}

/** A message that came in. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Whether the broker sent it as a retained message, so that its age is unknown. */
  readonly retained: boolean;
  /** MQTT 5: the topic on which the sender wants the answer, and the data by which it knows the answer. */
  readonly responseTopic?: string;
  readonly correlation?: Uint8Array;
  /** MQTT 5: after so many seconds the message must not be carried out any more. */
  readonly expirySeconds?: number;
}

export type Handler = (message: Incoming) => void;

export interface SubscribeOptions {
  /**
   * Only what others publish, on a topic on which we publish ourselves. It works only over MQTT 5, and only if no other
   * handler of the same topic wants all messages.
   */
  readonly othersOnly?: boolean;
  /** Only over MQTT 3.1.1, which has no `othersOnly`: for messages that such a handler would get over MQTT 5. */
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
  /** The broker does not speak the version of MQTT that the settings name. */
  | 'version'
  /** The broker ended the connection because a packet was too large for it. */
  | 'too_large'
  /** The broker did not acknowledge what we sent. */
  | 'unacknowledged'
  /** It was up and ended, for another reason. */
  | 'lost';

/** A lasting connection to a broker, independent of the MQTT library. */
export interface Link {
  /** Whether the broker has accepted the connection and has answered every subscription. */
  readonly up: boolean;
  /** Topics on which the broker does not let us subscribe or publish, while the connection lasts. */
  readonly denied: readonly string[];
  /** What is wrong although the link is up, a sentence each: what the broker denies, or what is too large for it. */
  readonly faults: readonly string[];
  /** The largest PUBLISH packet that the broker accepts, bytes; Infinity if no limit is known. */
  readonly maximumPacketSize: number;
  /** Sends the message, or drops it without a connection: after a connect everything is published again from the store. */
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
   * Calls `run` each time the link comes up, and every few minutes while the broker denies something: then everything
   * must be published again. Handlers may have been called with messages before.
   */
  onUp(run: () => void): Cancel;
  /** Calls `run` each time `faults` has changed. */
  onFaults(run: () => void): Cancel;
  /** Calls `run` each time a connection ended or could not be made. */
  onDown(run: (failure: Failure) => void): Cancel;
}
