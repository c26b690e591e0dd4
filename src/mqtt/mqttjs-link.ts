import {
  connect,
  type IClientOptions,
  type IConnackPacket,
  type IPublishPacket,
  type MqttClient,
} from 'mqtt';
import { Backoff } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { type Failure, isAboutVersion, whyNot } from './connect-errors.js';
import type { Handler, Incoming, Link, Message } from './link.js';
import { Outbox } from './outbox.js';

export interface MqttOptions {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientId: string;
  readonly protocolVersion: 4 | 5;
  /** Seconds. */
  readonly keepalive: number;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
  /** Sent by the broker when we vanish, and by us before a clean stop. */
  readonly will?: Message;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a connection may take until the broker has accepted it, ms. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A connection that lasted longer was a good one: the next try comes soon, ms. */
const STABLE_MS = 10_000;

/** How long the farewell may take at a clean stop, ms. */
const FAREWELL_TIMEOUT_MS = 2_000;

/**
 * The Link over MQTT.js. Every connection gets a client of its own: MQTT.js would send unacknowledged states of
 * the old connection again after newer ones.
 */
export class MqttJsLink implements Link {
  readonly #options: MqttOptions;
  readonly #handlers = new Map<string, { readonly handle: Handler; readonly others: boolean }>();
  readonly #upListeners = new Set<() => void>();
  readonly #backoff = new Backoff(1_000, 30_000);
  #client: MqttClient | undefined;
  #outbox: Outbox | undefined;
  #version: 4 | 5;
  #fault: string | undefined;

  constructor(options: MqttOptions) {
    this.#options = options;
    this.#version = options.protocolVersion;
  }

  get up(): boolean {
    return this.#outbox !== undefined;
  }

  publish(message: Message): void {
    this.#outbox?.put(message);
  }

  subscribe(topic: string, handle: Handler): void {
    this.#add(topic, handle, false);
  }

  subscribeToOthers(topic: string, handle: Handler): void {
    this.#add(topic, handle, true);
  }

  onUp(run: () => void): Cancel {
    this.#upListeners.add(run);
    return () => this.#upListeners.delete(run);
  }

  /** Connects, again and again, until the signal; then says farewell. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failure = await this.#session(signal);
      if (signal.aborted) return;
      if (failure.accepted && failure.lasted > STABLE_MS) this.#backoff.reset();
      if (this.#version === 5 && isAboutVersion(failure)) {
        this.#version = 4;
        continue;
      }
      if (!failure.accepted) this.#version = this.#options.protocolVersion;
      this.#complain(whyNot(failure, this.#where()));
      await this.#backoff.wait(this.#options.clock, signal);
    }
  }

  /** One connection from connect to close. */
  #session(signal: AbortSignal): Promise<Failure> {
    return new Promise((resolve) => {
      const { clock } = this.#options;
      const failure: Failure = { accepted: false, lasted: 0, error: undefined };
      let began = clock.now();
      const client = connect(this.#clientOptions());
      this.#client = client;
      const stop = () => void this.#farewell(client);
      signal.addEventListener('abort', stop, { once: true });
      client.on('connect', (packet) => {
        failure.accepted = true;
        began = clock.now();
        this.#accepted(client, packet);
      });
      client.on('message', (topic, payload, packet) => this.#received(topic, payload, packet));
      client.on('error', (error) => {
        failure.error ??= error;
      });
      client.on('disconnect', (packet) => {
        failure.error ??= Object.assign(new Error('disconnected by the broker'), {
          code: packet.reasonCode ?? 0,
        });
      });
      client.on('close', () => {
        this.#outbox = undefined;
        failure.lasted = clock.now() - began;
        signal.removeEventListener('abort', stop);
        client.end(true);
        resolve(failure);
      });
    });
  }

  #clientOptions(): IClientOptions {
    const { protocol, host, port, path, username, password, ca, cert, key, will } = this.#options;
    return {
      protocol,
      host,
      port,
      clientId: this.#options.clientId,
      protocolVersion: this.#version,
      keepalive: this.#options.keepalive,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      rejectUnauthorized: this.#options.rejectUnauthorized,
      timerVariant: 'native',
      ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
      ...(path === undefined ? {} : { path }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    };
  }

  #accepted(client: MqttClient, packet: IConnackPacket): void {
    this.#fault = undefined;
    this.#outbox = new Outbox(client, packet.properties?.receiveMaximum ?? 65_535);
    const version = this.#version === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
    const fallback =
      this.#version === this.#options.protocolVersion ? '' : ', the broker does not speak MQTT 5';
    this.#options.log.info(`connected to the broker at ${this.#where()} (${version}${fallback})`);
    this.#subscribeNow(client, [...this.#handlers.keys()]);
    for (const run of this.#upListeners) run();
  }

  #add(topic: string, handle: Handler, others: boolean): void {
    this.#handlers.set(topic, { handle, others });
    if (this.#outbox && this.#client) this.#subscribeNow(this.#client, [topic]);
  }

  #subscribeNow(client: MqttClient, topics: readonly string[]): void {
    const wanted = topics.filter((topic) => this.#version === 5 || !this.#handlers.get(topic)?.others);
    if (wanted.length === 0) return;
    const map = Object.fromEntries(
      wanted.map((topic) => {
        const others = this.#handlers.get(topic)?.others === true;
        return [topic, { qos: 1 as const, nl: others, rap: true, rh: others ? 2 : 0 }];
      }),
    );
    client.subscribe(map, (error, granted, packet) => {
      const codes = packet?.granted ?? granted?.map(({ qos }) => qos) ?? [];
      const refused = wanted.filter((_, at) => Number(codes[at]) >= 128);
      if (refused.length > 0) {
        this.#options.log.error(
          `the broker denies subscribing to ${refused.join(', ')}: check its access rules`,
        );
      } else if (error && client.connected) {
        this.#options.log.error(`the broker refused the subscriptions: ${error.message}`);
      }
    });
  }

  #received(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const responseTopic = packet.properties?.responseTopic;
    const correlation = packet.properties?.correlationData;
    const message: Incoming = {
      topic,
      payload,
      retained: packet.retain,
      ...(responseTopic === undefined ? {} : { responseTopic }),
      ...(correlation === undefined ? {} : { correlation }),
    };
    this.#handlers.get(topic)?.handle(message);
  }

  async #farewell(client: MqttClient): Promise<void> {
    const done = this.#options.clock.after(FAREWELL_TIMEOUT_MS, () => client.end(true));
    const { will } = this.#options;
    if (client.connected && will) await this.#outbox?.last(will);
    client.end(false, () => done());
  }

  #complain(fault: string): void {
    const text = `no connection to the broker at ${this.#where()}: ${fault}`;
    if (this.#fault === fault) this.#options.log.debug(text);
    else this.#options.log.error(`${text}; trying again`);
    this.#fault = fault;
  }

  #where(): string {
    const { protocol, host, port, path } = this.#options;
    return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}${path ?? ''}`;
  }
}
