import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { CannotStart } from '../base/errors.js';

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

/** Starts the embedded broker (MQTT 3.1.1). Rejects when it can't listen, with a text that says what to set. */
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
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  try {
    await listen(server, options);
  } catch (error) {
    await new Promise<void>((done) => aedes.close(() => done()));
    throw error;
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    async close() {
      await new Promise<void>((done) => aedes.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function listen(server: Server, { host, port }: BrokerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CannotStart(explain(error, host, port))),
    );
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return `the embedded broker can't start: ${where} is in use. If a broker runs there already, use it with MQTT_URL=mqtt://${where}; otherwise choose another port with MQTT_EMBEDDED_PORT`;
  }
  return `the embedded broker can't listen on ${where} (${error.code ?? error.message}): check MQTT_EMBEDDED_HOST and MQTT_EMBEDDED_PORT`;
}
