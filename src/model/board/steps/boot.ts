import type { Alarm } from '../alarm.js';

interface BootParts {
  readonly alarm: Alarm;
  /** When the main loop runs for the first time; ms. */
  readonly start: number;
  /** When the control pilot is evaluated for the first time; ms. */
  readonly evaluationStart: number;
  booted: boolean;
  /** What else happens at the first evaluation. */
  begins(time: number): void;
}

/** Nothing is evaluated before the boot phase is over (controller-model 2.2, row 0). */
export function booting(parts: BootParts, time: number): 'next' | 'frozen' {
  if (parts.booted) return 'next';
  if (time < parts.evaluationStart) {
    parts.alarm.wakeAt(time < parts.start ? parts.start : parts.evaluationStart);
    return 'frozen';
  }
  parts.booted = true;
  parts.begins(time);
  return 'next';
}

/** While the readings are ignored, state, signal and contactor stay as they are (controller-model 2.2, row 3). */
export function blanking({ pilot }: { readonly pilot: { readonly blanked: boolean } }): 'next' | 'frozen' {
  return pilot.blanked ? 'frozen' : 'next';
}
