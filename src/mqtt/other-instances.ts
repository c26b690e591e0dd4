import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { type Ending, SaidByBroker, Yielded } from './connect-errors.js';
import { FreezeWatch } from './freeze-watch.js';
import type { KnownBroker } from './known-broker.js';
import type { Failure, Incoming } from './link.js';
import type { LinkConnection } from './link-connection.js';
import { callMessage, callOf, type Instance } from './roll-call.js';
import { Standby, type StandbyOutcome } from './standby.js';

/** DISCONNECT code if another client has connected with our client id (MQTT 5, 3.14.2.1). */
const SESSION_TAKEN_OVER = 142;

/** The shortest time between two answers to other instances, ms: no instance asks more often. */
const ANSWER_MS = 200;

export interface OtherInstancesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** This process; undefined if no other process can have its settings. */
  readonly instance: Instance | undefined;
  /** The present connection of the link. */
  readonly connection: () => LinkConnection | undefined;
  /** A broker has accepted the connection of Standby. Returns whether to end it and to try another version of MQTT. */
  readonly reached: (broker: KnownBroker) => boolean;
  /** This instance has begun to wait until another one is gone. */
  readonly standingBy: (failure: Failure) => void;
}

/** Lets one of several processes with the same settings work, while the others wait (contract 8). */
export class OtherInstances {
  readonly #options: OtherInstancesOptions;
  readonly #freeze: FreezeWatch;
  /** Whether to look for another instance before the next connection. */
  #looks = true;
  /** Whether another instance has worked since this one last did. */
  #patient = false;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(options: OtherInstancesOptions) {
    this.#options = options;
    this.#freeze = new FreezeWatch(options.clock, () => this.#yield('this process has stood still'));
  }

  /** Whether the process was suspended: then messages that have arrived must not be used. */
  hasFrozen(): boolean {
    return this.#freeze.hasFrozen();
  }

  /** Waits until no other instance works. Others are kept from working until `release` is called. */
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

  /** This instance works now: says so to others that wait. */
  working(): void {
    const { instance, connection } = this.#options;
    this.#patient = false;
    if (instance && instance.claimMs > 0) connection()?.publish(callMessage(instance, 'active', 0));
  }

  /** The connection of the link has ended. */
  stopped(): void {
    this.#freeze.stop();
  }

  /** A connection has ended, or a try has failed: notes whether another instance may be the reason. */
  failed({ error }: Ending, { reason }: Failure): void {
    // If the broker gave a reason, that was not another instance, unless the reason is a take-over.
    this.#looks = !(error instanceof SaidByBroker) || error.code === SESSION_TAKEN_OVER;
    this.#patient ||= reason === 'taken_over';
  }

  /** A message has come on the topic of the instances while this one works. */
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
