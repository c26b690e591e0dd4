import type { MeterPhases, MeterValues } from '../api-types.js';
import type { Flash } from '../board/flash.js';
import { Random } from '../random.js';
import type { Supply } from './supply.js';
import { MAINS_V, type Vehicle } from './vehicle.js';

const PHASES = [0, 1, 2] as const;
/** Length of the legacy list of `meter/all_values`. */
const ALL_VALUES = 85;
// Of the mains; the noise is a standard deviation, of a current as a share of it.
const FREQUENCY_HZ = 50;
const VOLTAGE_NOISE_V = 0.4;
const CURRENT_NOISE_SHARE = 0.002;
const NOISE_PERIOD_MS = 1000;

/** The energy meter in the charger: counts what the vehicle draws, shows voltages, currents and powers. */
export class Meter {
  #time = 0;
  #current = 0;
  #energy: number;
  readonly #vehicle: Vehicle;
  readonly #supply: Supply;
  readonly #flash: Flash;
  readonly #seed: number | undefined;

  /** Without a `seed` exact readings. */
  constructor(vehicle: Vehicle, supply: Supply, flash: Flash, seed: number | undefined) {
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
    const before = this.#current;
    this.#current = this.#vehicle.current(time);
    const saved = this.#flash.image.energy;
    const ended = before > 0 && this.#current === 0 && this.#energy !== saved;
    if (ended || Math.floor(this.#energy / 1000) > Math.floor(saved / 1000))
      this.#flash.write({ energy: this.#energy });
  }

  values(): MeterValues {
    const power = sum(this.#readings().map(({ voltage, current }) => voltage * current));
    return { power: rounded(power), energy_rel: this.energy, energy_abs: this.energy };
  }

  phases(): MeterPhases {
    const readings = this.#readings();
    return {
      phases_connected: readings.map(({ voltage }) => voltage > 0),
      phases_active: readings.map(({ current }) => current > 0),
    };
  }

  /** The list of 85 values in the order of the charger's older API; null where this meter measures nothing. */
  allValues(): (number | null)[] {
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
      ...[power, power, 0, 1, 0, this.#supply.live ? FREQUENCY_HZ : 0, this.energy, 0],
    ];
    const list = Array.from({ length: ALL_VALUES }, (_, index) => all[index] ?? null);
    // Total energy in both directions.
    list[65] = this.energy;
    return list;
  }

  #readings(): { voltage: number; current: number }[] {
    return PHASES.map((phase) => {
      if (!this.#supply.live) return { voltage: 0, current: 0 };
      const current = phase < this.#vehicle.phases ? this.#current / 1000 : 0;
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
