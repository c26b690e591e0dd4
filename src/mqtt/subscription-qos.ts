import type { Log } from '../base/log.js';
import { type Ending, Unacknowledged } from './connect-errors.js';

/** So many connections must end while a subscription is unanswered before its QoS counts as the cause. */
const UNANSWERED_ENDINGS = 2;

/** A connection with QoS 0 that lasted longer was a good one: the next one may try QoS 1 again, ms. */
const GOOD_MS = 5_000;

/**
 * Chooses the highest QoS to subscribe with. A cluster that speaks 3.1.1 stores each subscription of QoS 1. After the
 * loss of a node that takes long; meanwhile the cluster answers nothing (NATS), or ends the connection (RabbitMQ). Then
 * the next connection subscribes with QoS 0. There is one object for all brokers of the settings, because they may be
 * nodes of one cluster.
 */
export class SubscriptionQos {
  readonly #log: Log;
  readonly #wanted: 0 | 1;
  #highest: 0 | 1 = 1;
  #unansweredEndings = 0;

  constructor(wanted: 0 | 1, log: Log) {
    this.#wanted = wanted;
    this.#log = log;
  }

  get highest(): 0 | 1 {
    return this.#highest;
  }

  /** Whether a lower QoS can be tried if the broker does not answer. */
  canBeLowered(version: 4 | 5): boolean {
    return version === 4 && this.#wanted === 1 && this.#highest === 1;
  }

  /** Takes note of how a connection in this version ended. Returns whether to try again at once, with a lower QoS. */
  ended({ accepted, lasted, awaitedSubscription, error }: Ending, version: 4 | 5, where: string): boolean {
    if (!accepted || version === 5 || this.#wanted === 0) return false;
    if (this.#highest === 0) {
      if (lasted > GOOD_MS) this.#highest = 1;
      return false;
    }
    this.#unansweredEndings = awaitedSubscription ? this.#unansweredEndings + 1 : 0;
    const isUnacknowledged = awaitedSubscription && error instanceof Unacknowledged;
    if (!isUnacknowledged && this.#unansweredEndings < UNANSWERED_ENDINGS) return false;
    this.#unansweredEndings = 0;
    this.#highest = 0;
    this.#log.warn(`the broker at ${where} does not answer subscriptions with QoS 1: subscribing with QoS 0`);
    return true;
  }
}
