import { Backoff } from '../base/backoff.js';
import { type Ending, Yielded } from './connect-errors.js';
import { KnownBroker } from './known-broker.js';
import type { MqttOptions } from './mqtt-options.js';
import { SubscriptionQos } from './subscription-qos.js';

/** A connection that lasted longer was a good one: after it the waits begin with the shortest again, ms. */
const STABLE_MS = 10_000;

/** The wait after each round of tries through all brokers: the first one and the longest, ms. */
const RETRY_MS = [1_000, 10_000] as const;

/** The brokers of the settings, each in its turn: after a connection has ended the next one is tried at once. */
export class BrokerTurn {
  readonly #brokers: readonly KnownBroker[];
  readonly #backoff: Backoff;
  #at = 0;
  /** Tries since the last good connection, or since the last wait. */
  #tries = 0;

  constructor(options: MqttOptions) {
    const addresses = [options, ...(options.others ?? [])];
    const hasOthers = addresses.length > 1;
    const qos = new SubscriptionQos(options.qos ?? 1, options.log);
    this.#brokers = addresses.map((address) => new KnownBroker(options, address, hasOthers, qos));
    this.#backoff = new Backoff(...RETRY_MS, options.chance);
  }

  get present(): KnownBroker {
    const broker = this.#brokers[this.#at];
    if (!broker) throw new RangeError('no broker');
    return broker;
  }

  /** A connection, or a try, has ended: goes to the next broker; returns how long to wait before, ms. */
  next({ accepted, lasted, error }: Ending): number {
    // A connection that we left ourselves (another bridge came, or this process was suspended) was a good one.
    if (accepted && (lasted > STABLE_MS || error instanceof Yielded)) {
      this.#backoff.reset();
      this.#tries = 0;
    }
    this.#at = (this.#at + 1) % this.#brokers.length;
    this.#tries += 1;
    if (this.#tries < this.#brokers.length) return 0;
    this.#tries = 0;
    return this.#backoff.next();
  }
}
