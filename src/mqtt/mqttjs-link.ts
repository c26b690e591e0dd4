import { Backoff, type Chance } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { failureOf, isAboutVersion } from './connect-errors.js';
import type { Failure, Handler, Incoming, Link, Message, SubscribeOptions } from './link.js';
import { MqttJsSession, type OpenStream } from './mqttjs-session.js';
import { type Filter, Subscriptions } from './subscriptions.js';

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
  /** For the times between tries; the default is Math.random. */
  readonly chance?: Chance;
  /** Opens the connection in place of the protocol, host and port above. */
  readonly openStream?: OpenStream;
}

/** A connection that lasted longer was a good one: the next try comes soon, ms. */
const STABLE_MS = 10_000;

/** The first time between two tries and the longest, ms. */
const RETRY_MS = [1_000, 30_000] as const;

/** How long after the SUBACK a broker may take to send what it retains, ms. MQTT has no word for "there is nothing". */
const READ_RETAINED_MS = 2_000;

/** The Link over MQTT.js. Connects again and again; each connection is a session of its own. */
export class MqttJsLink implements Link {
  readonly #options: MqttOptions;
  readonly #subscriptions = new Subscriptions();
  readonly #upListeners = new Set<() => void>();
  readonly #downListeners = new Set<(failure: Failure) => void>();
  readonly #denied = new Set<string>();
  readonly #backoff: Backoff;
  readonly #readTimers = new Map<string, Cancel>();
  #session: MqttJsSession | undefined;
  #up = false;
  #version: 4 | 5;
  #fault: string | undefined;

  constructor(options: MqttOptions) {
    this.#options = options;
    this.#version = options.protocolVersion;
    this.#backoff = new Backoff(...RETRY_MS, options.chance);
  }

  get up(): boolean {
    return this.#up;
  }

  get denied(): readonly string[] {
    return [...this.#denied];
  }

  publish(message: Message): void {
    this.#session?.publish(message);
  }

  subscribe(topic: string, handle: Handler, options: SubscribeOptions = {}): Cancel {
    const cancel = this.#subscriptions.add(topic, handle, options);
    this.#changed(topic);
    return () => {
      cancel();
      this.#leave(topic);
    };
  }

  readRetained(topic: string): Promise<Incoming | undefined> {
    return new Promise((resolve) => {
      this.#subscriptions.read(topic, resolve);
      this.#changed(topic);
    });
  }

  onUp(run: () => void): Cancel {
    this.#upListeners.add(run);
    return () => this.#upListeners.delete(run);
  }

  onDown(run: (failure: Failure) => void): Cancel {
    this.#downListeners.add(run);
    return () => this.#downListeners.delete(run);
  }

  /** Connects, again and again, until the signal; then says farewell. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ending = await this.#connection(signal);
      if (signal.aborted) return;
      if (ending.accepted && ending.lasted > STABLE_MS) this.#backoff.reset();
      if (this.#version === 5 && isAboutVersion(ending)) {
        this.#version = 4;
        continue;
      }
      if (!ending.accepted) this.#version = this.#options.protocolVersion;
      const failure = failureOf(ending, this.#where());
      this.#complain(failure.text);
      for (const run of this.#downListeners) run(failure);
      await this.#backoff.wait(this.#options.clock, signal);
    }
  }

  /** One connection from connect to close. */
  async #connection(signal: AbortSignal): ReturnType<() => MqttJsSession['ended']> {
    const session: MqttJsSession = new MqttJsSession(this.#options, this.#version, {
      accepted: () => void this.#accepted(session),
      received: (message) => this.#received(message),
    });
    const stop = () => void session.farewell();
    signal.addEventListener('abort', stop, { once: true });
    const ending = await session.ended;
    signal.removeEventListener('abort', stop);
    this.#session = undefined;
    this.#up = false;
    for (const cancel of this.#readTimers.values()) cancel();
    this.#readTimers.clear();
    return ending;
  }

  /** What is retained is asked for before anything is published: it is still what an earlier run left there. */
  async #accepted(session: MqttJsSession): Promise<void> {
    this.#fault = undefined;
    this.#session = session;
    this.#denied.clear();
    const version = this.#version === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
    const fallback =
      this.#version === this.#options.protocolVersion ? '' : ', the broker does not speak MQTT 5';
    this.#options.log.info(`connected to the broker at ${this.#where()} (${version}${fallback})`);
    if (!(await this.#subscribeNow(session, this.#subscriptions.filters(this.#version)))) return;
    this.#up = true;
    for (const run of this.#upListeners) run();
  }

  #changed(topic: string): void {
    const filter = this.#subscriptions.filter(topic, this.#version);
    if (this.#session && filter) void this.#subscribeNow(this.#session, [filter]);
  }

  /** Resolves when the broker has answered, to whether this is still the connection. */
  async #subscribeNow(session: MqttJsSession, filters: readonly Filter[]): Promise<boolean> {
    const { clock, log } = this.#options;
    let denied: string[];
    try {
      denied = await session.subscribe(filters);
    } catch (error) {
      // If the connection has ended, it has said why before.
      session.fail(error instanceof Error ? error : new Error(messageOf(error)));
      return false;
    }
    if (this.#session !== session) return false;
    for (const { topic } of filters) this.#denied.delete(topic);
    for (const topic of denied) this.#denied.add(topic);
    if (denied.length > 0) {
      log.error(`the broker denies subscribing to ${denied.join(', ')}: check its access rules`);
    }
    for (const topic of this.#subscriptions.toRead.filter((one) => filters.some((f) => f.topic === one))) {
      if (denied.includes(topic)) this.#finishReading(topic, undefined);
      else {
        this.#readTimers.get(topic)?.();
        const end = clock.after(READ_RETAINED_MS, () => this.#finishReading(topic, undefined));
        this.#readTimers.set(topic, end);
      }
    }
    return true;
  }

  #finishReading(topic: string, message: Incoming | undefined): void {
    this.#readTimers.get(topic)?.();
    this.#readTimers.delete(topic);
    this.#subscriptions.finishReading(topic, message);
    this.#leave(topic);
  }

  /** Unsubscribes if nobody wants `topic` any more. */
  #leave(topic: string): void {
    if (this.#subscriptions.filter(topic, this.#version) !== undefined) return;
    this.#session?.unsubscribe(topic);
    this.#denied.delete(topic);
  }

  #received(message: Incoming): void {
    if (message.retained && this.#subscriptions.toRead.includes(message.topic)) {
      this.#finishReading(message.topic, message);
    }
    this.#subscriptions.deliver(message, this.#version);
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
