import type { Supply } from './supply.js';
import type { Vehicle } from './vehicle.js';

type PerPhase = readonly [number, number, number];
const NOTHING: PerPhase = [0, 0, 0];

/** What the charge controller reads from the energy meter, which sits before the contactors. */
export class PhaseMeter {
  /** There is a meter at all. */
  readonly present: boolean;
  readonly #vehicle: Vehicle;
  readonly #supply: Supply;

  constructor(present: boolean, vehicle: Vehicle, supply: Supply) {
    this.present = present;
    this.#vehicle = vehicle;
    this.#supply = supply;
  }

  /** mA of each phase. */
  currents(time: number): PerPhase {
    if (!this.present) return NOTHING;
    const vehicle = this.#vehicle;
    return [vehicle.current(0, time), vehicle.current(1, time), vehicle.current(2, time)];
  }

  /** Only the first of three phases has voltage. */
  get seesOnePhase(): boolean {
    return this.present && this.#supply.liveBefore === 1;
  }
}
