import type { DcSensorState } from '../api-types.js';

/** The sensor's output lines. */
export interface SensorLines {
  readonly x6: boolean;
  readonly x30: boolean;
  readonly error: boolean;
}

/** Kinds of sensor: an X804 tells direct from alternating current, an X904 does not (controller-model-2 7.1). */
export type SensorKind = 'X804' | 'X904';

const LINES: Readonly<Record<SensorKind, Readonly<Record<DcSensorState['leakage'], SensorLines>>>> = {
  X804: {
    none: { x6: false, x30: false, error: false },
    dc6: { x6: true, x30: false, error: false },
    ac20: { x6: false, x30: true, error: false },
    both: { x6: true, x30: true, error: false },
    system: { x6: true, x30: true, error: true },
  },
  X904: {
    none: { x6: false, x30: false, error: false },
    dc6: { x6: true, x30: true, error: false },
    ac20: { x6: false, x30: true, error: false },
    both: { x6: true, x30: true, error: false },
    system: { x6: true, x30: true, error: true },
  },
};

/** The sensor for residual currents and what it is exposed to. */
export class LeakageSensor {
  readonly kind: SensorKind;
  #state: DcSensorState = { leakage: 'none', defect: 'none' };
  /** When the lines changed last; ms. */
  changedAt = Number.NEGATIVE_INFINITY;

  constructor(kind: SensorKind) {
    this.kind = kind;
  }

  get state(): DcSensorState {
    return this.#state;
  }

  set(state: DcSensorState, time: number): void {
    if (state.leakage !== this.#state.leakage) this.changedAt = time;
    this.#state = { ...state };
  }

  get lines(): SensorLines {
    return LINES[this.kind][this.#state.leakage];
  }

  /** What the board's test of the sensor finds, a bit for each of three checks; 7 is all good. */
  get testResult(): number {
    return { none: 7, no_x6: 6, no_x30: 5, stuck: 3 }[this.#state.defect];
  }
}
