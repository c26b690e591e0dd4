import type { Alarm } from './alarm.js';
import type { Phases } from './phases.js';

/** The meter must see voltage on the first phase alone for this time. */
const ONE_PHASE_SUPPLY_MS = 10_000;

/** If only the first phase has voltage, the charger acts as if connected to one phase, until its next start. */
export class OnePhaseSupply {
  #since: number | undefined;
  readonly #phases: Phases;
  readonly #meter: { readonly seesOnePhase: boolean };
  readonly #alarm: Alarm;

  constructor(phases: Phases, meter: { readonly seesOnePhase: boolean }, alarm: Alarm) {
    this.#phases = phases;
    this.#meter = meter;
    this.#alarm = alarm;
  }

  /** True if it has changed to one phase now. */
  run(time: number): boolean {
    if (this.#phases.connected !== 3 || !this.#meter.seesOnePhase) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= time;
    const ends = this.#since + ONE_PHASE_SUPPLY_MS;
    if (time < ends) {
      this.#alarm.wakeAt(ends);
      return false;
    }
    this.#phases.setConnectedForNow(1);
    return true;
  }
}
