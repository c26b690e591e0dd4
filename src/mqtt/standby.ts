import type { Cancel } from '../base/clock.js';
import { type Ending, InDoubt } from './connect-errors.js';
import type { Incoming } from './link.js';
import { MqttJsSession, type SessionOptions } from './mqttjs-session.js';
import type { Delivery } from './outbox.js';
import { type Call, callMessage, callOf, type Instance, isOwnClaim } from './roll-call.js';

/** Between two questions, ms. */
const ASK_MS = 1_000;

/** How long one that worked may be silent until it is dead or frozen, ms. It must be more than `FROZEN_MS`. */
const SILENT_MS = 6_000;

/** The same where none has been heard yet, although what is retained says `online`, ms. */
const NEVER_HEARD_MS = 1_000;

/** For how long one that worked must be away: it may only be reconnecting, and comes first then, ms. */
const GONE_MS = 2_500;

/** How long another one that waits, and comes before us, may be silent, ms. */
const RIVAL_SILENT_MS = 2_500;

/** How long to wait where nobody may be asked, and another one has worked, ms. */
const NOT_ASKED_MS = 60_000;

/** A timer that comes so much too late has stood still with the process, ms: then silence means nothing. */
const LATE_MS = 2_000;

export interface StandbyOptions {
  /** Of the connection to work with, its last will included. */
  readonly session: SessionOptions;
  readonly instance: Instance;
  /** Whether another one has worked here. */
  readonly patient: boolean;
  /** The broker has accepted the connection; says whether to end it, to try another version of MQTT. */
  readonly accepted: () => boolean;
  /** Another one works; called once. */
  readonly found: () => void;
}

/** How it ended: our place is free, and is kept until `release`; or the connection ended before. */
export type StandbyOutcome = { readonly release: () => void } | { readonly ending: Ending };

/**
 * Looks whether another instance works in our place, and waits while one does (contract 8). It has a connection of its
 * own, under an id of its own and without a last will, and takes no writes. Who works answers its questions; who does
 * not answer is dead or frozen. What it says before it works reaches the other one before any write that reaches both,
 * and makes it yield: so no write is carried out twice.
 */
export class Standby {
  readonly outcome: Promise<StandbyOutcome>;
  readonly #options: StandbyOptions;
  readonly #session: MqttJsSession;
  #resolve: (outcome: StandbyOutcome) => void = () => {};
  #claim: 'none' | 'sent' | 'taken' = 'none';
  /** Since when the broker has answered what we asked. */
  #askedAt: number | undefined;
  #mayAsk = true;
  #activeAt: number | undefined;
  /** Who worked when that was last heard. */
  #activeId: string | undefined;
  /** Whether our own claim has come back: from then on it is older than what others say. */
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
      // What is retained on the topic of the will has come when the broker answers for the next one.
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

  /** 0 where it is wanted: a cluster may take long to store what has QoS 1. */
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

  /** With QoS 0 the claim is only written: the broker has it when it answers what comes after. */
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
   * Whether it is the claim of another one that waited too, and came to the broker before ours: all hear the claims in one
   * order. What is late of the one whose silence let us claim is none.
   */
  #isBefore({ instance, state }: Call): boolean {
    return state === 'active' && !this.#claimHeard && instance !== this.#activeId;
  }

  /** Goes back to waiting, and asking. */
  #withdraw(): void {
    if (this.#claim === 'none') return;
    this.#claim = 'none';
    this.#cancelAsking = this.#options.session.clock.every(ASK_MS, () => this.#ask());
  }

  /** Takes the place if nobody has shown up in time, else looks again when that may be. */
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

  /** When the place is free if nothing more is heard, ms on the clock. */
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
    // With one client id for all the broker itself sees to it that only one works.
    if (this.#mayAsk) this.#say('active', this.#qos);
    else this.#isFree();
  }

  #isFree(): void {
    this.#claim = 'taken';
    // The connection that is made now lasts for months, and may hold what it was given.
    let session: MqttJsSession | undefined = this.#session;
    const release = () => {
      void session?.farewell();
      session = undefined;
    };
    this.#resolve({ release });
  }
}
