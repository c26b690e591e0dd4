import type { VehicleState } from '../api-types.js';
import { OPEN_OHM } from '../board/circuit.js';
import type { Random } from '../random.js';

const NOT_REQUESTING_OHM = 2700;
const REQUESTING_OHM = 880;
const VENTILATION_OHM = 240;
/** Ohms under which a bare short can't be told from an open pilot (controller-model 12.1). */
const BARE_SHORT_OHM = 52;

/** The largest load with which a vehicle asks for current; ohms. */
export const ASKING_OHM = 1790;

// What the log of a real charger shows (controller-model 12.3): contacts warm up, 904.5 -> 886.6 in two hours.
const WARM_LEVEL_OHM = 886.7;
const COLD_EXTRA_OHM = 20;
const WARM_UP_MS = 2_400_000;
const NOISE_REQUESTING_OHM = 3.7;
const NOISE_LIMIT_OHM = 12;
// The mean of four samples halves this to the 11 ohms of the log.
const NOISE_WAITING_OHM = 22;
const NOISE_PERIOD_MS = 250;
const ASLEEP_AFTER_MS = 40_000;
const ASLEEP_FACTOR = 0.936;

/** The load that a vehicle puts on the control pilot and the resistor of its cable. */
export class PilotLoad {
  readonly #random: Random | undefined;
  readonly #shortLooksUnplugged: boolean;
  #period = -1;
  #since = 0;
  #noise = 0;
  #warmUp = 0;

  /** Without `random` the ideal circuit: no noise, no warm-up. */
  constructor(random: Random | undefined, shortLooksUnplugged: boolean) {
    this.#random = random;
    this.#shortLooksUnplugged = shortLooksUnplugged;
  }

  /** Ohms of a vehicle that is `requesting` (S2 closed) or not since `since`. */
  ohms(state: VehicleState, requesting: boolean, since: number, time: number): number {
    return state.cp_resistance ?? this.#vehicle(state, requesting, since, time);
  }

  /** A bare short has none. Without Q6 it counts as having one, so that it does not look unplugged. */
  hasDiode(state: VehicleState): boolean {
    const short = state.cp_resistance !== null && state.cp_resistance < BARE_SHORT_OHM;
    return !state.diode_fault && !(short && this.#shortLooksUnplugged);
  }

  #vehicle(state: VehicleState, requesting: boolean, since: number, time: number): number {
    if (!state.connected) return OPEN_OHM;
    const ideal = nominal(state, requesting);
    if (this.#random === undefined) return ideal;
    const period = Math.floor(time / NOISE_PERIOD_MS);
    if (period !== this.#period || since !== this.#since) {
      this.#period = period;
      this.#since = since;
      this.#noise = this.#random.normal(1);
      this.#warmUp = WARM_LEVEL_OHM - REQUESTING_OHM + COLD_EXTRA_OHM * Math.exp((since - time) / WARM_UP_MS);
    }
    if (ideal === NOT_REQUESTING_OHM) {
      const asleep = time - since >= ASLEEP_AFTER_MS;
      return ideal * (asleep ? ASLEEP_FACTOR : 1) + this.#noise * NOISE_WAITING_OHM;
    }
    const noise = Math.max(-NOISE_LIMIT_OHM, Math.min(NOISE_LIMIT_OHM, this.#noise * NOISE_REQUESTING_OHM));
    return ideal === REQUESTING_OHM ? ideal + this.#warmUp + noise : ideal + noise;
  }
}

/** Ohms by the vehicle's flags (controller-model 12.1). */
export function nominal(state: VehicleState, requesting: boolean): number {
  if (!state.connected) return OPEN_OHM;
  if (!requesting) return NOT_REQUESTING_OHM;
  return state.ventilation ? VENTILATION_OHM : REQUESTING_OHM;
}

/** The cable's resistor in ohms by what it may carry in mA; null for a contact without one. */
export function cableResistor(current: number): number | null {
  if (current <= 0) return null;
  if (current <= 13_000) return 1500;
  if (current <= 20_000) return 680;
  return current <= 32_000 ? 220 : 100;
}
