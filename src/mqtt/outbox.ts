import type { MqttClient } from 'mqtt';
import type { Message } from './link.js';

/** Messages on their way at once; a broker may want fewer. */
const MAX_IN_FLIGHT = 1_000;

/** Answers that may wait for a slow broker; states wait at most once per topic. */
const MAX_WAITING_ANSWERS = 1_000;

/**
 * What goes out on one connection. No more is on its way than the broker allows (MQTT 5, 3.3.4, receive
 * maximum); of a retained topic that has to wait, only the newest payload does, so a slow broker costs no memory.
 */
export class Outbox {
  readonly #client: MqttClient;
  readonly #window: number;
  readonly #waiting = new Map<string | symbol, Message>();
  #inFlight = 0;
  #drained: (() => void) | undefined;

  constructor(client: MqttClient, receiveMaximum: number) {
    this.#client = client;
    this.#window = Math.min(receiveMaximum, MAX_IN_FLIGHT);
  }

  put(message: Message): void {
    if (this.#inFlight < this.#window && this.#waiting.size === 0) {
      this.#send(message);
      return;
    }
    if (message.retain) {
      this.#waiting.delete(message.topic);
      this.#waiting.set(message.topic, message);
    } else if (this.#waiting.size < MAX_WAITING_ANSWERS) this.#waiting.set(Symbol(), message);
  }

  /** Sends `message` after everything else; resolves when the broker has it. */
  last(message: Message): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.put(message);
    });
  }

  #send(message: Message): void {
    this.#inFlight += 1;
    const { topic, payload, qos, retain, correlation } = message;
    const properties = correlation === undefined ? undefined : { correlationData: Buffer.from(correlation) };
    this.#client.publish(topic, payload, properties ? { qos, retain, properties } : { qos, retain }, () => {
      this.#inFlight -= 1;
      this.#next();
    });
  }

  #next(): void {
    const next = this.#waiting.entries().next();
    if (!next.done) {
      this.#waiting.delete(next.value[0]);
      this.#send(next.value[1]);
    } else if (this.#inFlight === 0) this.#drained?.();
  }
}
