import type { ContactorListener } from './contactor.js';

/** Watches the contacts of the contactor, and what else can be wrong with the mains. */
export interface Monitor extends ContactorListener {
  /** contactor_state and contactor_error. */
  readonly state: number;
  readonly error: number;
  readonly dueAt: number;
  /** The protective earth is missing, as far as this board can tell. */
  readonly earthBroken: boolean;
  /** Does the checks that are due; true if the state or the error has changed. */
  run(time: number): boolean;
  /** To be called when contacts have moved or should move; true if the state or the error has changed. */
  look(time: number): boolean;
  /** How many phases are to be live while the contactor is closed. */
  setPhases(phases: number, time: number): void;
}
