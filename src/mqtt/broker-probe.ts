import type { Cancel } from '../base/clock.js';
import type { BrokerLimits } from './broker-limits.js';
import { failureOf } from './connect-errors.js';
import type { Failure, Incoming, Message } from './link.js';
import type { MqttOptions } from './mqtt-options.js';
import { MqttJsSession, type SessionOptions } from './mqttjs-session.js';
import type { Delivery } from './outbox.js';
import { ProtocolChoice } from './protocol-choice.js';
import type { Filter } from './subscriptions.js';

/** One connection for trying out a broker: each step can be awaited, and tells its result. */
export interface BrokerProbe {
  readonly version: 4 | 5;
  readonly limits: BrokerLimits;
  /** Whether the connection has ended. */
  readonly ended: boolean;
  /** Subscribes; resolves to whether the broker grants it. A broker may grant what it never delivers. */
  subscribe(filter: Filter): Promise<boolean>;
  unsubscribe(topic: string): void;
  /** Publishes; resolves when the broker has answered. One at a time per topic. */
  publish(message: Message): Promise<Delivery | 'lost'>;
  /** Calls `run` for every message that comes. */
  onMessage(run: (message: Incoming) => void): Cancel;
  /** Says goodbye; resolves when the connection has ended. */
  close(): Promise<void>;
}

/** Connects once, in the version that the broker speaks, as a Link would. Resolves to a Failure if that fails. */
export async function openProbe(options: MqttOptions): Promise<BrokerProbe | Failure> {
  const choice = new ProtocolChoice(options.protocolVersion);
  for (let silent = 0; ; ) {
    const { version, connectTimeoutMs } = choice;
    const attempt = new Attempt({ ...options, protocolVersion: version, connectTimeoutMs });
    const limits = await attempt.accepted;
    if (limits) return attempt.probe(version, limits);
    const ending = await attempt.session.ended;
    if (choice.ended(ending)) continue;
    const failure = failureOf(ending, options);
    // The broker may be just starting, or not speak MQTT 5: ProtocolChoice falls back only after two silent tries.
    if (failure.reason !== 'silent' || silent > 0) return failure;
    silent += 1;
  }
}

type ProbeOptions = Omit<
  SessionOptions,
  'maximumPacketSize' | 'highestSubscriptionQos' | 'subscribedWithinMs'
>;

/** How long a broker may take to acknowledge a subscription, ms. */
const SUBSCRIBED_WITHIN_MS = 10_000;

/** One connection from the beginning. */
class Attempt {
  readonly session: MqttJsSession;
  /** The broker's limits when it has accepted the connection; undefined when it has ended instead. */
  readonly accepted: Promise<BrokerLimits | undefined>;
  readonly #listeners = new Set<(message: Incoming) => void>();
  readonly #publishing = new Map<string, (outcome: Delivery | 'lost') => void>();
  #ended = false;

  constructor(options: ProbeOptions) {
    let accept: (limits: BrokerLimits | undefined) => void = () => {};
    this.accepted = new Promise((resolve) => {
      accept = resolve;
    });
    this.session = new MqttJsSession(
      {
        ...options,
        maximumPacketSize: Number.POSITIVE_INFINITY,
        highestSubscriptionQos: 1,
        subscribedWithinMs: SUBSCRIBED_WITHIN_MS,
      },
      {
        accepted: accept,
        received: (message) => {
          for (const run of this.#listeners) run(message);
        },
        skipped() {},
        settled: ({ topic }, outcome) => this.#publishing.get(topic)?.(outcome),
      },
    );
    void this.session.ended.then(() => {
      this.#ended = true;
      accept(undefined);
      for (const resolve of this.#publishing.values()) resolve('lost');
    });
  }

  probe(version: 4 | 5, limits: BrokerLimits): BrokerProbe {
    const hasEnded = () => this.#ended;
    return {
      version,
      limits,
      get ended() {
        return hasEnded();
      },
      unsubscribe: (topic) => {
        if (!this.#ended) this.session.unsubscribe([topic]);
      },
      subscribe: async (filter) => {
        if (this.#ended) return false;
        const granted = this.session.subscribe([filter]).then(
          (denied) => denied.length === 0,
          () => false,
        );
        // When the connection ends, MQTT.js does not always settle a subscription that is under way.
        return Promise.race([granted, this.session.ended.then(() => false)]);
      },
      publish: async (message) => {
        if (this.#ended) return 'lost';
        const outcome = new Promise<Delivery | 'lost'>((resolve) => {
          this.#publishing.set(message.topic, resolve);
        });
        this.session.publish(message);
        return outcome.finally(() => this.#publishing.delete(message.topic));
      },
      onMessage: (run) => {
        this.#listeners.add(run);
        return () => this.#listeners.delete(run);
      },
      close: async () => {
        await this.session.farewell();
        await this.session.ended;
      },
    };
  }
}
