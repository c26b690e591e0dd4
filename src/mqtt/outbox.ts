import type { IClientPublishOptions, MqttClient } from 'mqtt';
import type { AckWatch } from './ack-watch.js';
import { type BrokerLimits, publishSize } from './broker-limits.js';
import type { AnswerHandling, Message } from './link.js';

/** Messages on their way at once; a broker may want fewer. */
const MAX_IN_FLIGHT = 1_000;

/** Answers that wait in one line; what comes on top is folded into the last of them. */
const MAX_PER_SHARE = 500;

/** Lines of answers. Strangers choose how many there are: what comes on top shares one line. */
const MAX_SHARES = 100;
const OTHER_SHARES = '';

/** What became of a message: the broker took it, did not take it (with its reason code), or could never take it. */
export type Delivery = 'taken' | { readonly denied: number } | { readonly tooLarge: number };

export interface OutboxOptions {
  readonly client: MqttClient;
  readonly version: 4 | 5;
  readonly limits: BrokerLimits;
  /** Bytes; larger packets are not sent. */
  readonly maximumPacketSize: number;
  readonly acks: AckWatch;
  readonly settled: (message: Message, outcome: Delivery) => void;
}

interface Line {
  readonly answers: Message[];
  /** Answers for which the last one in the line stands. */
  folded: number;
}

/**
 * What goes out on one connection, within the broker's limits. Of a retained topic that has to wait only the newest
 * payload does, and the lines of answers are limited, so that a slow broker costs no memory. States and the lines of
 * answers take turns.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #window: number;
  readonly #states = new Map<string, Message>();
  readonly #lines = new Map<string, Line>();
  /** The sizes of what is on its way: with QoS 1 until it is acknowledged, with QoS 0 until it is written. */
  readonly #inFlight = new Set<{ readonly size: number }>();
  /** How many of these have QoS 1. */
  #confirmed = 0;
  #sending = false;
  #stateIsNext = true;
  #last: Message | undefined;
  #drained: (() => void) | undefined;
  #closed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#window = Math.min(options.limits.receiveMaximum, MAX_IN_FLIGHT);
  }

  /** The size of the largest message that the broker has not acknowledged yet, bytes. */
  get largestInFlight(): number {
    return Math.max(0, ...[...this.#inFlight].map(({ size }) => size));
  }

  put(message: Message): void {
    if (this.#drained || this.#closed) return;
    const fitting = this.#fitted(message);
    if (!fitting) return;
    if (this.#isIdle && this.#hasRoom(fitting)) this.#send(fitting);
    else if (fitting.answer) this.#line(fitting, fitting.answer);
    else {
      this.#states.delete(fitting.topic);
      this.#states.set(fitting.topic, fitting);
    }
  }

  /** Sends `message` after everything else and nothing after it; resolves when the broker has it. */
  last(message: Message): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.#last = this.#fitted(message);
      this.#next();
    });
  }

  /** The connection has ended: MQTT.js calls back for everything that was on its way, and nothing may follow. */
  close(): void {
    this.#closed = true;
  }

  get #isIdle(): boolean {
    return this.#states.size === 0 && this.#lines.size === 0;
  }

  /** The message as the broker takes it; undefined if it can't. */
  #fitted(message: Message): Message | undefined {
    const { limits, maximumPacketSize, version, settled } = this.#options;
    const { qos, retain } = message;
    const fitting: Message =
      qos <= limits.maximumQoS && (!retain || limits.retainAvailable)
        ? message
        : { ...message, qos: qos <= limits.maximumQoS ? qos : 0, retain: retain && limits.retainAvailable };
    const size = publishSize(fitting, version);
    if (size <= maximumPacketSize) return fitting;
    settled(message, { tooLarge: size });
    return undefined;
  }

  #hasRoom({ qos }: Message): boolean {
    // The receive maximum is about QoS 1; what has QoS 0 only has to get into the socket.
    return qos === 1 ? this.#confirmed < this.#window : this.#inFlight.size - this.#confirmed < MAX_IN_FLIGHT;
  }

  #line(message: Message, { share }: AnswerHandling): void {
    const known = this.#lines.has(share) || this.#lines.size < MAX_SHARES;
    const key = known ? share : OTHER_SHARES;
    const line = this.#lines.get(key) ?? { answers: [], folded: 0 };
    this.#lines.set(key, line);
    if (line.answers.length < MAX_PER_SHARE) line.answers.push(message);
    else {
      line.answers[line.answers.length - 1] = message;
      line.folded += 1;
    }
  }

  #send(message: Message): void {
    const { client, version, acks, settled } = this.#options;
    const { topic, payload, qos, retain, correlation, expirySeconds } = message;
    const properties = {
      ...(correlation === undefined ? {} : { correlationData: Buffer.from(correlation) }),
      ...(expirySeconds === undefined ? {} : { messageExpiryInterval: expirySeconds }),
    };
    const options: IClientPublishOptions = { qos, retain, properties };
    const acknowledged = qos === 1 ? acks.sent() : () => {};
    const one = { size: publishSize(message, version) };
    this.#inFlight.add(one);
    this.#confirmed += qos;
    client.publish(topic, payload, options, (error) => {
      acknowledged();
      this.#inFlight.delete(one);
      this.#confirmed -= qos;
      const code = codeOf(error);
      // Without a code the connection has ended, and nobody knows.
      if (!error) settled(message, 'taken');
      else if (code !== undefined) settled(message, { denied: code });
      this.#next();
    });
  }

  #next(): void {
    // What is written at once calls back at once.
    if (this.#sending || this.#closed) return;
    this.#sending = true;
    for (let next = this.#peek(); next && this.#hasRoom(next); next = this.#peek()) {
      const message = this.#take();
      if (message) this.#send(message);
    }
    this.#sending = false;
    if (this.#inFlight.size === 0) this.#drained?.();
  }

  /** The message whose turn it is. */
  #peek(): Message | undefined {
    const state = first(this.#states.values());
    const answer = first(this.#lines.values())?.answers[0];
    if (state && (this.#stateIsNext || !answer)) return state;
    return answer ?? this.#last;
  }

  /** Takes it out, and gives the turn to the others. */
  #take(): Message | undefined {
    const state = first(this.#states.values());
    const line = first(this.#lines.entries());
    if (state && (this.#stateIsNext || !line)) {
      this.#states.delete(state.topic);
      this.#stateIsNext = false;
      return state;
    }
    this.#stateIsNext = true;
    if (line) return this.#takeFrom(...line);
    const last = this.#last;
    this.#last = undefined;
    return last;
  }

  #takeFrom(share: string, line: Line): Message | undefined {
    const message = line.answers.shift();
    this.#lines.delete(share);
    if (line.answers.length > 0) this.#lines.set(share, line);
    else if (line.folded > 0 && message?.answer) {
      return this.#fitted({ ...message, payload: message.answer.folded(line.folded) });
    }
    return message;
  }
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

/** The reason code of a PUBACK that is no success. */
function codeOf(error: Error | undefined | null): number | undefined {
  return error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
