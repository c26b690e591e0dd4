import type { Writable } from 'node:stream';
import type { AckWatch } from './ack-watch.js';
import type { BrokerLimits } from './broker-limits.js';
import type { AnswerHandling, Message } from './link.js';
import { PublishedIds } from './packet-ids.js';
import { publishSize, publishSizeBound } from './publish-packet.js';
import { PublishWriter } from './publish-writer.js';

/** The most messages of QoS 1 that are unacknowledged at once; a broker may allow fewer. */
const MAX_IN_FLIGHT = 1_000;

/** PUBACK code that says that nobody subscribes to the topic; that is no fault (MQTT 5, 3.4.2.1). */
const NO_SUBSCRIBERS = 16;

/** The most answers that wait in one line; further ones are folded into the last of them. */
const MAX_PER_SHARE = 500;

/** The most lines of answers; further shares have one line together. Limited, because strangers choose the shares. */
const MAX_SHARES = 100;
const OTHER_SHARES = '';

/** What became of a message: the broker took it, denied it (reason code), or could never take it (its size, bytes). */
export type Delivery = 'taken' | { readonly denied: number } | { readonly tooLarge: number };

export interface OutboxOptions {
  /** The stream of the connection. */
  readonly stream: Writable;
  readonly version: 4 | 5;
  readonly limits: BrokerLimits;
  /** Bytes; larger packets are not sent. */
  readonly maximumPacketSize: number;
  readonly acks: AckWatch;
  /** Called when a message was sent (QoS 0), was acknowledged (QoS 1), or is too large. */
  readonly settled: (message: Message, outcome: Delivery) => void;
}

/** A queue of answers. */
interface Line {
  readonly answers: Message[];
  /** Answers for which the last one in the line stands. */
  folded: number;
}

/**
 * Sends messages on one connection, within the broker's limits. If states have to wait, only the newest of each topic
 * does, and the lines of answers are limited: so a slow broker costs no memory. States and the lines of answers take
 * turns.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #window: number;
  readonly #states = new Map<string, Message>();
  readonly #lines = new Map<string, Line>();
  readonly #writer: PublishWriter;
  readonly #ids = new PublishedIds();
  /** Messages of QoS 1 that are not acknowledged yet, by packet identifier. */
  readonly #inFlight = new Map<number, Message>();
  #stateIsNext = true;
  /** The last message, until it is sent. */
  #last: Message | undefined;
  /** The last message, also after it is sent: to know its acknowledgement. */
  #farewell: Message | undefined;
  #lastIsTaken = false;
  #drained: (() => void) | undefined;
  #closed = false;

  constructor(options: OutboxOptions) {
    const { stream, version, limits } = options;
    this.#options = options;
    this.#window = Math.min(limits.receiveMaximum, MAX_IN_FLIGHT);
    this.#writer = new PublishWriter(stream, version);
    stream.on('drain', () => this.#next());
  }

  /** The size of the largest message that the broker has not acknowledged yet, bytes. */
  get largestInFlight(): number {
    const { version } = this.#options;
    return Math.max(0, ...[...this.#inFlight.values()].map((message) => publishSize(message, version)));
  }

  /** Sends `message` now or as soon as there is room; after `last` or `close` it is dropped. */
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

  /** Sends `message` after all others, and nothing after it; resolves to whether the broker has accepted it. */
  last(message: Message): Promise<boolean> {
    return new Promise((resolve) => {
      this.#drained = () => resolve(this.#lastIsTaken);
      this.#last = this.#fitted(message);
      this.#lastIsTaken = this.#last !== undefined;
      this.#farewell = this.#last;
      this.#next();
    });
  }

  /** Writes everything that was sent to the stream at once. To be called before somebody else writes to the stream. */
  flush(): void {
    this.#writer.flush();
  }

  /** The broker has acknowledged the packet `id` with this reason code. */
  acknowledged(id: number, code: number): void {
    const { acks, settled } = this.#options;
    const message = this.#inFlight.get(id);
    if (!message) return;
    this.#inFlight.delete(id);
    acks.acknowledged(id);
    const isDenied = code > 0 && code !== NO_SUBSCRIBERS;
    if (isDenied && message === this.#farewell) this.#lastIsTaken = false;
    settled(message, isDenied ? { denied: code } : 'taken');
    this.#next();
  }

  /** The connection has ended. */
  close(): void {
    this.#closed = true;
  }

  get #isIdle(): boolean {
    return this.#states.size === 0 && this.#lines.size === 0;
  }

  /** The message with QoS and retain flag as the broker allows them; undefined if it is too large. */
  #fitted(message: Message): Message | undefined {
    const { limits, maximumPacketSize, version, settled } = this.#options;
    const { retain } = message;
    const qos = message.isProbe && version === 5 ? 1 : message.qos;
    const isAsked = qos === message.qos;
    const fitting: Message =
      isAsked && qos <= limits.maximumQoS && (!retain || limits.retainAvailable)
        ? message
        : { ...message, qos: qos <= limits.maximumQoS ? qos : 0, retain: retain && limits.retainAvailable };
    if (publishSizeBound(fitting) <= maximumPacketSize) return fitting;
    const size = publishSize(fitting, version);
    if (size <= maximumPacketSize) return fitting;
    settled(message, { tooLarge: size });
    return undefined;
  }

  #hasRoom({ qos }: Message): boolean {
    // The receive maximum limits only QoS 1; a message of QoS 0 needs only room in the socket (MQTT 5, 4.9).
    return qos === 1 ? this.#inFlight.size < this.#window : this.#writer.hasRoom;
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
    const { acks, settled } = this.#options;
    if (message.qos === 0) {
      this.#writer.add(message, 0);
      settled(message, 'taken');
      return;
    }
    const id = this.#ids.take((one) => !this.#inFlight.has(one));
    this.#inFlight.set(id, message);
    acks.sent(id);
    this.#writer.add(message, id);
  }

  #next(): void {
    if (this.#closed || (this.#isIdle && !this.#drained)) return;
    for (let next = this.#peek(); next && this.#hasRoom(next); next = this.#peek()) {
      const message = this.#take();
      if (message) this.#send(message);
    }
    if (this.#inFlight.size > 0 || !this.#drained || this.#peek()) return;
    this.#writer.flush();
    this.#drained();
  }

  /** The message whose turn it is. */
  #peek(): Message | undefined {
    const state = first(this.#states.values());
    const answer = first(this.#lines.values())?.answers[0];
    if (state && (this.#stateIsNext || !answer)) return state;
    return answer ?? this.#last;
  }

  /** Takes out the message whose turn it is, and gives the next turn to the others. */
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
