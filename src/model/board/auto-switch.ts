import type { PhaseMeter } from '../world/phase-meter.js';
import type { Alarm } from './alarm.js';

// controller-model-2 6.5.
const LOOKS_AFTER_MS = 2000;
const METER_MS = 500;
const DRAWS_MA = 5000;
const IDLE_MA = 500;
const ONE_PHASE_FOR_MS = 30_000;
const MORE_PHASES_FOR_MS = 15_000;

/** Detects that a vehicle draws current from one phase only, and that it later draws from more. */
export class AutoSwitch {
  enabled: boolean;
  /** It has switched in this session, or was switched off. */
  done = false;
  #oneSince: number | undefined;
  #moreSince: number | undefined;
  readonly #staysDone: boolean;
  readonly #meter: PhaseMeter;
  readonly #alarm: Alarm;

  /** Quirk R3, `staysDone`: switched off and on again, it acts as if it had switched phases already. */
  constructor(enabled: boolean, staysDone: boolean, meter: PhaseMeter, alarm: Alarm) {
    this.enabled = enabled;
    this.#staysDone = staysDone;
    this.#meter = meter;
    this.#alarm = alarm;
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.done = !enabled || this.#staysDone;
  }

  /** To be called while there is nothing to detect: no charge, or phases that must not change now. */
  rest(): void {
    this.#oneSince = undefined;
    this.#moreSince = undefined;
  }

  /** Charging since `since` with three phases: true when only the first one has been used for long enough. */
  usesOnePhase(since: number, time: number): boolean {
    const [l1, l2, l3] = this.#currents(since, time);
    const one = l1 > DRAWS_MA && l2 < IDLE_MA && l3 < IDLE_MA;
    this.#oneSince = one ? (this.#oneSince ?? time) : undefined;
    return this.#lasts(this.#oneSince, ONE_PHASE_FOR_MS, time);
  }

  /** Charging since `since` as if with one phase: true when more have been used for long enough. */
  usesMorePhases(since: number, time: number): boolean {
    const more = this.#currents(since, time).filter((current) => current >= IDLE_MA).length > 1;
    this.#moreSince = more ? (this.#moreSince ?? time) : undefined;
    return this.#lasts(this.#moreSince, MORE_PHASES_FOR_MS, time);
  }

  /** mA of each phase as last read, all 0 where there is no meter or it is too early to look. */
  #currents(since: number, time: number): readonly [number, number, number] {
    const looksAt = since + LOOKS_AFTER_MS;
    this.#alarm.wakeAt(time < looksAt ? looksAt : (Math.floor(time / METER_MS) + 1) * METER_MS);
    return time < looksAt ? [0, 0, 0] : this.#meter.currents(time);
  }

  #lasts(since: number | undefined, duration: number, time: number): boolean {
    if (since === undefined) return false;
    if (time >= since + duration) return true;
    this.#alarm.wakeAt(since + duration);
    return false;
  }
}
