import type { TemperatureState } from '../api-types.js';

const AMBIENT = 2500;
/** 1/100 °C that charging with full current adds. */
const FULL_LOAD = 1000;
const FULL_LOAD_MA = 32_000;
const WARM_UP_MS = 20 * 60_000;
/** The thermometer's own steps, 1/100 °C, and how often it is read. */
const STEP = 6.25;
const READ_MS = 500;

/** How warm the charger's board gets; 1/100 °C (controller-model-2 12). */
export class Thermometer {
  #ambient = AMBIENT;
  #rise = 0;
  #countedTo = 0;
  readonly #current: (time: number) => number;

  /** `current` is what the vehicle draws from the first phase, mA. */
  constructor(current: (time: number) => number) {
    this.#current = current;
  }

  get state(): TemperatureState {
    return { ambient: this.#ambient };
  }

  set({ ambient }: TemperatureState, time: number): void {
    this.read(time);
    this.#ambient = ambient;
  }

  read(time: number): number {
    const passed = Math.floor(time / READ_MS) * READ_MS - this.#countedTo;
    if (passed > 0) {
      const end = (FULL_LOAD * this.#current(time)) / FULL_LOAD_MA;
      this.#rise = end + (this.#rise - end) * Math.exp(-passed / WARM_UP_MS);
      this.#countedTo += passed;
    }
    return Math.trunc(Math.round((this.#ambient + this.#rise) / STEP) * STEP);
  }
}
