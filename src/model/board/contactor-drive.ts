import type { Alarm } from './alarm.js';
import type { BlockPilot } from './block-pilot.js';
import type { Contactor } from './contactor.js';
import type { DiodeCheck } from './diode-check.js';

// controller-model-2 2.5 and 2.6: whole readings that have to agree, and the time that a vehicle gets to stop.
const READINGS_TO_CLOSE = 19;
const READINGS_TO_OPEN = 2;
const UNLOADING_MS = 6000;

interface DriveParts {
  readonly pilot: BlockPilot;
  readonly contactor: Contactor;
  readonly diode: DiodeCheck;
  readonly alarm: Alarm;
}

/** The quirks that concern the contactor (`Quirks`). */
export interface DriveQuirks {
  /** R1: if a wait to close is given up, its count stays, so that the next wait is over at once. */
  readonly staleClosingCount: boolean;
  /** R2: if the PWM comes back during the wait for unloaded opening, the timer of the wait runs on. */
  readonly staleOpeningTimer: boolean;
}

/** Closes the contactor after stable readings, and opens it without load if it can (controller-model-2 2.5, 2.6). */
export class ContactorDrive {
  /** The contactor had to open while the vehicle still asked for current. */
  openedUnderLoad = false;
  #closesAfter: number | undefined;
  #opensAfter: number | undefined;
  #unloadedBy: number | undefined;
  readonly #parts: DriveParts;
  readonly #quirks: DriveQuirks;

  constructor(parts: DriveParts, quirks: DriveQuirks) {
    this.#parts = parts;
    this.#quirks = quirks;
  }

  close(time: number): void {
    const { pilot, contactor, diode } = this.#parts;
    this.#opensAfter = undefined;
    if (contactor.closed || diode.pending) return;
    this.#closesAfter ??= pilot.readingsAfter(READINGS_TO_CLOSE, time);
    if (!pilot.hasTaken(this.#closesAfter, time)) return;
    this.#closesAfter = undefined;
    this.openedUnderLoad = false;
    contactor.command(true, time);
  }

  /** Opens. Without PWM it waits until the resistance is above `unloadedAbove` ohms, at most 6 s. */
  open(unloadedAbove: number, time: number): void {
    const { pilot, contactor } = this.#parts;
    if (!this.#quirks.staleClosingCount) this.#closesAfter = undefined;
    if (!contactor.closed) return;
    if (this.#opensAfter === undefined) {
      if (this.#isLoaded(unloadedAbove, time)) return;
      this.#opensAfter = pilot.readingsAfter(READINGS_TO_OPEN, time);
    }
    if (!pilot.hasTaken(this.#opensAfter, time)) return;
    this.openNow(time);
  }

  /** Opens without waiting for anything. */
  openNow(time: number): void {
    this.#opensAfter = undefined;
    this.#parts.contactor.command(false, time);
  }

  #isLoaded(unloadedAbove: number, time: number): boolean {
    const { pilot, alarm } = this.#parts;
    if (pilot.pwm) {
      if (!this.#quirks.staleOpeningTimer) this.#unloadedBy = undefined;
      return false;
    }
    if (pilot.resistance > unloadedAbove) {
      this.#unloadedBy = undefined;
      return false;
    }
    this.#unloadedBy ??= time + UNLOADING_MS;
    if (time < this.#unloadedBy) {
      alarm.wakeAt(this.#unloadedBy);
      return true;
    }
    this.#unloadedBy = undefined;
    this.openedUnderLoad = true;
    return false;
  }
}
