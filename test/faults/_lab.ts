import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { freePort } from '../_ports.js';
import { TcpProxy } from './_tcp-proxy.js';

const root = resolve(import.meta.dirname, '../../..');
const main = join(root, 'dist/main.js');
const PATH = `${process.env.PATH ?? ''}:/usr/sbin`;

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A program that a case started, and what it said. */
export class Process {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said = '';

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, args, { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text) => {
        this.said = (this.said + text).slice(-2_000_000);
      });
    }
    this.ended = new Promise((done) => this.child.once('close', (code) => done(code)));
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  get lines(): string[] {
    return this.said.split('\n').filter((line) => line !== '');
  }

  /** Resident memory, MB. */
  get memory(): number {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
  }

  /** Whether it has a handler for the signal by now. */
  hears(name: NodeJS.Signals): boolean {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    const caught = BigInt(`0x${/SigCgt:\s+(\w+)/.exec(text)?.[1] ?? '0'}`);
    return ((caught >> BigInt(constants.signals[name] - 1)) & 1n) === 1n;
  }

  /** Ends it and waits; kills it where it does not. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.ended;
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const killer = setTimeout(() => this.signal('SIGKILL'), 10_000);
    const code = await this.ended;
    clearTimeout(killer);
    return code;
  }
}

export interface BrokerSettings {
  /** Lines of mosquitto.conf. */
  readonly lines?: readonly string[];
  readonly acl?: string;
  /** Passwords by user; the user `lab` is then the lab's own. */
  readonly logins?: Readonly<Record<string, string>>;
  /** Whether it keeps its store over a restart. */
  readonly persistent?: boolean;
}

/** Mosquitto, which can be ended in every way and started again. */
export class Broker {
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), 'evse-faults-'));
  readonly #settings: BrokerSettings;
  process: Process | undefined;

  private constructor(port: number, settings: BrokerSettings) {
    this.port = port;
    this.#settings = settings;
  }

  static async open(settings: BrokerSettings = {}): Promise<Broker> {
    const broker = new Broker(await freePort(), settings);
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    const { lines = [], persistent, acl, logins } = this.#settings;
    const config = [
      'user root',
      `listener ${this.port} 127.0.0.1`,
      'log_dest stderr',
      ...(persistent
        ? [
            'persistence true',
            `persistence_location ${this.folder}/`,
            'autosave_interval 1',
            'autosave_on_changes true',
          ]
        : ['persistence false']),
      ...(lines.some((line) => line.startsWith('allow_anonymous')) ? [] : ['allow_anonymous true']),
      ...(acl === undefined ? [] : [`acl_file ${join(this.folder, 'acl')}`]),
      ...(logins === undefined ? [] : [`password_file ${join(this.folder, 'passwd')}`]),
      ...lines,
    ];
    for (const [user, password] of Object.entries(logins ?? {})) this.login(user, password);
    if (acl !== undefined) this.rules(acl);
    writeFileSync(join(this.folder, 'mosquitto.conf'), `${config.join('\n')}\n`);
    this.process = new Process('mosquitto', ['-c', join(this.folder, 'mosquitto.conf')]);
    const { process } = this;
    while (!process.said.includes('running')) {
      if (process.child.exitCode !== null) throw new Error(`mosquitto: ${process.said}`);
      await pause(20);
    }
  }

  /** Other access rules; they hold from the next SIGHUP on. */
  rules(acl: string): void {
    writeFileSync(join(this.folder, 'acl'), acl, { mode: 0o600 });
  }

  login(username: string, password: string): void {
    const file = join(this.folder, 'passwd');
    const create = existsSync(file) ? [] : ['-c'];
    spawnSync('mosquitto_passwd', ['-b', ...create, file, username, password], { env: { PATH } });
  }

  async close(): Promise<void> {
    await this.process?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Somebody at the broker. */
export class Listener {
  readonly client: MqttClient;
  readonly newest = new Map<string, string>();
  readonly all: { readonly topic: string; readonly payload: string; readonly at: number }[] = [];

  private constructor(client: MqttClient) {
    this.client = client;
    client.on('error', () => {});
    client.on('message', (topic, payload) => {
      this.newest.set(topic, payload.toString());
      this.all.push({ topic, payload: payload.toString(), at: performance.now() });
    });
  }

  static async at(port: number, filter = '#'): Promise<Listener> {
    const client = await connectAsync(
      `mqtt://127.0.0.1:${port}`,
      { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 2_000, username: 'lab', password: 'lab' },
      false,
    );
    const listener = new Listener(client);
    await client.subscribeAsync(filter, { qos: 1 });
    return listener;
  }

  close(): Promise<void> {
    return this.client.endAsync(true);
  }
}

export interface LabSettings {
  readonly broker?: BrokerSettings;
  /** Variables of the bridge. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stands in for the charger; default the simulated one. */
  readonly chargerPort?: number;
}

/** The bridge as it ships between a real Mosquitto and the simulated charger, a proxy on either side. */
export class Lab {
  readonly broker: Broker;
  readonly toBroker: TcpProxy;
  readonly toCharger: TcpProxy;
  readonly chargerPort: number;
  readonly http: number;
  readonly #env: Readonly<Record<string, string>>;
  simulate: Process | undefined;
  bridge: Process | undefined;
  #answers = 0;

  private constructor(parts: {
    readonly broker: Broker;
    readonly toBroker: TcpProxy;
    readonly toCharger: TcpProxy;
    readonly chargerPort: number;
    readonly http: number;
    readonly env: Readonly<Record<string, string>>;
  }) {
    this.broker = parts.broker;
    this.toBroker = parts.toBroker;
    this.toCharger = parts.toCharger;
    this.chargerPort = parts.chargerPort;
    this.http = parts.http;
    this.#env = parts.env;
  }

  /** Starts everything but the bridge. */
  static async open({ broker: settings, env = {}, chargerPort }: LabSettings = {}): Promise<Lab> {
    const broker = await Broker.open(settings);
    const port = chargerPort ?? (await freePort());
    const lab = new Lab({
      broker,
      toBroker: await TcpProxy.to(broker.port),
      toCharger: await TcpProxy.to(port),
      chargerPort: port,
      http: await freePort(),
      env,
    });
    if (chargerPort === undefined) await lab.startCharger();
    return lab;
  }

  async startCharger(): Promise<void> {
    this.simulate = new Process(process.execPath, [main, 'simulate'], {
      SIMULATE_HOST: '127.0.0.1',
      SIMULATE_PORT: String(this.chargerPort),
    });
    while ((await this.ask('GET', 'evse/state')) === undefined) await pause(50);
  }

  startBridge(env: Readonly<Record<string, string>> = {}): Process {
    this.bridge = new Process(process.execPath, [main], {
      MQTT_URL: `mqtt://127.0.0.1:${this.toBroker.port}`,
      CHARGER_URL: `http://127.0.0.1:${this.toCharger.port}`,
      HTTP_PORT: String(this.http),
      LOG_FORMAT: 'json',
      ...this.#env,
      ...env,
    });
    return this.bridge;
  }

  /** Another process with the same settings, but for `env`. */
  startSecond(env: Readonly<Record<string, string>> = {}): Process {
    return new Process(process.execPath, [main], {
      MQTT_URL: `mqtt://127.0.0.1:${this.toBroker.port}`,
      CHARGER_URL: `http://127.0.0.1:${this.toCharger.port}`,
      HTTP_PORT: '0',
      LOG_FORMAT: 'json',
      ...this.#env,
      ...env,
    });
  }

  /** Starts the bridge and waits until all is true. */
  async up(): Promise<this> {
    this.startBridge();
    await this.recovered(20_000);
    return this;
  }

  /** Asks the charger itself, past the proxy; undefined where it does not answer. */
  async ask(method: string, path: string, body?: string): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.chargerPort}/${path}`, {
        method,
        signal: AbortSignal.timeout(2_000),
        ...(body === undefined ? {} : { body }),
      });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      return undefined;
    }
  }

  /** What is retained and is not so, or a reason why that can't be told; empty when all is well. */
  async wrong(): Promise<string> {
    let listener: Listener;
    try {
      listener = await Listener.at(this.broker.port, 'warp/#');
    } catch {
      return 'the broker does not answer';
    }
    try {
      await pause(100);
      const { newest } = listener;
      for (const path of ['bridge/state', 'bridge/charger']) {
        if (newest.get(`warp/${path}`) !== 'online') return `${path} is ${newest.get(`warp/${path}`)}`;
      }
      for (const path of COMPARED) {
        const [said, is] = [newest.get(`warp/${path}`), await this.ask('GET', path)];
        if (said !== is) return `${path} is ${said}, the charger says ${is}`;
      }
      return '';
    } finally {
      await listener.close();
    }
  }

  /** Waits until a fresh subscriber sees what the charger itself says. Resolves to the ms that it took. */
  async recovered(within: number): Promise<number> {
    const begun = performance.now();
    for (;;) {
      const wrong = await this.wrong();
      const took = performance.now() - begun;
      if (wrong === '') return took;
      if (took > within) throw new Error(`not right after ${Math.round(within / 1_000)} s: ${wrong}`);
      await pause(100);
    }
  }

  /** A person publishes; resolves to the answer, or undefined when none comes within `within` ms. */
  async write(payload: string, within = 10_000, path = 'evse/external_current'): Promise<Answer | undefined> {
    const listener = await Listener.at(this.broker.port, `lab/answers/${++this.#answers}`);
    const begun = performance.now();
    try {
      const properties = {
        responseTopic: `lab/answers/${this.#answers}`,
        correlationData: Buffer.from('lab'),
      };
      await listener.client.publishAsync(`warp/${path}_update`, payload, { qos: 1, properties });
      while (performance.now() - begun < within) {
        const said = listener.all.at(-1)?.payload;
        if (said !== undefined) return { ...JSON.parse(said), took: performance.now() - begun };
        await pause(10);
      }
      return undefined;
    } finally {
      await listener.close();
    }
  }

  /** The status of the readiness check. */
  async ready(): Promise<number | undefined> {
    return (await fetch(`http://127.0.0.1:${this.http}/readyz`).catch(() => undefined))?.status;
  }

  async close(): Promise<void> {
    await this.bridge?.stop();
    await this.simulate?.stop();
    await Promise.all([this.broker.close(), this.toBroker.close(), this.toCharger.close()]);
  }
}

export interface Answer {
  readonly status: string;
  readonly code?: string;
  readonly error?: string;
  readonly applied?: boolean;
  /** ms. */
  readonly took: number;
}

/** Topics that stand still unless somebody changes them. */
const COMPARED = [
  'evse/state',
  'evse/slots',
  'evse/external_current',
  'evse/global_current',
  'evse/auto_start_charging',
  'evse/button_state',
  'info/name',
  'info/version',
];
