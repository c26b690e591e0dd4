import { BrokerConnection } from './_broker-connection.js';
import type { Network } from './_net.js';
import type { SimClock } from './_sim-clock.js';

/** What a broker allows and how it behaves; may change while it runs. */
export interface BrokerRules {
  /** The newest version of MQTT that it speaks. */
  version: 4 | 5;
  /** What a client gets that speaks a newer one. */
  toNewer: 'connack' | 'close' | 'silence';
  /** Limits that it tells in CONNACK (MQTT 5). */
  maxPacket: number | undefined;
  receiveMaximum: number | undefined;
  maxQos: 0 | 1 | undefined;
  retains: boolean;
  /** It delivers a message once per matching filter instead of once per client. */
  deliversEach: boolean;
  /** It hands a client's own messages back although it was asked not to. */
  ignoresNoLocal: boolean;
  refusesLogin: boolean;
  /** It closes connections instead of answering CONNECT. */
  hangsUp: boolean;
  /** It does not answer CONNECT at all. */
  silent: boolean;
  /** It swallows its own PUBACKs and SUBACKs. */
  losesAcks: boolean;
  /** It sends what it delivers once more, marked as a duplicate. */
  repeats: boolean;
  /** How many faults keep the program from saying what it has to say. */
  hampered: number;
  deniesPublish: (topic: string) => boolean;
  deniesSubscribe: (topic: string) => boolean;
}

export const openRules = (): BrokerRules => ({
  version: 5,
  toNewer: 'connack',
  maxPacket: undefined,
  receiveMaximum: undefined,
  maxQos: undefined,
  retains: true,
  deliversEach: false,
  ignoresNoLocal: false,
  refusesLogin: false,
  hangsUp: false,
  silent: false,
  losesAcks: false,
  repeats: false,
  hampered: 0,
  deniesPublish: () => false,
  deniesSubscribe: () => false,
});

/** A message as a client gave it to the broker. */
export interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Seconds (MQTT 5). */
  readonly expiry?: number | undefined;
  readonly responseTopic?: string | undefined;
  readonly correlation?: Buffer | undefined;
  /** Which of the users' wishes it is. */
  readonly id?: number | undefined;
  /** Who sent it: the connection of the program, or a name. */
  readonly from: BrokerConnection | string;
}

interface Stored extends Published {
  readonly at: number;
}

/** What others want to know of the broker. */
export interface BrokerListener {
  /** What is retained on `topic` is about to be replaced or removed. */
  replacing(topic: string): void;
  /** `message` was accepted from a client. */
  published(message: Published): void;
  /** `message` goes to the program on this connection; `retain` is the flag that it sees. */
  delivered(message: Published, connection: BrokerConnection, retain: boolean): void;
  /** A connection of the program was accepted. */
  connected(connection: BrokerConnection, version: 4 | 5, keepalive: number, clientId: string): void;
  /** The program asks for a topic. */
  subscribed(topic: string, qos: 0 | 1, connection: BrokerConnection): void;
  /** A client did what the protocol or the broker's limits forbid. */
  violated(what: string): void;
  trace(text: () => string): void;
}

/** A broker in memory whose clients speak real packets; those that only play along are called by method. */
export class SimBroker {
  readonly clock: SimClock;
  readonly rules: BrokerRules;
  readonly listener: BrokerListener;
  /** What is retained; where the broker retains nothing, what a subscriber was told last. */
  readonly retained = new Map<string, Stored>();
  readonly connections = new Set<BrokerConnection>();
  readonly #network: Network;

  constructor(clock: SimClock, network: Network, rules: BrokerRules, listener: BrokerListener) {
    this.clock = clock;
    this.rules = rules;
    this.listener = listener;
    this.#network = network;
    network.listen((socket) => {
      this.connections.add(new BrokerConnection(this, socket));
    });
  }

  /** The connection of the program that has been accepted, rather the one that it works with, if there is one. */
  get accepted(): BrokerConnection | undefined {
    let other: BrokerConnection | undefined;
    for (const connection of this.connections) {
      if (connection.works) return connection;
      if (connection.accepted) other = connection;
    }
    return other;
  }

  /** Takes a message of any client. */
  publish(message: Published): void {
    if (message.retain || !this.rules.retains) {
      this.listener.replacing(message.topic);
      if (message.payload.length === 0) this.retained.delete(message.topic);
      else this.retained.set(message.topic, { ...message, at: this.clock.now() });
    }
    this.listener.published(message);
    for (const connection of this.connections) connection.offer(message);
  }

  /** When a topic was published last that is retained now, ms. */
  saidAt(topic: string): number | undefined {
    return this.#fresh(topic)?.at;
  }

  /** What is retained on a topic now. */
  textOf(topic: string): string | undefined {
    return this.#fresh(topic)?.payload.toString();
  }

  /** What is retained on the topics that `filter` names, expired ones left out. */
  matching(filter: string): Published[] {
    if (!this.rules.retains) return [];
    const found: Published[] = [];
    for (const topic of [...this.retained.keys()]) {
      const message = matches(filter, topic) ? this.#fresh(topic) : undefined;
      if (message) found.push({ ...message, expiry: this.#left(message) });
    }
    return found;
  }

  /** Another client with this id comes: the older connection goes, and its last will is sent. */
  takeOver(clientId: string, by: BrokerConnection | string): void {
    for (const connection of [...this.connections]) {
      if (connection !== by && connection.clientId === clientId) connection.kick(0x8e, 'taken over');
    }
  }

  /** Ends without a word, and is not there for `ms`. */
  crash(ms: number, keepsStore: boolean): void {
    this.#network.service = 'refused';
    for (const connection of [...this.connections]) connection.lost();
    this.#network.cut('reset');
    if (!keepsStore) this.retained.clear();
    this.clock.after(ms, () => {
      this.#network.service = 'open';
    });
  }

  #fresh(topic: string): Stored | undefined {
    const message = this.retained.get(topic);
    if (!message || message.expiry === undefined || this.clock.now() < message.at + message.expiry * 1_000) {
      return message;
    }
    this.retained.delete(topic);
    return undefined;
  }

  #left(message: Stored): number | undefined {
    if (message.expiry === undefined) return undefined;
    return Math.max(1, Math.round(message.expiry - (this.clock.now() - message.at) / 1_000));
  }
}

/** Whether a topic is named by a filter (MQTT 5, 4.7). */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  if (!filter.includes('#') && !filter.includes('+')) return false;
  const wanted = filter.split('/');
  const parts = topic.split('/');
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== '+' && level !== parts[at]) return false;
  }
  return wanted.length === parts.length;
}
