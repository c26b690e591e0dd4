import type { Cancel, Clock } from '../../base/clock.js';
import type { OutletContext } from '../../charger/outlet.js';
import { ActivityHistory, SAMPLE_EVERY_MS } from './activity-history.js';
import { ConnectionRecord } from './connection-record.js';

/** One charger, with what is recorded of it for the page. */
export interface Recorded {
  readonly context: OutletContext;
  readonly history: ActivityHistory;
  readonly connections: ConnectionRecord;
}

/** Records what happens at the chargers of the process, for each from when it comes until it goes. */
export class Recorder {
  readonly #chargers: readonly OutletContext[];
  readonly #clock: Clock;
  readonly #cancel: Cancel;
  #recorded: readonly Recorded[] = [];

  /** `chargers` is a live list: chargers come and go. */
  constructor(chargers: readonly OutletContext[], clock: Clock) {
    this.#chargers = chargers;
    this.#clock = clock;
    this.#follow();
    this.#cancel = clock.every(SAMPLE_EVERY_MS, () => {
      for (const { history } of this.all) history.sample();
    });
  }

  /** All chargers that are there at this moment, in the order of the list. */
  get all(): readonly Recorded[] {
    const known = this.#recorded;
    const same = known.length === this.#chargers.length;
    if (!same || known.some(({ context }, at) => context !== this.#chargers[at])) this.#follow();
    return this.#recorded;
  }

  stop(): void {
    this.#cancel();
    for (const one of this.#recorded) forget(one);
  }

  #follow(): void {
    const known = new Map(this.#recorded.map((one) => [one.context, one]));
    this.#recorded = this.#chargers.map((context) => known.get(context) ?? record(context, this.#clock));
    for (const [context, one] of known) if (!this.#chargers.includes(context)) forget(one);
  }
}

function record(context: OutletContext, clock: Clock): Recorded {
  return {
    context,
    history: new ActivityHistory(context.charger, clock),
    connections: new ConnectionRecord(context, clock),
  };
}

function forget({ history, connections }: Recorded): void {
  history.stop();
  connections.stop();
}
