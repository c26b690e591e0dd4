import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { startBroker } from '../../src/mqtt/embedded-broker.js';
import { freePort } from '../_ports.js';
import { until } from '../_until.js';

export interface TestBroker {
  readonly port: number;
  stop(): Promise<void>;
}

export interface BrokerOptions {
  /** A port to listen on; default any free one. */
  readonly port?: number;
  /** Further lines of mosquitto.conf, and further files in its folder. */
  readonly lines?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly login?: { readonly username: string; readonly password: string };
}

export interface BrokerKind {
  readonly name: string;
  readonly speaks5: boolean;
  start(options?: BrokerOptions): Promise<TestBroker>;
}

const embedded: BrokerKind = {
  name: 'embedded',
  speaks5: false,
  async start({ port, login } = {}) {
    const broker = await startBroker({ host: '127.0.0.1', port: port ?? 0, ...login });
    return { port: broker.port, stop: () => broker.close() };
  },
};

const mosquitto: BrokerKind = { name: 'mosquitto', speaks5: true, start: startMosquitto };

const program = ['mosquitto', '/usr/sbin/mosquitto'].find((name) => !spawnSync(name, ['-h']).error);

/** The brokers to test with: the embedded one, and Mosquitto where it is installed. */
export const brokers: readonly BrokerKind[] = program ? [embedded, mosquitto] : [embedded];

/** Starts a broker that ends with the test, however that ends. */
export async function brokerFor(
  t: ExecutionContext,
  kind: BrokerKind,
  options?: BrokerOptions,
): Promise<TestBroker> {
  const broker = await kind.start(options);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= broker.stop();
    return stopped;
  };
  t.teardown(stop);
  return { port: broker.port, stop };
}

/** Says that Mosquitto is missing and what to do; with CI=true that is a failure. */
export function requireMosquitto(t: ExecutionContext): void {
  const text = 'Mosquitto is not installed: the tests against it are left out (apt-get install -y mosquitto)';
  if (!program) t.log(text);
  t.true(program !== undefined || process.env.CI !== 'true', text);
}

async function startMosquitto(options: BrokerOptions = {}): Promise<TestBroker> {
  const port = options.port ?? (await freePort());
  const room = mkdtempSync(join(tmpdir(), 'evse-mosquitto-'));
  const lines = [
    `listener ${port} 127.0.0.1`,
    'log_dest stderr',
    'persistence false',
    ...(options.lines ?? []),
  ];
  if (options.login) {
    const file = join(room, 'passwd');
    spawnSync('mosquitto_passwd', ['-b', '-c', file, options.login.username, options.login.password]);
    lines.push('allow_anonymous false', `password_file ${file}`);
  } else lines.push('allow_anonymous true');
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(room, name), text, { mode: 0o600 });
    lines.push(`${name}_file ${join(room, name)}`);
  }
  const config = join(room, 'mosquitto.conf');
  writeFileSync(config, `user root\n${lines.join('\n')}\n`);
  const child = spawn(program ?? 'mosquitto', ['-c', config], { stdio: 'ignore' });
  await until(() => reachable(port), `mosquitto on port ${port}`);
  return {
    port,
    async stop() {
      await ended(child);
      rmSync(room, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((done) => {
    child.once('exit', done);
    child.kill('SIGTERM');
  });
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

export interface Seen {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly correlation: string | undefined;
}

/** A home-automation system: everything it sees below `#`, and the newest payload per topic. */
export class Onlooker {
  readonly client: MqttClient;
  readonly seen: Seen[] = [];
  readonly newest = new Map<string, string>();

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload, packet) => {
      this.seen.push({
        topic,
        payload: payload.toString(),
        retain: packet.retain,
        correlation: packet.properties?.correlationData?.toString(),
      });
      this.newest.set(topic, payload.toString());
    });
  }

  static async at(
    t: ExecutionContext,
    port: number,
    options: IClientOptions = {},
    filter = '#',
  ): Promise<Onlooker> {
    const client = await connectAsync({
      host: '127.0.0.1',
      port,
      protocol: 'mqtt',
      reconnectPeriod: 0,
      ...options,
    });
    t.teardown(() => client.end(true));
    const onlooker = new Onlooker(client);
    await client.subscribeAsync(filter, { qos: 1 });
    return onlooker;
  }

  /** Waits until `topic` shows `payload` (or anything). */
  async sees(topic: string, payload?: string | RegExp): Promise<string> {
    await until(
      () => {
        const text = this.newest.get(topic);
        if (text === undefined) return false;
        return payload === undefined || (payload instanceof RegExp ? payload.test(text) : text === payload);
      },
      () =>
        `${topic} to show ${payload ?? 'anything'}; it shows ${this.newest.get(topic)?.slice(0, 300) ?? 'nothing'}`,
    );
    return this.newest.get(topic) ?? '';
  }

  /** Everything seen on `topic`, parsed. */
  all(topic: string): unknown[] {
    return this.seen.filter((message) => message.topic === topic).map(({ payload }) => JSON.parse(payload));
  }
}
