import { messageOf } from '../base/errors.js';
import type { LogLimiter } from '../base/log-limiter.js';
import { type BrokerLimits, MAX_INCOMING_PACKET } from './broker-limits.js';
import { type Ending, InDoubt } from './connect-errors.js';
import { Echoes } from './echoes.js';
import type { Incoming, Message } from './link.js';
import type { LinkFaults } from './link-faults.js';
import { MqttJsSession, type SessionOptions } from './mqttjs-session.js';
import type { Delivery } from './outbox.js';
import { Subscriber } from './subscriber.js';
import type { Subscriptions } from './subscriptions.js';

export interface LinkConnectionOptions {
  readonly session: SessionOptions;
  readonly subscriptions: Subscriptions;
  readonly faults: LinkFaults;
  readonly limiter: LogLimiter;
  /** Whether the process was suspended: then messages that have arrived must not be used. */
  readonly hasFrozen: () => boolean;
  /** The broker has accepted the connection. Returns whether to end it and to try another version of MQTT. */
  readonly accepted: (limits: BrokerLimits) => boolean;
  /** Publishes everything: the broker has answered all subscriptions, or may now accept what it had denied. */
  readonly publishAll: () => void;
}

/** One connection of a link: the session with the broker, with its subscriptions, echoes and faults. */
export class LinkConnection {
  readonly #options: LinkConnectionOptions;
  readonly #session: MqttJsSession;
  readonly #echoes: Echoes;
  #subscriber: Subscriber | undefined;
  #limits: BrokerLimits | undefined;
  #up = false;

  constructor(options: LinkConnectionOptions) {
    this.#options = options;
    const { session, subscriptions } = options;
    this.#echoes = new Echoes(session.clock, (message) =>
      subscriptions.deliverToOthersOnly(message, session.protocolVersion),
    );
    this.#session = new MqttJsSession(session, {
      accepted: (limits) => void this.#accepted(limits),
      received: (message) => this.#received(message),
      skipped: (topic = 'an unknown topic', bytes) => {
        const text = `a message of ${bytes} bytes on ${topic} is not read: it is larger than ${MAX_INCOMING_PACKET} bytes`;
        options.limiter.add('warn', 'too large to read', text);
      },
      settled: (message, delivery) => this.#settled(message, delivery),
    });
  }

  /** Whether the broker has answered all subscriptions. */
  get up(): boolean {
    return this.#up;
  }

  /** The largest packet that the broker accepts, bytes; Infinity if it names no limit. */
  get maximumPacketSize(): number {
    return this.#limits?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  }

  /** The size of the largest message that was not acknowledged when the connection ended, bytes. */
  get largestUnacknowledged(): number {
    return this.#session.largestUnacknowledged;
  }

  publish(message: Message): void {
    const { subscriptions } = this.#options;
    if (subscriptions.isForOthers(message.topic)) this.#echoes.sent(message.topic, message.payload);
    this.#session.publish(message);
  }

  /** `topic` has a new handler or reader. */
  add(topic: string): void {
    if (this.#subscriber) void this.#answered(this.#subscriber.add(topic));
  }

  /** A handler of `topic` has left. */
  remove(topic: string): void {
    this.#subscriber?.leave(topic);
  }

  /** Ends the connection because of `error`, without the last will. Nothing is received or sent any more. */
  leave(error: Error): void {
    this.#up = false;
    this.#session.leave(error);
  }

  /** Tries again what the broker denies. */
  async retryDenied(): Promise<void> {
    const { faults, publishAll } = this.#options;
    const retried = faults.denied.map(async (topic) => this.#subscriber?.add(topic));
    const subscribed = await this.#answered(Promise.all(retried).then(() => {}));
    if (subscribed && faults.undelivered) publishAll();
  }

  /** Resolves when the connection has ended; the signal ends it with a farewell. */
  async ended(signal: AbortSignal): Promise<Ending> {
    const stop = () => {
      // From now on our own last message may come back.
      this.#up = false;
      void this.#session.farewell();
    };
    // If the signal has already come, a listener would never be called.
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const ending = await this.#session.ended;
    signal.removeEventListener('abort', stop);
    this.#up = false;
    this.#echoes.stop();
    this.#subscriber?.stop();
    this.#subscriber = undefined;
    return ending;
  }

  async #accepted(limits: BrokerLimits): Promise<void> {
    const { session, subscriptions, faults, accepted, publishAll } = this.#options;
    const { protocolVersion: version, clock } = session;
    this.#limits = limits;
    this.#subscriber = new Subscriber({
      version,
      wildcards: version === 5 && limits.wildcardAvailable,
      subscriptions,
      clock,
      subscribe: (filters) => this.#session.subscribe(filters),
      unsubscribe: (topics) => this.#session.unsubscribe(topics),
      caughtUp: () => this.#session.caughtUp(),
      granted: (topics) => faults.subscription(topics, 'granted'),
      denied: (topics) => faults.subscription(topics, 'denied'),
    });
    if (accepted(limits)) {
      this.leave(new InDoubt('the broker is asked for MQTT 5 again'));
      return;
    }
    // Retained messages are read before anything is published: they are still those of an earlier run.
    if (!(await this.#answered(this.#subscriber.establish()))) return;
    this.#up = true;
    publishAll();
  }

  /** Resolves when the broker has answered, to whether the connection is still there. */
  async #answered(subscribing: Promise<void>): Promise<boolean> {
    try {
      await subscribing;
    } catch (error) {
      // If the connection has ended already, its first error counts.
      this.#session.fail(error instanceof Error ? error : new Error(messageOf(error)));
      return false;
    }
    return this.#subscriber !== undefined;
  }

  #received(message: Incoming): void {
    const { session, subscriptions, hasFrozen } = this.#options;
    if (hasFrozen()) return;
    const { message: taken, isRead } = this.#subscriber?.received(message) ?? { message, isRead: false };
    // A retained message that somebody reads is old, mostly from an earlier run: nobody has published it now.
    const isOurs = isRead || this.#echoes.includes(taken);
    subscriptions.deliver(taken, session.protocolVersion, isOurs);
  }

  #settled({ topic, answer, qos }: Message, delivery: Delivery): void {
    const { faults, limiter, session } = this.#options;
    if (answer?.toStranger) return;
    if (delivery === 'taken') faults.published(topic, qos === 1);
    else if ('denied' in delivery) faults.publishDenied(topic, delivery.denied);
    else if (!answer) {
      const limit = Math.min(this.maximumPacketSize, session.maximumPacketSize);
      faults.tooLarge(topic, delivery.tooLarge, limit);
    } else {
      const text = `an answer of ${delivery.tooLarge} bytes on ${topic} is larger than the broker takes, and is not sent`;
      limiter.add('warn', `too large ${topic}`, text);
    }
  }
}
