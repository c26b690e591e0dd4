import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { membersOf } from '../../base/json.js';
import type { OutletContext } from '../../charger/outlet.js';

/** Members of states that are worth a time series: path, member, name, unit in the help text. */
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
  ['meter/values', 'energy_abs', 'energy_kilowatthours', 'energy since the meter was made, kWh'],
] as const;

/** Prometheus metrics of all chargers (contract 6). Nothing of the configuration goes into them. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(chargers: readonly OutletContext[]) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    const gauge = (name: string, help: string, read: (one: OutletContext) => number | undefined) =>
      new Gauge({
        name: `evse_${name}`,
        help,
        labelNames: ['charger'],
        registers,
        collect() {
          this.reset();
          for (const one of chargers) {
            const value = read(one);
            if (value !== undefined) this.set({ charger: one.prefix }, value);
          }
        },
      });
    gauge('broker_up', 'whether the broker connection is up', ({ link }) => Number(link.up));
    gauge('charger_up', 'whether the charger answers', ({ charger }) => Number(charger.connection.online));
    for (const [path, member, name, help] of SERIES) gauge(name, help, (one) => reading(one, path, member));
    const states = new Counter({
      name: 'evse_states_total',
      help: 'changed states',
      labelNames: ['charger'],
      registers,
    });
    const writes = new Counter({
      name: 'evse_writes_total',
      help: 'answered writes by outcome',
      labelNames: ['charger', 'outcome'],
      registers,
    });
    for (const { prefix, charger } of chargers) {
      charger.watch({
        state: () => states.inc({ charger: prefix }),
        connection() {},
        answered: (receipt) =>
          writes.inc({
            charger: prefix,
            outcome: receipt.status === 'error' ? receipt.code : receipt.status,
          }),
      });
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function reading({ charger }: OutletContext, path: string, member: string): number | undefined {
  const value = membersOf(charger.read(path))[member];
  return typeof value === 'number' ? value : undefined;
}
