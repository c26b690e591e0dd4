import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  type Parser,
  parser,
} from 'mqtt-packet';
import { matches, type Published, type SimBroker } from './_broker.js';
import type { SimSocket } from './_net.js';

interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
}

/** One client's connection: its packets, its subscriptions, its last will. */
export class BrokerConnection {
  readonly #broker: SimBroker;
  readonly #socket: SimSocket;
  readonly #parser: Parser;
  readonly #subscriptions = new Map<string, Subscription>();
  #wildcards: readonly Subscription[] = [];
  readonly #denied = new Set<string>();
  /** When the broker answered for its first subscriptions. */
  #subscribedAt = Number.POSITIVE_INFINITY;
  clientId = '';
  accepted = false;
  version: 4 | 5 = 4;
  keepalive = 0;
  #will: IConnectPacket['will'];
  #maxPacket = Number.POSITIVE_INFINITY;
  #ids = 0;
  #heardAt: number;
  /** Publishes of the client that have not been acknowledged: those whose PUBACK got lost count. */
  #unacknowledged = 0;
  #over = false;

  constructor(broker: SimBroker, socket: SimSocket) {
    this.#broker = broker;
    this.#socket = socket;
    this.#heardAt = broker.clock.now();
    this.#parser = parser({ protocolVersion: 5 });
    this.#parser.on('packet', (packet) => {
      if (!this.#over) this.#take(packet);
    });
    this.#parser.on('error', (error: Error) => {
      broker.listener.violated(`a malformed packet: ${error.message}`);
      this.#close();
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.#over) return;
      this.#heardAt = broker.clock.now();
      this.#parser.parse(bytes);
    });
    socket.on('error', () => {});
    socket.on('close', () => this.lost());
  }

  /** Whether the program can know that a subscription that names `topic` was granted or denied. */
  hasAnswered(topic: string): boolean {
    // The answer takes its time, and so does what the program sends because of it.
    if (this.#subscribedAt >= this.#broker.clock.now()) return false;
    return (
      this.#denied.has(topic) || [...this.#subscriptions.keys()].some((filter) => matches(filter, topic))
    );
  }

  /** Whether the other end is still there. */
  get alive(): boolean {
    const { peer } = this.#socket;
    return !this.#over && peer !== undefined && !peer.destroyed && !peer.vanished;
  }

  /** Whether the program works over it: while it only looks whether another one does, it has no last will. */
  get works(): boolean {
    return this.accepted && this.#will !== undefined;
  }

  /** When the bytes that came last had been sent. */
  get sentAt(): number {
    return this.#socket.sentAt;
  }

  /** The process at the other end. */
  get process(): object | undefined {
    return this.#socket.peer?.owner;
  }

  /** The connection is gone, and nobody said farewell: the last will is sent. */
  lost(): void {
    if (this.#over) return;
    const { accepted } = this;
    const will = this.#will;
    this.#end();
    if (!accepted || !will) return;
    this.#broker.listener.trace(() => 'broker: sends the last will');
    this.#broker.publish({
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: will.qos === 1 ? 1 : 0,
      retain: will.retain === true,
      from: 'last will',
    });
  }

  /** Ends the connection with a reason. */
  kick(reasonCode: number, why: string): void {
    if (this.#over) return;
    this.#broker.listener.trace(() => `broker: ends the connection: ${why}`);
    if (this.version === 5 && this.accepted) this.#send({ cmd: 'disconnect', reasonCode });
    const socket = this.#socket;
    this.lost();
    socket.end();
  }

  /** Hands `message` over where a subscription asks for it. */
  offer(message: Published): void {
    if (!this.accepted || this.#over) return;
    const own = message.from === this;
    const keepsOwn = own && !this.#broker.rules.ignoresNoLocal;
    const exact = this.#subscriptions.get(message.topic);
    const wanted = [
      ...(exact ? [exact] : []),
      ...this.#wildcards.filter(({ filter }) => matches(filter, message.topic)),
    ].filter(({ noLocal }) => !(keepsOwn && noLocal));
    if (this.#broker.rules.deliversEach) {
      for (const one of wanted) this.#deliver(message, one.qos, message.retain && one.retainAsPublished);
    } else if (wanted.length > 0) {
      const qos = wanted.some((one) => one.qos === 1) ? 1 : 0;
      const retain = message.retain && wanted.some((one) => one.retainAsPublished);
      this.#deliver(message, qos, retain);
    }
  }

  #take(packet: Packet): void {
    const { listener } = this.#broker;
    if (packet.cmd === 'connect') this.#connect(packet);
    else if (!this.accepted) listener.violated(`${packet.cmd} before CONNACK`);
    else if (packet.cmd === 'publish') this.#publish(packet);
    else if (packet.cmd === 'subscribe') this.#subscribe(packet);
    else if (packet.cmd === 'unsubscribe') {
      for (const filter of packet.unsubscriptions) this.#subscriptions.delete(filter);
      this.#wildcards = this.#wildcards.filter(({ filter }) => this.#subscriptions.has(filter));
      const granted = packet.unsubscriptions.map(() => 0);
      this.#send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted });
    } else if (packet.cmd === 'pingreq') this.#send({ cmd: 'pingresp' });
    else if (packet.cmd === 'disconnect') {
      listener.trace(() => 'broker: the program says farewell');
      if (packet.reasonCode === 4) this.lost();
      else this.#end();
    } else if (packet.cmd !== 'puback') listener.violated(`an unexpected ${packet.cmd}`);
  }

  #connect(packet: IConnectPacket): void {
    const { rules, listener, clock } = this.#broker;
    const asked = packet.protocolVersion === 5 ? 5 : 4;
    if (rules.silent) return;
    if (rules.hangsUp) {
      this.#close();
      return;
    }
    this.version = asked;
    listener.trace(() => `broker: CONNECT, MQTT ${asked}`);
    if (asked > rules.version) {
      if (rules.toNewer === 'silence') return;
      if (rules.toNewer === 'connack') {
        this.version = 4;
        this.#send({ cmd: 'connack', returnCode: 1, sessionPresent: false });
      }
      this.#close();
      return;
    }
    if (rules.refusesLogin) {
      this.#send({ cmd: 'connack', returnCode: 5, reasonCode: 0x86, sessionPresent: false });
      this.#close();
      return;
    }
    this.clientId = packet.clientId;
    this.#broker.takeOver(packet.clientId, this);
    this.accepted = true;
    listener.connected(this, asked, packet.keepalive ?? 0, packet.clientId);
    this.#will = packet.will;
    this.#maxPacket = packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.keepalive = packet.keepalive ?? 0;
    const properties = {
      ...(rules.maxPacket === undefined ? {} : { maximumPacketSize: rules.maxPacket }),
      ...(rules.receiveMaximum === undefined ? {} : { receiveMaximum: rules.receiveMaximum }),
      ...(rules.maxQos === undefined ? {} : { maximumQoS: rules.maxQos }),
      ...(rules.retains ? {} : { retainAvailable: false }),
    };
    this.#send({
      cmd: 'connack',
      returnCode: 0,
      reasonCode: 0,
      sessionPresent: false,
      ...(asked === 5 ? { properties } : {}),
    });
    if (this.keepalive > 0) this.#watch(clock.now() + this.keepalive * 1_500);
  }

  #watch(at: number): void {
    const { clock } = this.#broker;
    clock.after(at - clock.now(), () => {
      if (this.#over) return;
      const due = this.#heardAt + this.keepalive * 1_500;
      if (due > clock.now()) this.#watch(due);
      else this.kick(0x8d, 'nothing came from the client');
    });
  }

  #publish(packet: IPublishPacket): void {
    const { rules, listener } = this.#broker;
    const size = (packet.length ?? 0) + 2;
    const qos = packet.qos === 0 ? 0 : 1;
    if (this.version === 5) {
      if (size > (rules.maxPacket ?? size)) {
        this.#forbidden(0x95, `${size} bytes on ${packet.topic}`);
        return;
      }
      if (qos > (rules.maxQos ?? 1)) {
        this.#forbidden(0x9b, `QoS ${qos} on ${packet.topic}`);
        return;
      }
      if (packet.retain && !rules.retains) {
        this.#forbidden(0x9a, `retained: ${packet.topic}`);
        return;
      }
    }
    const denied = rules.deniesPublish(packet.topic);
    if (qos === 1) {
      this.#unacknowledged += 1;
      if (this.version === 5 && this.#unacknowledged > (rules.receiveMaximum ?? 65_535)) {
        this.#forbidden(0x93, `${this.#unacknowledged} unacknowledged publishes`);
        return;
      }
      if (!rules.losesAcks) {
        this.#unacknowledged -= 1;
        const reasonCode = denied ? 0x87 : 0;
        this.#send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode });
      }
    }
    if (denied) return;
    this.#broker.publish({
      topic: packet.topic,
      payload: Buffer.from(packet.payload),
      qos,
      retain: packet.retain,
      expiry: packet.properties?.messageExpiryInterval,
      responseTopic: packet.properties?.responseTopic,
      correlation: packet.properties?.correlationData,
      from: this,
    });
    listener.trace(() => `program → ${packet.topic} ${String(packet.payload).slice(0, 150)}`);
  }

  #subscribe({ subscriptions, messageId = 0 }: ISubscribePacket): void {
    const { rules, clock } = this.#broker;
    this.#subscribedAt = Math.min(this.#subscribedAt, clock.now());
    const granted = subscriptions.map(({ topic, qos, nl = false, rap = false }) => {
      if (rules.deniesSubscribe(topic)) {
        this.#denied.add(topic);
        return this.version === 5 ? 0x87 : 0x80;
      }
      this.#broker.listener.subscribed(topic, qos === 0 ? 0 : 1, this);
      const given = qos === 0 ? 0 : (rules.maxQos ?? 1);
      this.#subscriptions.set(topic, { filter: topic, qos: given, noLocal: nl, retainAsPublished: rap });
      return given;
    });
    this.#wildcards = [...this.#subscriptions.values()].filter(({ filter }) => /[#+]/.test(filter));
    if (!rules.losesAcks) this.#send({ cmd: 'suback', messageId, granted });
    for (const [at, { topic, rh = 0 }] of subscriptions.entries()) {
      const qos = granted[at] ?? 0x80;
      if (qos >= 0x80 || rh === 2) continue;
      for (const message of this.#broker.matching(topic)) this.#deliver(message, qos === 1 ? 1 : 0, true);
    }
  }

  #deliver(message: Published, granted: 0 | 1, retain: boolean): void {
    const { rules, listener } = this.#broker;
    const qos = message.qos === 1 && granted === 1 ? 1 : 0;
    this.#ids = (this.#ids % 65_535) + 1;
    const properties = {
      ...(message.expiry === undefined ? {} : { messageExpiryInterval: message.expiry }),
      ...(message.responseTopic === undefined ? {} : { responseTopic: message.responseTopic }),
      ...(message.correlation === undefined ? {} : { correlationData: message.correlation }),
    };
    const packet: IPublishPacket = {
      cmd: 'publish',
      topic: message.topic,
      payload: message.payload,
      qos,
      retain,
      dup: false,
      ...(qos === 1 ? { messageId: this.#ids } : {}),
      ...(this.version === 5 ? { properties } : {}),
    };
    const bytes = generate(packet, { protocolVersion: this.version });
    if (bytes.length > this.#maxPacket) {
      listener.trace(() => `broker: ${message.topic} is too large for it`);
      return;
    }
    listener.trace(
      () => `broker → ${message.topic} ${message.payload.toString().slice(0, 100)}${retain ? ' R' : ''}`,
    );
    listener.delivered(message, this, retain);
    this.#socket.write(bytes);
    if (rules.repeats && qos === 1) {
      listener.delivered(message, this, retain);
      this.#socket.write(generate({ ...packet, dup: true }, { protocolVersion: this.version }));
    }
  }

  #forbidden(reasonCode: number, what: string): void {
    this.#broker.listener.violated(what);
    this.kick(reasonCode, what);
  }

  #send(packet: Packet): void {
    if (!this.#socket.destroyed) this.#socket.write(generate(packet, { protocolVersion: this.version }));
  }

  #close(): void {
    const socket = this.#socket;
    this.lost();
    socket.end();
  }

  #end(): void {
    this.#over = true;
    this.accepted = false;
    this.#broker.connections.delete(this);
    this.#socket.end();
  }
}
