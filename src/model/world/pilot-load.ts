import type { VehicleState } from '../api-types.js';
import { measuredWithoutDiode, OPEN } from '../board/circuit.js';
import type { Random } from '../random.js';

const NOT_REQUESTING = 2700;
const REQUESTING = 880;
const VENTILATION = 240;
/** Ohms under which a bare short can't be told from an open pilot (controller-model 12.1). */
const BARE_SHORT = 52;

/** The largest load with which a vehicle asks for current; ohms. */
export const ASKING = 1790;

// What the log of a real charger shows (controller-model 12.3): contacts warm up, 904.5 -> 886.6 in two hours.
const WARM_LEVEL = 886.7;
const COLD_EXTRA = 20;
const WARM_UP = 2_400_000;
const NOISE_REQUESTING = 3.7;
const NOISE_LIMIT = 12;
// The mean of four samples halves this to the 11 ohms of the log.
const NOISE_WAITING = 22;
const NOISE_PERIOD = 250;
const ASLEEP_AFTER = 40_000;
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

  /** Ohms as the controller measures them, `requesting` (S2 closed) or not since `since`. */
  sample(state: VehicleState, requesting: boolean, since: number, time: number, duty: number): number {
    const given = state.cp_resistance;
    const load = given ?? this.#vehicle(state, requesting, since, time);
    if (load >= OPEN) return OPEN;
    const bare = state.diode_fault || load < BARE_SHORT;
    if (!bare || (load < BARE_SHORT && !this.#shortLooksUnplugged)) return load;
    return measuredWithoutDiode(load, duty);
  }

  #vehicle(state: VehicleState, requesting: boolean, since: number, time: number): number {
    if (!state.connected) return OPEN;
    const ideal = nominal(state, requesting);
    if (this.#random === undefined) return ideal;
    const period = Math.floor(time / NOISE_PERIOD);
    if (period !== this.#period || since !== this.#since) {
      this.#period = period;
      this.#since = since;
      this.#noise = this.#random.normal(1);
      this.#warmUp = WARM_LEVEL - REQUESTING + COLD_EXTRA * Math.exp((since - time) / WARM_UP);
    }
    if (ideal === NOT_REQUESTING) {
      const asleep = time - since >= ASLEEP_AFTER;
      return ideal * (asleep ? ASLEEP_FACTOR : 1) + this.#noise * NOISE_WAITING;
    }
    const noise = Math.max(-NOISE_LIMIT, Math.min(NOISE_LIMIT, this.#noise * NOISE_REQUESTING));
    return ideal === REQUESTING ? ideal + this.#warmUp + noise : ideal + noise;
  }
}

/** Ohms by the vehicle's flags (controller-model 12.1). */
export function nominal(state: VehicleState, requesting: boolean): number {
  if (!state.connected) return OPEN;
  if (!requesting) return NOT_REQUESTING;
  return state.ventilation ? VENTILATION : REQUESTING;
}

/** The cable's resistor in ohms by what it may carry in mA; null for a contact without one. */
export function cableResistor(current: number): number | null {
  if (current <= 0) return null;
  if (current <= 13_000) return 1500;
  if (current <= 20_000) return 680;
  return current <= 32_000 ? 220 : 100;
}
