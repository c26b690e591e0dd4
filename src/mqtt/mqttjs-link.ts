import { pause } from '../base/backoff.js';
import type { Cancel } from '../base/clock.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { BrokerLimits } from './broker-limits.js';
import { BrokerTurn } from './broker-turn.js';
import { type Ending, failureOf, NoAnswerToConnect } from './connect-errors.js';
import { DenialRetry } from './denial-retry.js';
import type { KnownBroker } from './known-broker.js';
import type { Failure, Handler, Incoming, Link, Message, SubscribeOptions } from './link.js';
import { LinkConnection } from './link-connection.js';
import { LinkFaults } from './link-faults.js';
import type { MqttOptions } from './mqtt-options.js';
import { OtherInstances } from './other-instances.js';
import { Subscriptions } from './subscriptions.js';

/** The most different errors that are logged until a broker accepts us: its text may differ at each try. */
const MAX_COMPLAINTS = 20;

/** The Link over MQTT.js. Connects again and again; each connection is a session of its own. */
export class MqttJsLink implements Link {
  readonly #options: MqttOptions;
  readonly #subscriptions: Subscriptions;
  readonly #upListeners = new Set<() => void>();
  readonly #downListeners = new Set<(failure: Failure) => void>();
  readonly #faultListeners = new Set<() => void>();
  readonly #faults: LinkFaults;
  readonly #limiter: LogLimiter;
  readonly #turn: BrokerTurn;
  readonly #denials: DenialRetry;
  readonly #others: OtherInstances;
  #now: LinkConnection | undefined;
  /** Errors that were logged since a broker last accepted a connection. */
  readonly #complaints = new Set<string>();

  constructor(options: MqttOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.qos ?? 1);
    this.#turn = new BrokerTurn(options);
    const { instance } = options;
    this.#others = new OtherInstances({
      clock,
      log,
      instance,
      connection: () => this.#now,
      reached: (broker) => this.#reached(broker),
      standingBy: (failure) => this.#down(failure),
    });
    if (instance)
      this.#subscriptions.add([instance.topic], (message) => this.#others.heard(message, instance), {});
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
    const told = this.#now?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    return Math.min(told, this.#turn.present.packetLimit.bytes);
  }

  publish(message: Message): void {
    // A process that was suspended has old states, and another instance may have taken over.
    if (this.#others.hasFrozen()) return;
    this.#now?.publish(message);
  }

  subscribe(topics: string | readonly string[], handle: Handler, options: SubscribeOptions = {}): Cancel {
    const all = typeof topics === 'string' ? [topics] : topics;
    const cancel = this.#subscriptions.add(all, handle, options);
    for (const topic of all) this.#now?.add(topic);
    return () => {
      cancel();
      for (const topic of all) this.#now?.remove(topic);
      this.#faults.subscription(all, 'left');
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

  /** Connects again and again until `signal` aborts; then ends the connection with the last will. */
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
    const { clock, turns } = this.#options;
    await turns?.next(signal);
    if (signal.aborted) return;
    const broker = this.#turn.present;
    const begun = clock.now();
    const ending = await this.#placeAndConnection(broker, signal);
    if (signal.aborted) return;
    broker.answered(ending);
    // Before `protocol.ended`, which may change the version of MQTT for the next connection.
    const isOtherQos = broker.lowersQos(ending);
    const isOtherVersion = broker.protocol.ended(ending);
    // A silent broker may be busy for long, so the next broker is tried before another version.
    const isSilent = ending.error instanceof NoAnswerToConnect && broker.hasOthers;
    if ((isOtherVersion && !isSilent) || broker.adaptedWill(ending) || isOtherQos) return;
    const failure = this.#failure(broker, ending);
    this.#others.failed(ending, failure);
    this.#complain(broker, failure.text);
    this.#down(failure);
    // A try that timed out has already waited.
    const waited = ending.accepted ? 0 : clock.now() - begun;
    await pause(clock, Math.max(0, this.#turn.next(ending) - waited), signal);
  }

  #failure(broker: KnownBroker, ending: Ending): Failure {
    const failure = failureOf(ending, broker.sessionOptions);
    if (!broker.throwsOut(ending)) return failure;
    const { clientId } = this.#options;
    const why = `soon after each connect, without a reason; does another client use the client id ${clientId}?`;
    return { ...failure, text: `${failure.text} ${why}` };
  }

  /** Waits until no other instance works, then connects; resolves when the connection has ended. */
  async #placeAndConnection(broker: KnownBroker, signal: AbortSignal): Promise<Ending> {
    const place = await this.#others.place(broker, signal);
    return 'ending' in place ? place.ending : this.#connection(broker, place.release, signal);
  }

  /** One connection from connect to close; `release` is called when it is up, or has ended before. */
  async #connection(broker: KnownBroker, release: () => void, signal: AbortSignal): Promise<Ending> {
    const connection: LinkConnection = new LinkConnection({
      session: broker.sessionOptions,
      subscriptions: this.#subscriptions,
      faults: this.#faults,
      limiter: this.#limiter,
      hasFrozen: () => this.#others.hasFrozen(),
      accepted: (limits) => this.#accepted(broker, connection, limits),
      publishAll: () => {
        for (const run of this.#upListeners) run();
        this.#others.working();
        release();
      },
    });
    const cancelRetry = this.#denials.start();
    const ending = await connection.ended(signal);
    cancelRetry();
    release();
    this.#others.stopped();
    this.#now = undefined;
    const tells = Number.isFinite(connection.maximumPacketSize);
    if (ending.accepted && !tells && !signal.aborted) {
      broker.suspect(ending, connection.largestUnacknowledged, this.#options.log);
    }
    return ending;
  }

  #accepted(broker: KnownBroker, connection: LinkConnection, limits: BrokerLimits): boolean {
    const { log } = this.#options;
    if (this.#reached(broker)) return true;
    this.#now = connection;
    this.#faults.reset();
    const { version, note } = broker.protocol;
    const name = version === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
    log.info(`connected to the broker at ${broker.where} (${name}${note})`);
    if (!limits.retainAvailable) {
      log.warn(
        'this broker keeps no retained messages: a program that subscribes sees a state only when it changes',
      );
    }
    return false;
  }

  /** The broker has accepted a connection. Returns whether to end it and to try another version of MQTT. */
  #reached(broker: KnownBroker): boolean {
    this.#complaints.clear();
    return broker.protocol.accepted();
  }

  #down(failure: Failure): void {
    for (const run of this.#downListeners) run(failure);
  }

  #complain(broker: KnownBroker, fault: string): void {
    const text = `no connection to the broker at ${broker.where}: ${fault}`;
    if (this.#complaints.has(text) || this.#complaints.size >= MAX_COMPLAINTS) {
      this.#options.log.debug(text);
      return;
    }
    this.#options.log.error(`${text}; ${broker.hasOthers ? 'trying the next one' : 'trying again'}`);
    this.#complaints.add(text);
  }
}
