import type { ContactorListener } from './contactor.js';

/** Watches the contacts of the contactor, and what else can be wrong with the mains. */
export interface Monitor extends ContactorListener {
  /** contactor_state and contactor_error. */
  readonly state: number;
  readonly error: number;
  readonly dueAt: number;
  /** True if the state or the error is another one. */
  run(time: number): boolean;
}
