import { hostAndPort } from '../base/listen.js';
import type { Log } from '../base/log.js';
import { type Ending, NoAnswerToConnect, SaidByBroker } from './connect-errors.js';
import type { Message } from './link.js';
import type { MqttOptions } from './mqtt-options.js';
import type { SessionOptions } from './mqttjs-session.js';
import { PacketLimit } from './packet-limit.js';
import { ProtocolChoice } from './protocol-choice.js';
import type { SubscriptionQos } from './subscription-qos.js';

/** Where a broker is, and the login there. */
export type BrokerAddress = Pick<
  MqttOptions,
  'protocol' | 'host' | 'port' | 'path' | 'username' | 'password' | 'ca' | 'cert' | 'key'
>;

/** CONNACK codes of a broker that refuses the last will because of its flags (MQTT 5, 3.2.2.2). */
const RETAIN_NOT_SUPPORTED = 154;
const QOS_NOT_SUPPORTED = 155;

/** DISCONNECT code of a broker that got a packet larger than its limit (MQTT 5, 3.14.2.1). */
const PACKET_TOO_LARGE = 149;

/** So many connections in a row, each ended by the broker within so many ms and without a reason, are no accident. */
const BRIEF_ENDINGS = 3;
const BRIEF_MS = 5_000;

/**
 * With several brokers: the longest time until this one has accepted the connection, ms. It is doubled after each try
 * without an answer, because the broker may only be slow.
 */
const IMPATIENT_MS = 1_500;

/**
 * How long a broker may take to acknowledge a subscription, ms; after that it has as long again to answer a ping. The
 * two shorter times hold while a lower QoS can be tried: `SOON` with one broker, `AT_ONCE` with several.
 */
const SUBSCRIBED_WITHIN_MS = 10_000;
const SUBSCRIBED_SOON_MS = 3_000;
const SUBSCRIBED_AT_ONCE_MS = 1_500;

const KEEPALIVE_S = 2;
const PATIENT_KEEPALIVE_S = 10;

/** One broker of the settings, with what has been learned about it: its version of MQTT, its packet limit, its silence. */
export class KnownBroker {
  readonly protocol: ProtocolChoice;
  readonly packetLimit = new PacketLimit();
  readonly #options: MqttOptions;
  readonly #subscriptionQos: SubscriptionQos;
  readonly hasOthers: boolean;
  #briefEndings = 0;
  #will: Message | undefined;
  /** Tries in a row at which the broker did not answer the CONNECT. */
  #silentTries = 0;

  constructor(
    options: MqttOptions,
    address: BrokerAddress,
    hasOthers: boolean,
    subscriptionQos: SubscriptionQos,
  ) {
    this.#subscriptionQos = subscriptionQos;
    const { username: _, password: __, path: ___, ...shared } = options;
    this.#options = { ...shared, ...address };
    this.hasOthers = hasOthers;
    this.protocol = new ProtocolChoice(options.protocolVersion);
    this.#will = options.will;
  }

  /** The address for people, without the login. */
  get where(): string {
    const { protocol, host, port, path } = this.#options;
    return `${protocol}://${hostAndPort(host, port)}${path ?? ''}`;
  }

  get sessionOptions(): SessionOptions {
    const { will: _, ...options } = this.#options;
    const { version, connectTimeoutMs } = this.protocol;
    return {
      ...options,
      protocolVersion: version,
      maximumPacketSize: this.packetLimit.bytes,
      keepalive: this.#keepalive,
      connectTimeoutMs: this.hasOthers
        ? Math.min(IMPATIENT_MS * 2 ** this.#silentTries, connectTimeoutMs)
        : connectTimeoutMs,
      highestSubscriptionQos: this.#subscriptionQos.highest,
      subscribedWithinMs: this.#subscribedWithinMs,
      ...(this.#will ? { will: this.#will } : {}),
    };
  }

  get #subscribedWithinMs(): number {
    if (!this.#subscriptionQos.canBeLowered(this.protocol.version)) return SUBSCRIBED_WITHIN_MS;
    return this.hasOthers ? SUBSCRIBED_AT_ONCE_MS : SUBSCRIBED_SOON_MS;
  }

  /** Keep-alive, seconds. With several brokers it is short: a broker that hangs is noticed after 1.5 times this. */
  get #keepalive(): number {
    const { keepalive, qos } = this.#options;
    if (!this.hasOthers) return keepalive;
    // A cluster that speaks 3.1.1 answers nothing, not even pings, while it prepares its storage for QoS 1.
    return Math.min(keepalive, this.protocol.version === 4 && qos !== 0 ? PATIENT_KEEPALIVE_S : KEEPALIVE_S);
  }

  /** Returns whether the broker refused the last will; if so, the will is changed for the next connection. */
  adaptedWill({ accepted, error }: Ending): boolean {
    if (accepted || !(error instanceof SaidByBroker) || !this.#will) return false;
    const { qos, retain } = this.#will;
    if (error.code === RETAIN_NOT_SUPPORTED && retain) this.#will = { ...this.#will, retain: false };
    else if (error.code === QOS_NOT_SUPPORTED && qos > 0) this.#will = { ...this.#will, qos: 0 };
    else return false;
    return true;
  }

  /** To be called when a connection or a try has ended: adapts the time to wait for the broker the next time. */
  answered({ accepted, error }: Ending): void {
    if (accepted) this.#silentTries = 0;
    else if (error instanceof NoAnswerToConnect) this.#silentTries += 1;
  }

  /** Returns whether the broker did not answer subscriptions, so that the next connection uses a lower QoS. */
  lowersQos(ending: Ending): boolean {
    return this.#subscriptionQos.ended(ending, this.protocol.version, this.where);
  }

  /**
   * Whether the broker again and again ends connections that it has just accepted, without a reason. Brokers do so if
   * another client has the same client id and they do not report that (Mosquitto 2.0).
   */
  throwsOut({ accepted, lasted, error }: Ending): boolean {
    if (!accepted) return false;
    const wordless = error === undefined || error.code === 'ECONNRESET';
    this.#briefEndings = wordless && lasted < BRIEF_MS ? this.#briefEndings + 1 : 0;
    return this.#briefEndings >= BRIEF_ENDINGS;
  }

  /** A connection to a broker without a known packet limit ended: perhaps because of our largest packet, bytes. */
  suspect({ error }: Ending, largestUnacknowledged: number, log: Log): void {
    const certain = error instanceof SaidByBroker && error.code === PACKET_TOO_LARGE;
    if (error !== undefined && !certain && error.code !== 'ECONNRESET') return;
    if (!this.packetLimit.ended(largestUnacknowledged, certain)) return;
    log.warn(
      `the broker ends the connection when it gets a packet of ${largestUnacknowledged} bytes: from now on the bridge sends it no packet of more than ${this.packetLimit.bytes} bytes; raise its maximum packet size`,
    );
  }
}
