import type { Alarm } from './alarm.js';
import { NO_PWM_PERMILLE } from './circuit.js';
import type { Contactor } from './contactor.js';
import type { MeanPilot } from './mean-pilot.js';
import { B_ABOVE_OHM } from './steps/guarded-bands.js';

/** A vehicle that was told to stop has this time to do so (controller-model 2.4). */
const OPENING_MS = 3000;

interface OpeningParts {
  readonly pilot: MeanPilot;
  readonly contactor: Contactor;
  readonly alarm: Alarm;
}

/** Opens the contactor. Without PWM it first waits until the vehicle draws no current, at most 3 s. */
export class UnloadedOpening {
  #opensAt: number | undefined;
  readonly #parts: OpeningParts;
  readonly #staleTimer: boolean;

  /** Quirk Q2, `staleTimer`: if the PWM comes back during the wait, its timer runs on. */
  constructor(parts: OpeningParts, staleTimer: boolean) {
    this.#parts = parts;
    this.#staleTimer = staleTimer;
  }

  open(time: number): void {
    const { pilot, contactor, alarm } = this.#parts;
    if (!contactor.closed) return;
    if (pilot.duty === NO_PWM_PERMILLE) {
      if (pilot.resistance <= B_ABOVE_OHM) {
        this.#opensAt ??= time + OPENING_MS;
        if (time < this.#opensAt) {
          alarm.wakeAt(this.#opensAt);
          return;
        }
      }
      this.#opensAt = undefined;
    } else if (!this.#staleTimer) this.#opensAt = undefined;
    contactor.command(false, time);
  }
}
