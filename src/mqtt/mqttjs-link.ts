import { Backoff, type Chance, pause } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { BrokerLimits } from './broker-limits.js';
import { type Ending, failureOf, SaidByBroker } from './connect-errors.js';
import { DenialRetry } from './denial-retry.js';
import type { Failure, Handler, Incoming, Link, Message, SubscribeOptions } from './link.js';
import { LinkConnection } from './link-connection.js';
import { LinkFaults } from './link-faults.js';
import type { OpenStream, SessionOptions } from './mqttjs-session.js';
import { PacketLimit } from './packet-limit.js';
import { ProtocolChoice } from './protocol-choice.js';
import { standBy } from './standby.js';
import { Subscriptions } from './subscriptions.js';

export interface MqttOptions {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientId: string;
  readonly protocolVersion: 4 | 5;
  /** Of subscriptions; the default is 1. */
  readonly qos?: 0 | 1;
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
const RETRY_MS = [1_000, 10_000] as const;

/** CONNACK codes of a broker that can't take the last will as it is (MQTT 5, 3.2.2.2). */
const RETAIN_NOT_SUPPORTED = 154;
const QOS_NOT_SUPPORTED = 155;

/** DISCONNECT code of a broker that got a packet larger than it takes (MQTT 5, 3.14.2.1). */
const PACKET_TOO_LARGE = 149;

/** The Link over MQTT.js. Connects again and again; each connection is a session of its own. */
export class MqttJsLink implements Link {
  readonly #options: MqttOptions;
  readonly #subscriptions: Subscriptions;
  readonly #upListeners = new Set<() => void>();
  readonly #downListeners = new Set<(failure: Failure) => void>();
  readonly #faultListeners = new Set<() => void>();
  readonly #faults: LinkFaults;
  readonly #limiter: LogLimiter;
  readonly #backoff: Backoff;
  readonly #denials: DenialRetry;
  readonly #protocol: ProtocolChoice;
  readonly #packetLimit = new PacketLimit();
  #will: Message | undefined;
  #now: LinkConnection | undefined;
  #complaint: string | undefined;

  constructor(options: MqttOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#will = options.will;
    this.#subscriptions = new Subscriptions(options.qos ?? 1);
    this.#protocol = new ProtocolChoice(options.protocolVersion);
    this.#backoff = new Backoff(...RETRY_MS, options.chance);
    this.#denials = new DenialRetry(
      clock,
      options.chance,
      () => this.up && this.#faults.denied.length > 0,
      () => this.#now?.retryDenied(),
    );
    this.#limiter = new LogLimiter(clock, log);
    this.#faults = new LinkFaults(clock, log, () => {
      for (const run of this.#faultListeners) run();
    });
  }

  get up(): boolean {
    return this.#now?.up === true;
  }

  get denied(): readonly string[] {
    return this.#faults.denied;
  }

  get faults(): readonly string[] {
    return this.#faults.sentences;
  }

  get maximumPacketSize(): number {
    return Math.min(this.#now?.maximumPacketSize ?? Number.POSITIVE_INFINITY, this.#packetLimit.bytes);
  }

  publish(message: Message): void {
    this.#now?.publish(message);
  }

  subscribe(topic: string, handle: Handler, options: SubscribeOptions = {}): Cancel {
    const cancel = this.#subscriptions.add(topic, handle, options);
    this.#now?.add(topic);
    return () => {
      cancel();
      this.#now?.leave(topic);
      this.#faults.subscription([topic], 'left');
    };
  }

  readRetained(topic: string): Promise<Incoming | undefined> {
    return new Promise((resolve) => {
      this.#subscriptions.read(topic, resolve);
      this.#now?.add(topic);
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

  onFaults(run: () => void): Cancel {
    this.#faultListeners.add(run);
    return () => this.#faultListeners.delete(run);
  }

  /** Connects, again and again, until the signal; then says farewell. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) await this.#connectOnce(signal);
    } finally {
      this.#faults.stop();
      this.#limiter.stop();
    }
  }

  /** One connection, and the time until the next one may be tried. */
  async #connectOnce(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const begun = clock.now();
    const ending = await this.#connection(signal);
    if (signal.aborted) return;
    if (ending.accepted && ending.lasted > STABLE_MS) this.#backoff.reset();
    if (this.#protocol.ended(ending) || this.#adaptedWill(ending)) return;
    const failure = failureOf(ending, this.#options);
    const takenOver = failure.reason === 'taken_over' && this.#will !== undefined;
    const next = takenOver ? `standing by until ${this.#will?.topic} is offline` : 'trying again';
    this.#complain(failure.text, next);
    for (const run of this.#downListeners) run(failure);
    if (takenOver) await standBy(this.#sessionOptions(), signal);
    else {
      // A try that ended by a time that was up has waited already.
      const waited = ending.accepted ? 0 : clock.now() - begun;
      await pause(clock, Math.max(0, this.#backoff.next() - waited), signal);
    }
  }

  /** One connection from connect to close. */
  async #connection(signal: AbortSignal): Promise<Ending> {
    const connection = new LinkConnection({
      session: this.#sessionOptions(),
      subscriptions: this.#subscriptions,
      faults: this.#faults,
      limiter: this.#limiter,
      accepted: (limits) => this.#accepted(connection, limits),
      publishAll: () => {
        for (const run of this.#upListeners) run();
      },
    });
    const cancelRetry = this.#denials.start();
    const ending = await connection.ended(signal);
    cancelRetry();
    this.#now = undefined;
    const tells = Number.isFinite(connection.maximumPacketSize);
    if (ending.accepted && !tells && !signal.aborted) this.#suspect(connection, ending);
    return ending;
  }

  #sessionOptions(): SessionOptions {
    const { will: _, ...options } = this.#options;
    return {
      ...options,
      protocolVersion: this.#protocol.version,
      maximumPacketSize: this.#packetLimit.bytes,
      connectTimeoutMs: this.#protocol.connectTimeoutMs,
      ...(this.#will ? { will: this.#will } : {}),
    };
  }

  #accepted(connection: LinkConnection, limits: BrokerLimits): void {
    const { log } = this.#options;
    this.#now = connection;
    this.#complaint = undefined;
    this.#faults.reset();
    this.#protocol.accepted();
    const version = this.#protocol.version === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
    log.info(`connected to the broker at ${this.#where()} (${version}${this.#protocol.note})`);
    if (!limits.retainAvailable) {
      log.warn('this broker keeps no retained messages: who subscribes sees a state only when it changes');
    }
  }

  /** Whether the broker refused the last will as it was, and gets another one now. */
  #adaptedWill({ accepted, error }: Ending): boolean {
    if (accepted || !(error instanceof SaidByBroker) || !this.#will) return false;
    const { qos, retain } = this.#will;
    if (error.code === RETAIN_NOT_SUPPORTED && retain) this.#will = { ...this.#will, retain: false };
    else if (error.code === QOS_NOT_SUPPORTED && qos > 0) this.#will = { ...this.#will, qos: 0 };
    else return false;
    return true;
  }

  /** A connection ended, perhaps because a packet was too large for a broker that does not tell its limit. */
  #suspect({ largestUnacknowledged: bytes }: LinkConnection, { error }: Ending): void {
    const certain = error instanceof SaidByBroker && error.code === PACKET_TOO_LARGE;
    if (error !== undefined && !certain && error.code !== 'ECONNRESET') return;
    if (!this.#packetLimit.ended(bytes, certain)) return;
    this.#options.log.warn(
      `the broker ends the connection when it gets a packet of ${bytes} bytes: from now on at most ${this.#packetLimit.bytes} are sent at once; raise its maximum packet size`,
    );
  }

  #complain(fault: string, next: string): void {
    const text = `no connection to the broker at ${this.#where()}: ${fault}`;
    if (this.#complaint === fault) this.#options.log.debug(text);
    else this.#options.log.error(`${text}; ${next}`);
    this.#complaint = fault;
  }

  #where(): string {
    const { protocol, host, port, path } = this.#options;
    return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}${path ?? ''}`;
  }
}
