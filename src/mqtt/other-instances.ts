import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { type Ending, SaidByBroker, Yielded } from './connect-errors.js';
import { FreezeWatch } from './freeze-watch.js';
import type { KnownBroker } from './known-broker.js';
import type { Failure, Incoming } from './link.js';
import type { LinkConnection } from './link-connection.js';
import { callMessage, callOf, type Instance } from './roll-call.js';
import { Standby, type StandbyOutcome } from './standby.js';

/** DISCONNECT code of a broker at which another client has come with our id (MQTT 5, 3.14.2.1). */
const SESSION_TAKEN_OVER = 142;

/** Answers to other instances are so far apart, ms: who asks more often is none. */
const ANSWER_MS = 200;

export interface OtherInstancesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** This process; undefined where no other one may have its settings. */
  readonly instance: Instance | undefined;
  /** The connection that works now. */
  readonly connection: () => LinkConnection | undefined;
  /** A broker has accepted the connection that looks for others; says whether to end it, to try another version of MQTT. */
  readonly reached: (broker: KnownBroker) => boolean;
  /** This one has begun to wait until the other one is gone. */
  readonly standingBy: (failure: Failure) => void;
}

/** Sees to it that of several processes with the same settings one works, and the others wait (contract 8). */
export class OtherInstances {
  readonly #options: OtherInstancesOptions;
  readonly #freeze: FreezeWatch;
  /** Whether to look for another instance before the next connection. */
  #looks = true;
  /** Whether another instance has worked since we did. */
  #patient = false;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(options: OtherInstancesOptions) {
    this.#options = options;
    this.#freeze = new FreezeWatch(options.clock, () => this.#yield('this process has stood still'));
  }

  /** Whether the process has stood still: then what has arrived is not to be used. */
  hasFrozen(): boolean {
    return this.#freeze.hasFrozen();
  }

  /** Waits until no other instance works. The place is kept until `release`. */
  async place(broker: KnownBroker, signal: AbortSignal): Promise<StandbyOutcome> {
    const { instance, log, reached } = this.#options;
    if (!instance || !this.#looks) return { release() {} };
    const standby = new Standby(
      {
        session: broker.sessionOptions,
        instance,
        patient: this.#patient,
        accepted: () => reached(broker),
        found: () => this.#standsBy(broker),
      },
      signal,
    );
    const outcome = await standby.outcome;
    if ('release' in outcome && this.#patient) log.info('no other bridge works here any more: taking over');
    return outcome;
  }

  /** This one works now; others that wait are told. */
  working(): void {
    const { instance, connection } = this.#options;
    this.#patient = false;
    if (instance && instance.claimMs > 0) connection()?.publish(callMessage(instance, 'active', 0));
  }

  /** The connection that worked has ended. */
  stopped(): void {
    this.#freeze.stop();
  }

  /** A try has failed: does that mean that another instance works? */
  failed({ error }: Ending, { reason }: Failure): void {
    // What the broker said in words was no other instance.
    this.#looks = !(error instanceof SaidByBroker) || error.code === SESSION_TAKEN_OVER;
    this.#patient ||= reason === 'taken_over';
  }

  /** Another instance has said something while this one works. */
  heard(message: Incoming, instance: Instance): void {
    const { clock, connection } = this.#options;
    const call = callOf(message, instance);
    const present = connection();
    if (!call || !present) return;
    if (call.state === 'active') {
      this.#yield('another bridge with these settings has taken over');
      return;
    }
    this.#freeze.heard();
    const now = clock.now();
    if (now - this.#answeredAt < ANSWER_MS) return;
    this.#answeredAt = now;
    present.publish(callMessage(instance, 'active', 0));
  }

  #yield(why: string): void {
    this.#options.connection()?.leave(new Yielded(why));
  }

  #standsBy(broker: KnownBroker): void {
    const { log, standingBy } = this.#options;
    this.#patient = true;
    const text = 'another bridge with these settings works here: standing by until it is gone';
    log.warn(`${text} (the broker at ${broker.where})`);
    standingBy({ reason: 'standing_by', text });
  }
}
