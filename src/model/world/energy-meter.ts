import type { MeterPhases, MeterValues } from '../api-types.js';
import type { Flash } from '../board/flash.js';
import { Random } from '../random.js';
import type { Supply } from './supply.js';
import { MAINS_V, type Vehicle } from './vehicle.js';

const PHASES = [0, 1, 2] as const;
/** Length of the legacy list of `meter/all_values`. */
const ALL_VALUES = 85;
// The mains. Noise is a standard deviation; that of a current is a share of the current.
const FREQUENCY_HZ = 50;
const VOLTAGE_NOISE_V = 0.4;
const CURRENT_NOISE_SHARE = 0.002;
const NOISE_PERIOD_MS = 1000;
/** From here on a phase counts as connected or active (controller-model-2 12). */
const CONNECTED_V = 180;
const ACTIVE_A = 0.3;

interface PhaseReading {
  readonly voltage: number;
  readonly current: number;
}

interface Sums {
  readonly phases: readonly PhaseReading[];
  readonly power: number;
  readonly energy: number;
  readonly live: boolean;
}

const volts = (phase: number) => (sums: Sums) => sums.phases[phase]?.voltage ?? 0;
const amperes = (phase: number) => (sums: Sums) => sums.phases[phase]?.current ?? 0;
const watts = (phase: number) => (sums: Sums) => volts(phase)(sums) * amperes(phase)(sums);
const between = (a: number, b: number) => (sums: Sums) =>
  Math.sqrt(volts(a)(sums) ** 2 + volts(b)(sums) ** 2 + volts(a)(sums) * volts(b)(sums));
const nothing = () => 0;
const one = () => 1;
const mean = (values: readonly number[]) => sum(values) / values.length;
const currents = ({ phases }: Sums) => phases.map(({ current }) => current);

/** What `meters/0/value_ids` names, in the order of a charger with a meter for three phases (charger-wire 8.2). */
const VALUES: readonly (readonly [id: number, value: (sums: Sums) => number])[] = [
  // Voltage, current and active, apparent and reactive power of each phase; the vehicle is a resistor.
  ...([1, 2, 3] as const).map((id, phase) => [id, volts(phase)] as const),
  ...([13, 17, 21] as const).map((id, phase) => [id, amperes(phase)] as const),
  ...([39, 48, 57] as const).map((id, phase) => [id, watts(phase)] as const),
  ...([122, 130, 138] as const).map((id, phase) => [id, watts(phase)] as const),
  ...([83, 91, 99] as const).map((id) => [id, nothing] as const),
  ...([353, 354, 355] as const).map((id) => [id, one] as const),
  [7, (sums) => mean(PHASES.map((phase) => volts(phase)(sums)))],
  [29, (sums) => mean(currents(sums))],
  [33, (sums) => sum(currents(sums))],
  [74, (sums) => sums.power],
  [154, (sums) => sums.power],
  [115, nothing],
  [356, one],
  [364, ({ live }) => (live ? FREQUENCY_HZ : 0)],
  [209, ({ energy }) => energy],
  [211, nothing],
  // Between the phases.
  [4, between(0, 1)],
  [5, between(1, 2)],
  [6, between(2, 0)],
  [8, (sums) => mean([between(0, 1)(sums), between(1, 2)(sums), between(2, 0)(sums)])],
  [25, (sums) => Math.max(...currents(sums)) - Math.min(...currents(sums))],
  // Energies in both directions, reactive, and since a reset.
  [213, ({ energy }) => energy],
  [277, nothing],
  [214, ({ energy }) => energy],
  [210, ({ energy }) => energy],
  [212, nothing],
];
const VALUE_IDS: readonly number[] = VALUES.map(([id]) => id);

/** The energy meter in the charger: counts what the vehicle draws, shows voltages, currents and powers. */
export class Meter {
  #time = 0;
  #drew = false;
  #energy: number;
  /** There is a meter at all; without one all lists are empty. */
  readonly present: boolean;
  readonly #vehicle: Vehicle;
  readonly #supply: Supply;
  readonly #flash: Flash;
  readonly #seed: number | undefined;

  /** Without a `seed` the readings are exact. */
  constructor(present: boolean, vehicle: Vehicle, supply: Supply, flash: Flash, seed: number | undefined) {
    this.present = present;
    this.#vehicle = vehicle;
    this.#supply = supply;
    this.#flash = flash;
    this.#seed = seed;
    this.#energy = flash.image.energy;
  }

  /** kWh counted so far. */
  get energy(): number {
    return rounded(this.#energy / 1000);
  }

  /** Counts and takes the readings; keeps the count at every whole kWh and when the current ends. */
  poll(time: number): void {
    this.#energy += this.#vehicle.takeEnergy(time);
    this.#time = time;
    const draws = this.#vehicle.draws(time);
    const saved = this.#flash.image.energy;
    const ended = this.#drew && !draws && this.#energy !== saved;
    this.#drew = draws;
    if (ended || Math.floor(this.#energy / 1000) > Math.floor(saved / 1000))
      this.#flash.write({ energy: this.#energy });
  }

  /** Keeps what it has counted, so that it never goes back. */
  keep(): void {
    if (this.#energy !== this.#flash.image.energy) this.#flash.write({ energy: this.#energy });
  }

  values(): MeterValues {
    if (!this.present) return { power: null, energy_rel: null, energy_abs: null };
    return { power: rounded(this.#sums().power), energy_rel: this.energy, energy_abs: this.energy };
  }

  phases(): MeterPhases {
    const readings = this.#readings();
    const connected = readings.map(({ voltage }) => this.present && voltage > CONNECTED_V);
    return {
      phases_connected: connected,
      phases_active: readings.map(({ current }, phase) => connected[phase] === true && current > ACTIVE_A),
    };
  }

  /** `meters/0/value_ids`. */
  get valueIds(): readonly number[] {
    return this.present ? VALUE_IDS : [];
  }

  /** `meters/0/values`, in the order of the ids. */
  valuesById(): number[] {
    const sums = this.#sums();
    return this.present ? VALUES.map(([, value]) => rounded(value(sums))) : [];
  }

  /** The list of 85 values in the order of the charger's older API; null where this meter measures nothing. */
  allValues(): (number | null)[] {
    if (!this.present) return [];
    const readings = this.#readings();
    const voltages = readings.map(({ voltage }) => rounded(voltage));
    const currents = readings.map(({ current }) => rounded(current));
    const powers = readings.map(({ voltage, current }) => rounded(voltage * current));
    const factors = readings.map(() => 1);
    const nothing = readings.map(() => 0);
    const power = rounded(sum(powers));
    const all: (number | null)[] = [
      ...[...voltages, ...currents, ...powers],
      // Apparent and reactive power, power factor and phase angle: the vehicle is a resistor.
      ...[...powers, ...nothing, ...factors, ...nothing],
      ...[rounded(sum(voltages) / 3), rounded(sum(currents) / 3), rounded(sum(currents))],
      ...[power, power, 0, 1, 0, this.#supply.liveBefore !== 0 ? FREQUENCY_HZ : 0, this.energy, 0],
    ];
    const list = Array.from({ length: ALL_VALUES }, (_, index) => all[index] ?? null);
    // Total energy in both directions.
    list[65] = this.energy;
    return list;
  }

  #sums(): Sums {
    const phases = this.#readings();
    const power = sum(phases.map(({ voltage, current }) => voltage * current));
    return { phases, power, energy: this.energy, live: this.#supply.liveBefore !== 0 };
  }

  #readings(): PhaseReading[] {
    return PHASES.map((phase) => {
      if (((this.#supply.liveBefore >> phase) & 1) === 0) return { voltage: 0, current: 0 };
      const current = this.#vehicle.current(phase, this.#time) / 1000;
      if (this.#seed === undefined) return { voltage: MAINS_V, current };
      const period = Math.floor(this.#time / NOISE_PERIOD_MS);
      const random = new Random(this.#seed + 3 * period + phase);
      const voltage = MAINS_V + random.normal(VOLTAGE_NOISE_V);
      return { voltage, current: current * (1 + random.normal(CURRENT_NOISE_SHARE)) };
    });
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
