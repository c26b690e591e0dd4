import type { ExecutionContext } from 'ava';
import type { IConnectPacket, IPublishPacket, Packet } from 'mqtt-packet';
import { ByteBroker, type ByteConnection, code } from './_byte-broker.js';

interface Client {
  readonly connection: ByteConnection;
  readonly connect: IConnectPacket;
  readonly filters: Set<string>;
  /** It said goodbye: its last will is not published. */
  left: boolean;
}

export interface RoutingRules {
  /** Whether who is thrown out is told why. */
  readonly tellsTakeOver?: boolean;
  /** The only version that it speaks. */
  readonly only4?: boolean;
  /** Topics on which nobody may subscribe. */
  readonly denied?: readonly string[];
}

/**
 * A broker in the process of the test that hands messages on, retains them, lets one client in per id and publishes
 * last wills. It knows exact filters.
 */
export class RoutingBroker {
  readonly retained = new Map<string, string>();
  readonly published: { readonly topic: string; readonly payload: string; readonly by: string }[] = [];
  readonly clients: Client[] = [];
  bytes!: ByteBroker;
  readonly #rules: RoutingRules;

  private constructor(rules: RoutingRules) {
    this.#rules = rules;
  }

  static async start(t: ExecutionContext, rules: RoutingRules = {}): Promise<RoutingBroker> {
    const made = new RoutingBroker(rules);
    made.bytes = await ByteBroker.start(t, (packet, connection) => made.#take(packet, connection));
    return made;
  }

  get port(): number {
    return this.bytes.port;
  }

  /** Those who are connected, by their client ids, oldest first. */
  get present(): string[] {
    return this.clients.map(({ connect }) => connect.clientId);
  }

  /** Somebody publishes. */
  publish(topic: string, payload: string, retain = false, by = 'somebody'): void {
    this.published.push({ topic, payload, by });
    if (retain) this.retained.set(topic, payload);
    for (const { filters, connection } of [...this.clients]) {
      if (filters.has(topic)) send(connection, topic, payload, false);
    }
  }

  #take(packet: Packet, connection: ByteConnection): boolean {
    const client = this.clients.find((one) => one.connection === connection);
    if (packet.cmd === 'connect') return this.#connect(packet, connection);
    if (!client) return true;
    if (packet.cmd === 'publish') {
      if (packet.qos === 1) connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
      this.publish(packet.topic, packet.payload.toString(), packet.retain, client.connect.clientId);
      return true;
    }
    if (packet.cmd === 'subscribe') {
      const { messageId = 0, subscriptions } = packet;
      const denied = (topic: string) => topic.endsWith('#') || this.#rules.denied?.includes(topic) === true;
      const granted = subscriptions.map(({ topic }) => (denied(topic) ? 0x80 : 1));
      connection.send({ cmd: 'suback', messageId, granted });
      for (const { topic } of subscriptions.filter((one) => !denied(one.topic))) {
        client.filters.add(topic);
        const payload = this.retained.get(topic);
        if (payload !== undefined) send(connection, topic, payload, true);
      }
      return true;
    }
    if (packet.cmd === 'disconnect') client.left = true;
    return false;
  }

  #connect(connect: IConnectPacket, connection: ByteConnection): boolean {
    if (this.#rules.only4 && connection.version === 5) {
      connection.send({ cmd: 'connack', sessionPresent: false, ...code(connection, 0x84) });
      connection.socket.end();
      return true;
    }
    const same = this.clients.find((one) => one.connect.clientId === connect.clientId);
    if (same) {
      if (this.#rules.tellsTakeOver) same.connection.send({ cmd: 'disconnect', reasonCode: 0x8e });
      this.#gone(same);
      same.connection.socket.end();
    }
    const client: Client = { connection, connect, filters: new Set(), left: false };
    this.clients.push(client);
    connection.socket.once('close', () => this.#gone(client));
    return false;
  }

  #gone(client: Client): void {
    const at = this.clients.indexOf(client);
    if (at < 0) return;
    this.clients.splice(at, 1);
    const { will, clientId } = client.connect;
    if (will && !client.left)
      this.publish(will.topic, will.payload.toString(), will.retain === true, clientId);
  }
}

function send(connection: ByteConnection, topic: string, payload: string, retain: boolean): void {
  const packet: IPublishPacket = { cmd: 'publish', topic, payload, qos: 0, retain, dup: false };
  connection.send(packet);
}
