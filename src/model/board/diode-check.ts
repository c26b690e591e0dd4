import type { Alarm } from './alarm.js';
import type { BlockPilot } from './block-pilot.js';
import { cpVoltage } from './two-level-circuit.js';

// controller-model-2 2.4.
const HIGHEST_LOW_MV = -10_000;
const LARGEST_DIFFERENCE_MV = 2000;
/** 100 turns of the main loop (controller-model-2 16, point 2). */
const COUNTED_MS = 10;
/** Before the contactor closes, this many new readings of the low half must show no fault. */
const READINGS_BEFORE_CLOSING = 2;

interface DiodeParts {
  readonly pilot: BlockPilot;
  readonly alarm: Alarm;
}

/** Whether the vehicle has the diode that keeps the low half of the signal low (controller-model-2 2.4). */
export class DiodeCheck {
  /** The next closing of the contactor has to wait for this check. */
  pending = true;
  /** A fault is shown, or counted down. */
  failed = false;
  #faultSince: number | undefined;
  #goneSince: number | undefined;
  #firstReading: number | undefined;
  #readAt: number | undefined;
  readonly #parts: DiodeParts;

  constructor(parts: DiodeParts) {
    this.#parts = parts;
  }

  /** The next closing needs a new check. */
  require(): void {
    this.pending = true;
    this.#firstReading = undefined;
    this.#readAt = undefined;
  }

  /** Whether the last readings of the low half show a fault. */
  get isFaulty(): boolean {
    const { pilot } = this.#parts;
    if (pilot.lowReadings === 0) return false;
    const before = cpVoltage(pilot.low);
    return before > HIGHEST_LOW_MV || Math.abs(before - cpVoltage(pilot.lowAfter)) > LARGEST_DIFFERENCE_MV;
  }

  /** Looks for a fault, in B and C with a signal. `counts`: a fault must last first. True while a fault counts. */
  look(counts: boolean, time: number): boolean {
    const { alarm } = this.#parts;
    if (this.isFaulty) {
      this.#goneSince = undefined;
      this.#faultSince ??= time;
      this.#firstReading = undefined;
      this.#readAt = undefined;
      const ends = this.#faultSince + COUNTED_MS;
      if (counts && !this.failed && time < ends) {
        alarm.wakeAt(ends);
        return false;
      }
      this.failed = true;
      return true;
    }
    this.#faultSince = undefined;
    if (this.pending) this.#pass(time);
    return false;
  }

  /** A fault that is gone is counted down; true until that is over. */
  isFading(time: number): boolean {
    if (!this.failed) return false;
    this.#faultSince = undefined;
    this.#goneSince ??= time;
    const ends = this.#goneSince + COUNTED_MS;
    if (time < ends) {
      this.#parts.alarm.wakeAt(ends);
      return true;
    }
    this.failed = false;
    this.#goneSince = undefined;
    return false;
  }

  #pass(time: number): void {
    const { pilot, alarm } = this.#parts;
    this.#firstReading ??= pilot.lowReadings;
    if (pilot.lowReadings - this.#firstReading < READINGS_BEFORE_CLOSING) return;
    this.#readAt ??= time;
    const ends = this.#readAt + COUNTED_MS;
    if (time < ends) alarm.wakeAt(ends);
    else this.pending = false;
  }
}
