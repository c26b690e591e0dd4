import type { ContactorListener } from './contactor.js';

/** Watches the contacts of the contactor, and what else can be wrong with the mains. */
export interface Monitor extends ContactorListener {
  /** contactor_state and contactor_error. */
  readonly state: number;
  readonly error: number;
  readonly dueAt: number;
  /** The protective earth is missing, as far as this board can tell. */
  readonly earthBroken: boolean;
  /** True if the state or the error is another one. */
  run(time: number): boolean;
  /** Contacts have moved, or what is expected of them is another thing; true as for `run`. */
  look(time: number): boolean;
  /** To how many phases the second contactor is preset. */
  setPhases(phases: number, time: number): void;
}
