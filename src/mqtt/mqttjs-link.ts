import { pause } from '../base/backoff.js';
import type { Cancel } from '../base/clock.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { BrokerLimits } from './broker-limits.js';
import { BrokerTurn } from './broker-turn.js';
import { type Ending, failureOf, NoAnswerToConnect, SaidByBroker, Yielded } from './connect-errors.js';
import { DenialRetry } from './denial-retry.js';
import { FreezeWatch } from './freeze-watch.js';
import type { KnownBroker } from './known-broker.js';
import type { Failure, Handler, Incoming, Link, Message, SubscribeOptions } from './link.js';
import { LinkConnection } from './link-connection.js';
import { LinkFaults } from './link-faults.js';
import type { MqttOptions } from './mqtt-options.js';
import { callMessage, callOf, type Instance } from './roll-call.js';
import { Standby } from './standby.js';
import { Subscriptions } from './subscriptions.js';

/** DISCONNECT code of a broker at which another client has come with our id (MQTT 5, 3.14.2.1). */
const SESSION_TAKEN_OVER = 142;

/** So many complaints are told until a broker accepts us: it may say something else at each try. */
const MAX_COMPLAINTS = 20;

/** Answers to other instances are so far apart, ms: who asks more often is none. */
const ANSWER_MS = 200;

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
  readonly #freeze: FreezeWatch;
  #now: LinkConnection | undefined;
  /** Whether to look for another instance before the next connection. */
  #looks: boolean;
  /** Whether another instance has worked since we did. */
  #patient = false;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** What was complained of since a broker last accepted a connection. */
  readonly #complaints = new Set<string>();

  constructor(options: MqttOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#subscriptions = new Subscriptions(options.qos ?? 1);
    this.#turn = new BrokerTurn(options);
    this.#looks = options.instance !== undefined;
    this.#freeze = new FreezeWatch(clock, () =>
      this.#now?.leave(new Yielded('this process has stood still')),
    );
    const { instance } = options;
    if (instance) this.#subscriptions.add([instance.topic], (message) => this.#heard(message, instance), {});
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
    const { clock, turns } = this.#options;
    await turns?.next(signal);
    if (signal.aborted) return;
    const broker = this.#turn.present;
    const begun = clock.now();
    const ending = await this.#placeAndConnection(broker, signal);
    if (signal.aborted) return;
    broker.answered(ending);
    // Asked first: how it ended may change the version of MQTT.
    const isOtherQos = broker.lowersQos(ending);
    const isOtherVersion = broker.protocol.ended(ending);
    // Who says nothing may be busy for long: the next broker is tried first.
    const isSilent = ending.error instanceof NoAnswerToConnect && broker.hasOthers;
    if ((isOtherVersion && !isSilent) || broker.adaptedWill(ending) || isOtherQos) return;
    const failure = this.#failure(broker, ending);
    // What the broker said in words was no other instance.
    this.#looks = !(ending.error instanceof SaidByBroker) || ending.error.code === SESSION_TAKEN_OVER;
    this.#patient ||= failure.reason === 'taken_over';
    this.#complain(broker, failure.text);
    for (const run of this.#downListeners) run(failure);
    // A try that ended by a time that was up has waited already.
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

  /** Waits until no other instance works, then connects; resolves when that has ended. */
  async #placeAndConnection(broker: KnownBroker, signal: AbortSignal): Promise<Ending> {
    const { instance } = this.#options;
    if (!instance || !this.#looks) return this.#connection(broker, () => {}, signal);
    const standby = new Standby(
      {
        session: broker.sessionOptions,
        instance,
        patient: this.#patient,
        accepted: () => this.#reached(broker),
        found: () => this.#standsBy(broker),
      },
      signal,
    );
    const outcome = await standby.outcome;
    if ('ending' in outcome) return outcome.ending;
    if (this.#patient) this.#options.log.info('no other bridge works here any more: taking over');
    return this.#connection(broker, outcome.release, signal);
  }

  /** One connection from connect to close; `release` is called when it is up, or has ended before. */
  async #connection(broker: KnownBroker, release: () => void, signal: AbortSignal): Promise<Ending> {
    const { log, instance } = this.#options;
    const connection: LinkConnection = new LinkConnection({
      session: broker.sessionOptions,
      subscriptions: this.#subscriptions,
      faults: this.#faults,
      limiter: this.#limiter,
      hasFrozen: () => this.#freeze.hasFrozen(),
      accepted: (limits) => this.#accepted(broker, connection, limits),
      publishAll: () => {
        this.#patient = false;
        for (const run of this.#upListeners) run();
        if (instance && instance.claimMs > 0) this.publish(callMessage(instance, 'active', 0));
        release();
      },
    });
    const cancelRetry = this.#denials.start();
    const ending = await connection.ended(signal);
    cancelRetry();
    release();
    this.#freeze.stop();
    this.#now = undefined;
    const tells = Number.isFinite(connection.maximumPacketSize);
    if (ending.accepted && !tells && !signal.aborted) {
      broker.suspect(ending, connection.largestUnacknowledged, log);
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
      log.warn('this broker keeps no retained messages: who subscribes sees a state only when it changes');
    }
    return false;
  }

  /** The broker has accepted a connection; says whether to end it, to try another version of MQTT. */
  #reached(broker: KnownBroker): boolean {
    this.#complaints.clear();
    return broker.protocol.accepted();
  }

  #standsBy(broker: KnownBroker): void {
    this.#patient = true;
    const text = 'another bridge with these settings works here: standing by until it is gone';
    this.#options.log.warn(`${text} (the broker at ${broker.where})`);
    for (const run of this.#downListeners) run({ reason: 'standing_by', text });
  }

  /** Another instance has said something while this one works. */
  #heard(message: Incoming, instance: Instance): void {
    const call = callOf(message, instance);
    if (!call || !this.#now) return;
    if (call.state === 'active') {
      this.#now.leave(new Yielded('another bridge with these settings has taken over'));
      return;
    }
    this.#freeze.heard();
    const now = this.#options.clock.now();
    if (now - this.#answeredAt < ANSWER_MS) return;
    this.#answeredAt = now;
    this.publish(callMessage(instance, 'active', 0));
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
