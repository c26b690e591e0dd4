import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { listen } from '../base/listen.js';
import { MAX_INCOMING_PACKET } from './broker-limits.js';
import { PacketSizes } from './packet-sizes.js';

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  /** If given, the login that clients must show. */
  readonly username?: string;
  readonly password?: string;
}

export interface EmbeddedBroker {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts the embedded broker (MQTT 3.1.1). It closes connections that send more than 128 kB in one packet. Rejects with
 * CannotStart if it can't listen; the text says which settings to change.
 */
export async function startBroker(options: BrokerOptions): Promise<EmbeddedBroker> {
  const { username, password } = options;
  const aedes = await Aedes.createBroker(
    username === undefined && password === undefined
      ? {}
      : {
          authenticate(_client, name, secret, done) {
            const matches = (name ?? undefined) === username && secret?.toString() === password;
            done(null, matches);
          },
        },
  );
  const sockets = new Set<Socket>();
  // Small packets must not wait for the client's TCP to acknowledge the one before: that may take 40 ms.
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
    const sizes = new PacketSizes(MAX_INCOMING_PACKET);
    // This listener sees all bytes that aedes reads.
    socket.on('data', (bytes: Buffer) => {
      if (!sizes.accept(bytes)) socket.destroy();
    });
  });
  const { host, port: wanted } = options;
  let port: number;
  try {
    port = await listen(server, {
      host,
      port: wanted,
      what: 'the embedded broker',
      settings: 'MQTT_EMBEDDED_HOST and MQTT_EMBEDDED_PORT',
      inUse: `if a broker runs there, use it with MQTT_URL=mqtt://${host}:${wanted}; otherwise choose another port with MQTT_EMBEDDED_PORT`,
    });
  } catch (error) {
    await new Promise<void>((done) => aedes.close(() => done()));
    throw error;
  }
  return {
    port,
    async close() {
      await new Promise<void>((done) => aedes.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
