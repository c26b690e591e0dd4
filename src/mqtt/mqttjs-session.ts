import type { Duplex } from 'node:stream';
import { connect, type IClientOptions, type IPublishPacket, MqttClient } from 'mqtt';
import type { Clock } from '../base/clock.js';
import { type Ending, NoAnswerToConnect } from './connect-errors.js';
import type { Incoming, Message } from './link.js';
import type { MqttOptions } from './mqttjs-link.js';
import { Outbox } from './outbox.js';
import type { Filter } from './subscriptions.js';

/** How long a connection may take until the broker has accepted it, ms. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The longest time that Node can wait for, ms: MQTT.js's own timer is not to come before ours. */
const NEVER_MS = 2 ** 31 - 1;

/** How long the farewell may take at a clean stop, ms. */
const FAREWELL_TIMEOUT_MS = 2_000;

export interface SessionListener {
  /** The broker has accepted the connection. */
  accepted(): void;
  received(message: Incoming): void;
}

/**
 * One connection to the broker, from connect to close, over a client of its own: MQTT.js would send
 * unacknowledged states of the old connection again after newer ones.
 */
export class MqttJsSession {
  /** Resolves when the connection has ended, however that happened. */
  readonly ended: Promise<Ending>;
  readonly #options: MqttOptions;
  readonly #client: MqttClient;
  readonly #ending: Ending = { accepted: false, lasted: 0, error: undefined };
  #outbox: Outbox | undefined;

  constructor(options: MqttOptions, version: 4 | 5, listener: SessionListener) {
    const { clock } = options;
    this.#options = options;
    const settings = clientOptions(options, version);
    this.#client = options.openStream ? new MqttClient(options.openStream, settings) : connect(settings);
    this.ended = new Promise((resolve) => {
      const ending = this.#ending;
      let began = clock.now();
      const client = this.#client;
      const patience = clock.after(CONNECT_TIMEOUT_MS, () => {
        this.fail(new NoAnswerToConnect(`no answer to CONNECT within ${CONNECT_TIMEOUT_MS / 1000} s`));
      });
      client.on('connect', (packet) => {
        // After end() MQTT.js still reports a CONNACK that was on its way, but has nothing left to publish with.
        if (client.disconnecting || client.disconnected) return;
        patience();
        ending.accepted = true;
        began = clock.now();
        this.#outbox = new Outbox(client, packet.properties?.receiveMaximum ?? 65_535);
        listener.accepted();
      });
      client.on('message', (topic, payload, packet) => listener.received(incoming(topic, payload, packet)));
      client.on('error', (error) => {
        ending.error ??= error;
      });
      client.on('disconnect', (packet) => {
        const reason = { code: packet.reasonCode ?? 0 };
        ending.error ??= Object.assign(new Error('disconnected by the broker'), reason);
      });
      client.on('close', () => {
        patience();
        this.#outbox = undefined;
        ending.lasted = clock.now() - began;
        client.end(true);
        resolve(ending);
      });
    });
  }

  publish(message: Message): void {
    this.#outbox?.put(message);
  }

  /** Subscribes; resolves with the topics that the broker denies, rejects when it gives no answer. */
  subscribe(filters: readonly Filter[]): Promise<string[]> {
    if (filters.length === 0) return Promise.resolve([]);
    const map = Object.fromEntries(filters.map(({ topic, ...options }) => [topic, options]));
    return new Promise((resolve, reject) => {
      this.#client.subscribe(map, (error, granted, packet) => {
        // A SUBACK that denies comes as an error too.
        const codes = packet?.granted ?? (error ? undefined : granted?.map(({ qos }) => qos));
        if (!codes) reject(error ?? new Error('no answer to SUBSCRIBE'));
        else resolve(filters.filter((_, at) => Number(codes[at]) >= 0x80).map(({ topic }) => topic));
      });
    });
  }

  unsubscribe(topic: string): void {
    if (this.#outbox) this.#client.unsubscribe(topic, () => {});
  }

  /** Ends the connection because of `error`. */
  fail(error: Error): void {
    this.#ending.error ??= error;
    this.#client.end(true);
  }

  /** Ends the connection: with the will as the last message if the broker still listens, else at once. */
  async farewell(): Promise<void> {
    const { clock, will } = this.#options;
    if (!this.#outbox) {
      this.#client.end(true);
      return;
    }
    const done = clock.after(FAREWELL_TIMEOUT_MS, () => this.#client.end(true));
    if (will) await this.#outbox.last(will);
    this.#client.end(false, () => done());
  }
}

function clientOptions(options: MqttOptions, version: 4 | 5): IClientOptions {
  const { protocol, host, port, path, username, password, ca, cert, key, will, clock } = options;
  return {
    protocol,
    host,
    port,
    clientId: options.clientId,
    protocolVersion: version,
    keepalive: options.keepalive,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: NEVER_MS,
    rejectUnauthorized: options.rejectUnauthorized,
    timerVariant: timersOf(clock),
    ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
    ...(path === undefined ? {} : { path }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** The timer of MQTT.js's keep-alive on our clock: it wants what setInterval gives, and only gives that back. */
function timersOf(clock: Clock): Exclude<IClientOptions['timerVariant'], string | undefined> {
  const timers = {
    set: (run: () => void, ms: number) => clock.every(ms, run),
    clear: (cancel: () => void) => cancel(),
  };
  // Its type says NodeJS.Timeout for the handle, which MQTT.js never looks into.
  return timers as unknown as Exclude<IClientOptions['timerVariant'], string | undefined>;
}

function incoming(topic: string, payload: Buffer, packet: IPublishPacket): Incoming {
  const responseTopic = packet.properties?.responseTopic;
  const correlation = packet.properties?.correlationData;
  return {
    topic,
    payload,
    retained: packet.retain,
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlation === undefined ? {} : { correlation }),
  };
}

/** How the bytes to the broker are carried, where it is not by the protocol that the options name. */
export type OpenStream = () => Duplex;
