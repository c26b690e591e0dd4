import type { Cancel } from '../base/clock.js';
import { type Ending, InDoubt } from './connect-errors.js';
import type { Incoming } from './link.js';
import { MqttJsSession, type SessionOptions } from './mqttjs-session.js';
import type { Delivery } from './outbox.js';
import { type Call, callMessage, callOf, type Instance, isOwnClaim } from './roll-call.js';

/** The time between two questions to other instances, ms. */
const ASK_MS = 1_000;

/** A working instance that is silent for so long counts as dead or suspended, ms. It must be more than `FROZEN_MS`. */
const SILENT_MS = 6_000;

/** The same if none has answered yet, although the retained state says `online`, ms. */
const NEVER_HEARD_MS = 1_000;

/** How long a working instance must be `offline`, ms: it may only be reconnecting, and then it goes on working. */
const GONE_MS = 2_500;

/** How long a waiting instance with a lower id may be silent until it does not count any more, ms. */
const RIVAL_SILENT_MS = 2_500;

/** How long to wait if the broker denies our questions and another instance has worked, ms. */
const NOT_ASKED_MS = 60_000;

/** A timer that fires so much too late shows that this process was suspended, ms: then silence proves nothing. */
const LATE_MS = 2_000;

export interface StandbyOptions {
  /** The options of the connection to work with, with its last will. */
  readonly session: SessionOptions;
  readonly instance: Instance;
  /** Whether another instance has worked here since this one last did. */
  readonly patient: boolean;
  /** The broker has accepted the connection. Returns whether to end it and to try another version of MQTT. */
  readonly accepted: () => boolean;
  /** Another instance works; called once. */
  readonly found: () => void;
}

/** The result: this instance may work, and keeps others from it until `release`; or the connection has ended before. */
export type StandbyOutcome = { readonly release: () => void } | { readonly ending: Ending };

/**
 * Asks whether another instance works, and waits while one does (contract 8). It uses a connection of its own, with a
 * client id of its own and without a last will, and takes no writes. A working instance answers its questions; one that
 * does not is dead or suspended. Before it works it publishes a claim, at which a working instance yields. The claim
 * reaches that one before any write that reaches both: so no write is carried out twice.
 */
export class Standby {
  readonly outcome: Promise<StandbyOutcome>;
  readonly #options: StandbyOptions;
  readonly #session: MqttJsSession;
  #resolve: (outcome: StandbyOutcome) => void = () => {};
  #claim: 'none' | 'sent' | 'taken' = 'none';
  /** When the broker first answered one of our questions: from then on silence counts, ms of the clock. */
  #askedAt: number | undefined;
  #mayAsk = true;
  #activeAt: number | undefined;
  /** The id of the instance that last said that it works. */
  #activeId: string | undefined;
  /** Whether our own claim has come back: claims of others that come later were made later. */
  #claimHeard = false;
  #offlineAt: number | undefined;
  #saysOnline = false;
  #rivalAt: number | undefined;
  #dueAt = 0;
  #cancelDue: Cancel = () => {};
  #cancelAsking: Cancel = () => {};

  constructor(options: StandbyOptions, signal: AbortSignal) {
    this.#options = options;
    const { will: _, ...others } = options.session;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#session = new MqttJsSession(
      { ...others, clientId: `${others.clientId}-${options.instance.id}` },
      {
        accepted: () => {
          if (options.accepted()) this.#session.leave(new InDoubt('the broker is asked for MQTT 5 again'));
          else void this.#begin();
        },
        received: (message) => this.#received(message),
        skipped() {},
        settled: ({ payload }, delivery) => this.#settled(payload, delivery),
      },
    );
    const stop = () => void this.#session.farewell();
    signal.addEventListener('abort', stop, { once: true });
    void this.#session.ended.then((ending) => {
      signal.removeEventListener('abort', stop);
      this.#cancelDue();
      this.#cancelAsking();
      this.#resolve({ ending });
    });
  }

  async #begin(): Promise<void> {
    const { instance, session } = this.#options;
    try {
      // When the broker has answered the second subscription, the retained message of the first one has come.
      if (session.will) await this.#subscribe(session.will.topic);
      this.#mayAsk = (await this.#subscribe(instance.topic)).length === 0;
    } catch (error) {
      this.#session.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#ask();
    this.#cancelAsking = session.clock.every(ASK_MS, () => this.#ask());
  }

  #subscribe(topic: string): Promise<string[]> {
    const { qos = 1 } = this.#options.session;
    return this.#session.subscribe([{ topic, qos, nl: false, rap: true, rh: 0 }]);
  }

  #ask(): void {
    if (this.#claim !== 'none') return;
    if (this.#mayAsk) this.#say('waiting', this.#askedAt === undefined ? this.#qos : 0);
    else this.#answered();
  }

  #say(state: Call['state'], qos: 0 | 1): void {
    this.#session.publish(callMessage(this.#options.instance, state, qos));
  }

  /** 0 if the settings say so: a cluster may need long to store a message of QoS 1. */
  get #qos(): 0 | 1 {
    return this.#options.session.qos ?? 1;
  }

  /** From now on silence counts. */
  #answered(): void {
    this.#askedAt ??= this.#options.session.clock.now();
    this.#look();
  }

  #settled(payload: string, delivery: Delivery): void {
    if (this.#claim === 'sent') {
      if (payload === callMessage(this.#options.instance, 'active', 1).payload) void this.#claimed();
      return;
    }
    if (delivery !== 'taken') this.#mayAsk = false;
    this.#answered();
  }

  /** With QoS 0 the claim has only been written: the broker has it when it answers a later subscription. */
  async #claimed(): Promise<void> {
    try {
      if (this.#qos === 0) await this.#subscribe(this.#options.instance.topic);
      if (this.#claim === 'sent') this.#isFree();
    } catch (error) {
      this.#session.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #received(message: Incoming): void {
    const { instance, session } = this.#options;
    if (message.topic === instance.topic) {
      const call = callOf(message, instance);
      if (call) this.#heard(call);
      else if (isOwnClaim(message, instance)) this.#claimHeard = true;
    } else if (message.topic === session.will?.topic) {
      this.#saysOnline = Buffer.from(message.payload).toString() === 'online';
      this.#offlineAt = this.#saysOnline ? undefined : session.clock.now();
      this.#look();
    }
  }

  #heard({ instance, state }: Call): void {
    const now = this.#options.session.clock.now();
    if (this.#claim === 'sent' && !this.#isBefore({ instance, state })) return;
    if (state === 'active') {
      if (this.#claim === 'taken') return;
      this.#withdraw();
      if (this.#activeAt === undefined) this.#options.found();
      this.#activeAt = now;
      this.#activeId = instance;
      this.#offlineAt = undefined;
    } else if (this.#claim === 'taken') this.#say('active', 0);
    else if (instance < this.#options.instance.id) this.#rivalAt = now;
    this.#look();
  }

  /**
   * Whether this is the claim of another waiting instance that reached the broker before ours: all get the claims in
   * the same order. A late answer of the instance whose silence let us claim is no claim.
   */
  #isBefore({ instance, state }: Call): boolean {
    return state === 'active' && !this.#claimHeard && instance !== this.#activeId;
  }

  /** Withdraws our claim: waits and asks again. */
  #withdraw(): void {
    if (this.#claim === 'none') return;
    this.#claim = 'none';
    this.#cancelAsking = this.#options.session.clock.every(ASK_MS, () => this.#ask());
  }

  /** Claims to work if no other instance has answered in time; else sets a timer for when that time is over. */
  #look(): void {
    const { clock } = this.#options.session;
    if (this.#claim !== 'none' || this.#askedAt === undefined) return;
    const now = clock.now();
    this.#cancelDue();
    this.#dueAt = this.#due(this.#askedAt);
    if (now >= this.#dueAt) this.#take();
    else {
      this.#cancelDue = clock.after(this.#dueAt - now, () => {
        if (clock.now() - this.#dueAt > LATE_MS && this.#activeAt !== undefined) this.#activeAt = clock.now();
        this.#look();
      });
    }
  }

  /** When this instance may work if it hears nothing more, ms of the clock. */
  #due(askedAt: number): number {
    const { patient, instance } = this.#options;
    const rival = this.#rivalAt === undefined ? 0 : this.#rivalAt + RIVAL_SILENT_MS;
    if (this.#activeAt !== undefined) {
      const gone = this.#offlineAt === undefined ? Number.POSITIVE_INFINITY : this.#offlineAt + GONE_MS;
      return Math.max(rival, Math.min(this.#activeAt + SILENT_MS, gone));
    }
    let wait = this.#saysOnline ? NEVER_HEARD_MS : 0;
    if (patient) wait = this.#saysOnline ? SILENT_MS : GONE_MS;
    if (patient && !this.#mayAsk && this.#saysOnline) wait = NOT_ASKED_MS;
    return Math.max(rival, askedAt + Math.max(wait, instance.claimMs));
  }

  #take(): void {
    this.#cancelAsking();
    this.#claim = 'sent';
    this.#claimHeard = false;
    // Without the right to ask there is no claim. If all have one client id, the broker itself lets only one in.
    if (this.#mayAsk) this.#say('active', this.#qos);
    else this.#isFree();
  }

  #isFree(): void {
    this.#claim = 'taken';
    // `release` may be kept as long as the link's connection, perhaps months: it must not keep this session in memory.
    let session: MqttJsSession | undefined = this.#session;
    const release = () => {
      void session?.farewell();
      session = undefined;
    };
    this.#resolve({ release });
  }
}
