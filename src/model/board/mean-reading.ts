import type { UserCalibration } from '../api-types.js';
import {
  cpMillivolts,
  cpReading,
  DIODE_MV,
  HIGH_MV,
  LOW_MV,
  NO_PWM_PERMILLE,
  OPEN_OHM,
  SOURCE_OHM,
} from './circuit.js';
import type { Flash } from './flash.js';

/** The low level until a reading without a vehicle has measured it; mV. */
const FIRST_LOW_MV = -12_289;
/** The level of an unloaded control pilot is not below this; mV. */
const LEAST_HIGH_MV = 11_750;
// A high level this near to the maximum counts as open; less is left when PWM waits for the vehicle to ask.
const OPEN_WITHIN_MV = 1000;
const OPEN_WITHIN_GUARDED_MV = 500;
/** Duty cycle in 1/1000 that is read without that rule. */
const FORCED_PERMILLE = 266;
const FORCED_INDEX = 5;

/** What the charger is doing while it reads. */
export interface PilotUse {
  /** The contactor is commanded to be closed. */
  readonly closed: boolean;
  /** mA that are allowed. */
  readonly current: number;
  /** Whether it has been in state A long enough, and the button is not held. */
  unplugged(time: number): boolean;
}

/** How the controller reads the control pilot's resistance out of its mean voltage (controller-model 17, D5 and D6). */
export class MeanReading {
  /** Raw reading. */
  raw = 0;
  /** Mean voltage after calibration, mV. */
  voltage = 0;
  /** High level of the signal as computed from the mean, mV. */
  high = 0;
  #highest = HIGH_MV;
  #lowest = FIRST_LOW_MV;
  readonly #flash: Flash;
  readonly #use: PilotUse;

  /** The flash has the calibration that counts, and the one that the hardware was measured with. */
  constructor(flash: Flash, use: PilotUse) {
    this.#flash = flash;
    this.#use = use;
  }

  /**
   * Ohms for a mean of `level` mV at the reported `duty` in 1/1000; in boost mode the duty on the wire is larger. A
   * reading without a vehicle sets the level of the unloaded signal.
   */
  read(level: number, duty: number, time: number): number {
    const { closed, current } = this.#use;
    const { factory_calibration: factory, user_calibration: user } = this.#flash.image;
    const used = user ?? factory;
    const before = this.raw;
    this.raw = cpReading((level * factory.voltage_div) / factory.voltage_mul);
    // The firmware takes a high value of many readings: a single one that saw a vehicle does not change that.
    if (this.raw === before && this.#use.unplugged(time)) this.#calibrate(factory, used);
    this.voltage = Math.trunc((cpMillivolts(this.raw) * used.voltage_mul) / used.voltage_div);
    this.high = Math.trunc(((this.voltage - this.#lowest) * NO_PWM_PERMILLE) / duty) + this.#lowest;
    const forced = !closed && duty === FORCED_PERMILLE;
    const guarded = !closed && duty !== NO_PWM_PERMILLE;
    if (!forced && this.high + (guarded ? OPEN_WITHIN_GUARDED_MV : OPEN_WITHIN_MV) > this.#highest)
      return OPEN_OHM;
    const highest = this.#highest - offset(used, duty, current) + offset(factory, duty, current);
    if (this.high > highest) return OPEN_OHM;
    const ohms = Math.trunc((SOURCE_OHM * (this.high - DIODE_MV)) / (highest - this.high));
    // The firmware keeps it as an unsigned number, so less than 0 is very much (controller-model 17, D18).
    return ohms < 0 ? OPEN_OHM : Math.min(OPEN_OHM, ohms);
  }

  #calibrate(factory: UserCalibration, used: UserCalibration): void {
    const unloaded = cpMillivolts(this.raw);
    if (unloaded < LEAST_HIGH_MV) return;
    this.#highest = Math.trunc((unloaded * used.voltage_mul) / used.voltage_div);
    // The hardware is as its factory calibration says, so only the difference to that shows.
    this.#lowest = -this.#highest + HIGH_MV + LOW_MV + used.voltage_diff - factory.voltage_diff;
  }
}

/** mV that a calibration takes off the unloaded level, by duty cycle and current. */
function offset(calibration: UserCalibration, duty: number, current: number): number {
  if (duty === NO_PWM_PERMILLE) return calibration.resistance_2700;
  const { resistance_880 } = calibration;
  const index = Math.trunc(((current - 6000) * (resistance_880.length - 1)) / 26_000);
  return resistance_880[duty === FORCED_PERMILLE ? FORCED_INDEX : index] ?? 0;
}
