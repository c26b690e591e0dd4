import type { Alarm } from './alarm.js';
import type { Phases } from './phases.js';

/** The meter has to see the first phase alone for so long. */
const ONE_PHASE_SUPPLY_MS = 10_000;

/** With voltage on the first phase alone the charger takes itself for one with one phase, until the next start. */
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

  /** True if it has become one with one phase. */
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
