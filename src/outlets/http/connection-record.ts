import type { Cancel, Clock } from '../../base/clock.js';
import type { OutletContext } from '../../charger/outlet.js';
import type { ConnectionView } from './page-protocol.js';

/** Since when a charger and its broker are reached or not, and why not. */
export class ConnectionRecord {
  readonly #context: OutletContext;
  readonly #clock: Clock;
  readonly #cancels: readonly Cancel[];
  #chargerSince: number;
  #chargerUp: boolean;
  #brokerSince: number;
  #brokerUp: boolean;
  #brokerWhy = 'it has not answered yet';

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
      link.onDown(({ text }) => {
        this.#brokerWhy = text;
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
    return { up, sinceMs: this.#clock.now() - this.#brokerSince, detail: up ? '' : this.#brokerWhy };
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
