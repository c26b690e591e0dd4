import type { MqttClient } from 'mqtt';
import type { AckWatch } from './ack-watch.js';
import type { Filter } from './subscriptions.js';
import { topicBatches } from './topic-batches.js';

/** A topic to which nobody subscribes. */
const NOBODYS_TOPIC = 'evse-mqtt-bridge/none';

export interface SubscribingOptions {
  readonly client: MqttClient;
  readonly acks: AckWatch;
  readonly version: 4 | 5;
  /** The highest QoS to subscribe with; a filter with a higher one is lowered. */
  readonly highestQos: 0 | 1;
  /** The largest packet that the broker accepts, as far as is known by now, bytes. */
  readonly maximumPacketSize: () => number;
  /** Writes what was published before, so that it goes out before the next packet. */
  readonly flush: () => void;
}

/** Subscribes and unsubscribes on one connection, in packets that are not too large for the broker. */
export class MqttJsSubscribing {
  readonly #options: SubscribingOptions;

  constructor(options: SubscribingOptions) {
    this.#options = options;
  }

  /** Subscribes; resolves to the topics that the broker denies, rejects if it does not answer. */
  async subscribe(filters: readonly Filter[]): Promise<string[]> {
    const { batches, tooLong } = topicBatches(filters, this.#options.maximumPacketSize());
    const denied = await Promise.all(batches.map((batch) => this.#subscribeTo(batch)));
    return [...tooLong.map(({ topic }) => topic), ...denied.flat()];
  }

  async #subscribeTo(filters: readonly Filter[]): Promise<string[]> {
    const { version, highestQos } = this.#options;
    const denied = await this.#ask(filters, highestQos);
    const again = filters.filter(({ topic, qos }) => denied.includes(topic) && qos > 0);
    // MQTT 3.1.1 gives no reason for a denial, and it may be the QoS: NATS grants only 63 subscriptions with QoS 1.
    if (version === 5 || highestQos === 0 || again.length === 0) return denied;
    const stillDenied = await this.#ask(again, 0);
    return denied.filter((topic) => stillDenied.includes(topic) || !again.some((one) => one.topic === topic));
  }

  #ask(filters: readonly Filter[], highest: 0 | 1): Promise<string[]> {
    const { client, acks, flush } = this.#options;
    const lowered = (qos: 0 | 1) => (qos > highest ? highest : qos);
    const map = Object.fromEntries(
      filters.map(({ topic, ...options }) => [topic, { ...options, qos: lowered(options.qos) }]),
    );
    acks.sent(map);
    flush();
    return new Promise((resolve, reject) => {
      client.subscribe(map, (error, granted, packet) => {
        acks.acknowledged(map);
        // A SUBACK that denies comes as an error too.
        const codes = packet?.granted ?? (error ? undefined : granted?.map(({ qos }) => qos));
        if (!codes) reject(error ?? new Error('no answer to SUBSCRIBE'));
        else resolve(filters.filter((_, at) => Number(codes[at]) >= 0x80).map(({ topic }) => topic));
      });
    });
  }

  unsubscribe(topics: readonly string[]): void {
    const { client, acks, flush } = this.#options;
    if (topics.length === 0) return;
    const all = topics.map((topic) => ({ topic }));
    flush();
    for (const batch of topicBatches(all, this.#options.maximumPacketSize()).batches) {
      acks.sent(batch);
      const named = batch.map(({ topic }) => topic);
      client.unsubscribe(named, () => acks.acknowledged(batch));
    }
  }

  /**
   * Resolves when the broker has answered an UNSUBSCRIBE from a topic that nobody has: it answers after it has sent the
   * retained messages of all subscriptions so far. Never resolves if the broker does not answer.
   */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#options.client.unsubscribe(NOBODYS_TOPIC, (error) => {
        if (!error) resolve();
      });
    });
  }
}
