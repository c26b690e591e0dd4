import type { Cancel, Clock } from '../../base/clock.js';
import type { OutletContext } from '../../charger/outlet.js';
import type { Failure } from '../../mqtt/link.js';
import type { ConnectionView } from './page-protocol.js';
import type { BrokerSituation } from './situation.js';

/** Knows since when a charger and its broker are connected or not, and why not. */
export class ConnectionRecord {
  readonly #context: OutletContext;
  readonly #clock: Clock;
  readonly #cancels: readonly Cancel[];
  #chargerSince: number;
  #chargerUp: boolean;
  #brokerSince: number;
  #brokerUp: boolean;
  #failure: Failure | undefined;

  constructor(context: OutletContext, clock: Clock) {
    const { charger, link } = context;
    this.#context = context;
    this.#clock = clock;
    this.#chargerSince = clock.now();
    this.#brokerSince = clock.now();
    this.#chargerUp = charger.connection.online;
    this.#brokerUp = link.up;
    this.#cancels = [
      charger.watch({
        state() {},
        connection: () => {
          const { online } = charger.connection;
          if (online === this.#chargerUp) return;
          this.#chargerUp = online;
          this.#chargerSince = clock.now();
        },
      }),
      link.onUp(() => this.#broker(true)),
      link.onDown((failure) => {
        this.#failure = failure;
        this.#broker(false);
      }),
    ];
  }

  get charger(): ConnectionView {
    const { connection } = this.#context.charger;
    const detail = connection.online ? connection.transport : connection.why;
    return { up: connection.online, sinceMs: this.#clock.now() - this.#chargerSince, detail };
  }

  get broker(): ConnectionView {
    const { up } = this.#context.link;
    return {
      up,
      sinceMs: this.#clock.now() - this.#brokerSince,
      detail: up ? '' : (this.#failure?.text ?? 'it has not answered yet'),
    };
  }

  /** The connection to the broker, for the diagnosis. */
  get brokerSituation(): BrokerSituation {
    const { up, faults } = this.#context.link;
    return { up, faults, failure: this.#failure };
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #broker(up: boolean): void {
    if (up === this.#brokerUp) return;
    this.#brokerUp = up;
    this.#brokerSince = this.#clock.now();
  }
}
