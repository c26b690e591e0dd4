import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Cancel } from '../../base/clock.js';
import { membersOf } from '../../base/json.js';
import type { OutletContext } from '../../charger/outlet.js';

/** Members of states with a time series of their own: path, member, name of the metric, its meaning and unit. */
const SERIES = [
  [
    'evse/state',
    'charger_state',
    'charger_state',
    '0 not connected, 1 waiting, 2 ready, 3 charging, 4 error',
  ],
  ['evse/state', 'iec61851_state', 'iec61851_state', '0 A, 1 B, 2 C, 3 D, 4 E/F'],
  ['evse/state', 'error_state', 'error_state', '0 is no error'],
  [
    'evse/state',
    'allowed_charging_current',
    'allowed_charging_current_milliamperes',
    'smallest active slot, mA',
  ],
  ['meter/values', 'power', 'power_watts', 'charging power, W'],
  ['meter/values', 'energy_abs', 'energy_kilowatthours', 'total energy counted by the meter, kWh'],
] as const;

/** Prometheus metrics of all chargers (contract 6). They hold nothing of the configuration. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #chargers: readonly OutletContext[];
  readonly #watched = new Map<OutletContext, Watched>();

  /** `chargers` is a live list: chargers come and go. */
  constructor(chargers: readonly OutletContext[]) {
    this.#chargers = chargers;
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge('broker_up', 'whether the broker connection is up', ({ link }) => Number(link.up));
    this.#gauge(
      'charger_up',
      'whether the charger is online, so that its states are current',
      ({ charger }) => Number(charger.connection.online),
    );
    this.#offlineGauge();
    for (const [path, member, name, help] of SERIES) {
      this.#gauge(name, help, (one) => reading(one, path, member));
    }
    this.#counter('states_total', 'changed states', ['charger'], ({ states }) => [[{}, states]]);
    this.#counter(
      'writes_total',
      'answers to writes by outcome: ok, waiting, or the code of a refusal',
      ['charger', 'outcome'],
      ({ writes }) => [...writes].map(([outcome, count]) => [{ outcome }, count]),
    );
    this.#watchAll();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    this.#watchAll();
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, read: (one: OutletContext) => number | undefined): void {
    const chargers = this.#chargers;
    new Gauge({
      name: `evse_${name}`,
      help,
      labelNames: ['charger'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const one of chargers) {
          const value = read(one);
          if (value !== undefined) this.set({ charger: one.prefix }, value);
        }
      },
    });
  }

  #offlineGauge(): void {
    const chargers = this.#chargers;
    new Gauge({
      name: 'evse_charger_offline_reason',
      help: 'why the charger is offline, as a label; 1 while it is',
      labelNames: ['charger', 'why'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { prefix, charger } of chargers) {
          if (!charger.connection.online) this.set({ charger: prefix, why: charger.connection.why }, 1);
        }
      },
    });
  }

  /** `read` gives the counts of one charger, each with its labels besides `charger`. */
  #counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: (one: Watched) => readonly (readonly [Partial<Record<L, string>>, number])[],
  ): void {
    const watched = this.#watched;
    new Counter({
      name: `evse_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect() {
        // So that nothing is left of a charger that is gone.
        this.reset();
        for (const [{ prefix }, one] of watched) {
          for (const [labels, count] of read(one)) this.inc({ charger: prefix, ...labels }, count);
        }
      },
    });
  }

  /** Begins to count for new chargers, and stops for those that are gone. */
  #watchAll(): void {
    for (const one of this.#chargers) if (!this.#watched.has(one)) this.#watched.set(one, watch(one));
    for (const [one, { cancel }] of this.#watched) {
      if (this.#chargers.includes(one)) continue;
      cancel();
      this.#watched.delete(one);
    }
  }
}

/** The counts of one charger. */
interface Watched {
  states: number;
  readonly writes: Map<string, number>;
  readonly cancel: Cancel;
}

function watch({ charger }: OutletContext): Watched {
  const writes = new Map<string, number>();
  const cancel = charger.watch({
    state() {
      counted.states += 1;
    },
    connection() {},
    answered(receipt) {
      const outcome = receipt.status === 'error' ? receipt.code : receipt.status;
      writes.set(outcome, (writes.get(outcome) ?? 0) + 1);
    },
  });
  const counted: Watched = { states: 0, writes, cancel };
  return counted;
}

/** The member as a number; undefined also while the charger is offline, since its states may be out of date. */
function reading({ charger }: OutletContext, path: string, member: string): number | undefined {
  const value = charger.connection.online ? membersOf(charger.read(path))[member] : undefined;
  return typeof value === 'number' ? value : undefined;
}
