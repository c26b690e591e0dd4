import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, MqttClient } from 'mqtt';
import { AckWatch } from './ack-watch.js';
import { type BrokerLimits, limitsOf } from './broker-limits.js';
import { type Ending, NoAnswerToConnect, SaidByBroker, Unacknowledged } from './connect-errors.js';
import type { Incoming, Message } from './link.js';
import type { MqttOptions } from './mqtt-options.js';
import { clientOptions } from './mqttjs-client-options.js';
import { MqttJsFarewell } from './mqttjs-farewell.js';
import { incomingOf, isNumberless, refuseLargePackets, skipLargePackets } from './mqttjs-incoming.js';
import { MqttJsSubscribing } from './mqttjs-subscribing.js';
import { Outbox, type OutboxOptions } from './outbox.js';
import { Pings } from './pings.js';
import type { Filter } from './subscriptions.js';

/** How long a broker may take to acknowledge a message, ms. */
const PUBLISHED_WITHIN_MS = 30_000;

/** Opens the stream to the broker, instead of the connection that the options describe. */
export type OpenStream = () => Duplex;

export interface SessionOptions extends MqttOptions {
  /** The largest packet to send, bytes; the broker may name a smaller limit. */
  readonly maximumPacketSize: number;
  /** The highest QoS to subscribe with; a filter with a higher one is lowered. */
  readonly highestSubscriptionQos: 0 | 1;
  /** How long the broker may take to acknowledge a subscription, ms; `online` is published only after that. */
  readonly subscribedWithinMs: number;
  /** How long a connection may take until the broker has accepted it, ms. */
  readonly connectTimeoutMs: number;
}

export interface SessionListener {
  /** The broker has accepted the connection. */
  accepted(limits: BrokerLimits): void;
  received(message: Incoming): void;
  /** A packet was too large to be read. */
  skipped(topic: string | undefined, bytes: number): void;
  /** What became of a message to publish. */
  readonly settled: OutboxOptions['settled'];
}

/**
 * One connection to the broker, from connect to close. It has an MQTT.js client of its own: a client that reconnects
 * would send unacknowledged states of the old connection again, after newer ones.
 */
export class MqttJsSession {
  /** Resolves when the connection has ended, however that happened. */
  readonly ended: Promise<Ending>;
  readonly #options: SessionOptions;
  readonly #client: MqttClient;
  readonly #ending: Ending = {
    accepted: false,
    lasted: 0,
    awaitedSubscription: false,
    secured: false,
    error: undefined,
  };
  readonly #subscribing: AckWatch;
  readonly #subscriptions: MqttJsSubscribing;
  readonly #publishing: AckWatch;
  readonly #pings: Pings;
  readonly #farewell: MqttJsFarewell;
  #heardAt = 0;
  #outbox: Outbox | undefined;
  #isCut = false;
  /** The largest packet to send on this connection, bytes. */
  #maximumPacketSize: number;
  #largestUnacknowledged = 0;

  constructor(options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#maximumPacketSize = options.maximumPacketSize;
    this.#subscribing = this.#watch(options.subscribedWithinMs, 'a subscription');
    this.#publishing = this.#watch(PUBLISHED_WITHIN_MS, 'a message');
    const settings = clientOptions(options);
    this.#client = options.openStream ? new MqttClient(options.openStream, settings) : connect(settings);
    this.#subscriptions = new MqttJsSubscribing({
      version: options.protocolVersion,
      client: this.#client,
      acks: this.#subscribing,
      highestQos: options.highestSubscriptionQos,
      maximumPacketSize: () => this.#maximumPacketSize,
      flush: () => this.#outbox?.flush(),
    });
    this.#pings = new Pings(() => this.#client.sendPing());
    // Small packets must not wait for the broker's TCP to acknowledge the one before: that may take 40 ms.
    const { stream } = this.#client;
    if (stream instanceof Socket) stream.setNoDelay(true);
    stream.once('secureConnect', () => {
      this.#ending.secured = true;
    });
    if (options.protocolVersion === 5) refuseLargePackets(stream, (error) => this.fail(error));
    else skipLargePackets(stream, (topic, bytes) => listener.skipped(topic, bytes));
    this.ended = this.#run(listener);
    this.#farewell = new MqttJsFarewell({
      clock: options.clock,
      will: options.will,
      client: this.#client,
      outbox: () => this.#outbox,
      ended: this.ended,
      cut: () => this.#cut(),
    });
  }

  /** The size of the largest message that was not acknowledged when the connection ended, bytes. */
  get largestUnacknowledged(): number {
    return this.#largestUnacknowledged;
  }

  publish(message: Message): void {
    this.#outbox?.put(message);
  }

  /** Subscribes; resolves to the topics that the broker denies, rejects if it does not answer. */
  subscribe(filters: readonly Filter[]): Promise<string[]> {
    return this.#subscriptions.subscribe(filters);
  }

  unsubscribe(topics: readonly string[]): void {
    if (this.#outbox) this.#subscriptions.unsubscribe(topics);
  }

  /**
   * Resolves when the broker has sent the retained messages of all subscriptions so far; never, if it does not answer.
   */
  caughtUp(): Promise<void> {
    return this.#subscriptions.caughtUp();
  }

  #watch(ms: number, what: string): AckWatch {
    const { clock } = this.#options;
    const watch: AckWatch = new AckWatch({
      clock,
      withinMs: ms,
      ask: () => this.#pings.ask(() => watch.proved()),
      heardAt: () => this.#heardAt,
      overdue: () =>
        this.fail(new Unacknowledged(`the broker has not acknowledged ${what} for ${ms / 1_000} s`)),
    });
    return watch;
  }

  /** Ends the connection because of `error`. */
  fail(error: Error): void {
    this.#ending.error ??= error;
    this.#cut();
  }

  /** Ends the connection in order: with the last will as our last message, and a DISCONNECT. */
  farewell(): Promise<void> {
    return this.#farewell.say();
  }

  /** Ends the connection because of `error`, without the last will. Nothing is received or sent any more. */
  leave(error: Error): void {
    if (this.#farewell.hasBegun) return;
    this.#ending.error ??= error;
    this.#farewell.leave();
  }

  #run(listener: SessionListener): Promise<Ending> {
    const { clock, connectTimeoutMs, protocolVersion: version } = this.#options;
    const client = this.#client;
    const ending = this.#ending;
    let began = clock.now();
    const cancelPatience = clock.after(connectTimeoutMs, () => {
      this.fail(new NoAnswerToConnect(`no answer to CONNECT within ${connectTimeoutMs / 1_000} s`));
    });
    client.on('packetsend', ({ cmd }) => {
      if (cmd === 'pingreq') this.#pings.sent();
    });
    client.on('packetreceive', (packet) => {
      this.#heardAt = clock.now();
      if (packet.cmd === 'pingresp') this.#pings.answered();
      // MQTT.js would throw: it can't write the answer to a packet without its packet identifier.
      if (isNumberless(packet)) this.fail(new Error(`a ${packet.cmd} packet without its number`));
      // MQTT.js also handles packets after the end, when its stores are gone. As a PINGRESP they do no harm.
      if (this.#isCut) packet.cmd = 'pingresp';
      // The error of MQTT.js has only the code; the packet also has the broker's reason string.
      if (packet.cmd === 'connack') this.#refused(packet.reasonCode ?? packet.returnCode, packet.properties);
      else if (packet.cmd === 'disconnect') this.#refused(packet.reasonCode ?? 0, packet.properties);
      else if (packet.cmd === 'puback') {
        this.#outbox?.acknowledged(packet.messageId ?? 0, packet.reasonCode ?? 0);
      }
    });
    client.on('connect', (packet) => {
      // After end() MQTT.js still reports a CONNACK that was on its way, but has nothing left to publish with.
      if (client.disconnecting || client.disconnected) return;
      cancelPatience();
      ending.accepted = true;
      began = clock.now();
      const limits = limitsOf(packet.properties);
      const maximumPacketSize = Math.min(limits.maximumPacketSize, this.#options.maximumPacketSize);
      this.#maximumPacketSize = maximumPacketSize;
      const { settled } = listener;
      this.#outbox = new Outbox({
        stream: client.stream,
        version,
        limits,
        maximumPacketSize,
        acks: this.#publishing,
        settled,
      });
      listener.accepted(limits);
    });
    client.on('message', (topic, payload, packet) => {
      // After the farewell has begun, a message could not be answered any more.
      if (!this.#farewell.hasBegun) listener.received(incomingOf(topic, payload, packet));
    });
    // After bytes that MQTT.js can't parse it reads nothing more, but leaves the connection open.
    client.on('error', (error) => this.fail(error));
    return new Promise((resolve) => {
      client.on('close', () => {
        cancelPatience();
        ending.awaitedSubscription ||= this.#subscribing.isWaiting;
        this.#subscribing.stop();
        this.#publishing.stop();
        ending.lasted = clock.now() - began;
        this.#largestUnacknowledged = this.#outbox?.largestInFlight ?? 0;
        this.#outbox?.close();
        this.#outbox = undefined;
        client.end(true);
        resolve(ending);
      });
    });
  }

  #refused(code: number | undefined, properties: { readonly reasonString?: string } | undefined): void {
    if (code === undefined || code === 0) return;
    this.#ending.error ??= new SaidByBroker(code, properties?.reasonString);
  }

  /** Closes at once. `client.end()` alone would wait for acknowledgements, or do nothing after an end that has begun. */
  #cut(): void {
    this.#isCut = true;
    // Noted now, because MQTT.js settles open subscriptions before its `close` event.
    this.#ending.awaitedSubscription ||= this.#subscribing.isWaiting;
    this.#client.end(true);
    this.#client.stream.destroy();
  }
}
