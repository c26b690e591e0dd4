import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';

/** One connection of a client to a ByteBroker. */
export class ByteConnection {
  readonly socket: Socket;
  /** Everything that the client has sent, in order. */
  readonly packets: Packet[] = [];
  version: 4 | 5 = 5;
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Sends a packet in the version of the client, however wrong it may be. */
  send(packet: Packet): void {
    if (!this.socket.destroyed) this.socket.write(generate(packet, { protocolVersion: this.version }));
  }

  of<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    // The filter has looked at what tells the kinds of packet apart.
    return this.packets.filter((packet) => packet.cmd === cmd) as Extract<Packet, { cmd: C }>[];
  }

  /** The payloads that were published on `topic`. */
  published(topic: string): string[] {
    return this.of('publish')
      .filter((packet) => packet.topic === topic)
      .map(({ payload }) => payload.toString());
  }
}

/** What a test's broker does with a packet; it returns true where the broker is not to answer as usual. */
export type Rule = (packet: Packet, connection: ByteConnection) => boolean | undefined;

/**
 * A broker that a test bends: it takes every connection, acknowledges everything and keeps nothing, unless the test's
 * rule does otherwise. It speaks MQTT by mqtt-packet, so that it can say what no real broker says.
 */
export class ByteBroker {
  readonly connections: ByteConnection[] = [];
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(t: ExecutionContext, rule: Rule = () => false): Promise<ByteBroker> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    // A server that listens on TCP has an address of this kind.
    const broker = new ByteBroker(server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => broker.#serve(socket, rule));
    t.teardown(() => broker.stop());
    return broker;
  }

  /** The newest connection. */
  get last(): ByteConnection | undefined {
    return this.connections.at(-1);
  }

  stop(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    return new Promise((done) => this.#server.close(() => done()));
  }

  #serve(socket: Socket, rule: Rule): void {
    const connection = new ByteConnection(socket);
    this.connections.push(connection);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.closed = true;
    });
    const reader = parser();
    reader.on('packet', (packet: Packet) => {
      connection.packets.push(packet);
      if (packet.cmd === 'connect') connection.version = versionOf(packet);
      if (rule(packet, connection) !== true) answer(packet, connection);
    });
    reader.on('error', () => socket.destroy());
    socket.on('data', (bytes) => reader.parse(bytes));
  }
}

function versionOf({ protocolVersion }: IConnectPacket): 4 | 5 {
  return protocolVersion === 5 ? 5 : 4;
}

function answer(packet: Packet, connection: ByteConnection): void {
  const { messageId = 0 } = packet;
  switch (packet.cmd) {
    case 'connect':
      connection.send({ cmd: 'connack', sessionPresent: false, ...code(connection, 0) });
      break;
    case 'publish':
      if (packet.qos === 1) connection.send({ cmd: 'puback', messageId });
      break;
    case 'subscribe':
      connection.send({ cmd: 'suback', messageId, granted: packet.subscriptions.map(({ qos }) => qos) });
      break;
    case 'unsubscribe':
      connection.send({ cmd: 'unsuback', messageId, granted: packet.unsubscriptions.map(() => 0) });
      break;
    case 'pingreq':
      connection.send({ cmd: 'pingresp' });
      break;
    case 'disconnect':
      connection.socket.end();
      break;
    default:
  }
}

/** The code of a CONNACK in the words of the client's version. */
export function code(
  { version }: ByteConnection,
  value: number,
): { reasonCode: number } | { returnCode: number } {
  return version === 5 ? { reasonCode: value } : { returnCode: value };
}
