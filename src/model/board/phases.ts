import type { ContactorListener } from './contactor.js';

/** How many phases charging uses, and what is done to change that (controller-model-2 6). */
export interface Phases extends ContactorListener {
  /** phases_current, phases_requested, phases_state and phases_info. */
  readonly current: number;
  readonly requested: number;
  readonly state: number;
  readonly info: number;
  /** phases_connected. */
  readonly connected: number;
  /** How many phases the power manager or a load manager wants. */
  request(phases: number): void;
  setConnected(phases: number): void;
  /** Writing the present value changes nothing. Switching off and on again has an effect with quirk R3. */
  setAutoSwitch(enabled: boolean): void;
  /** As setConnected(), but only until power-off: the meter has seen how many phases the supply has. */
  setConnectedForNow(phases: number): void;
  /** To be called when the vehicle was cut off: it does not notice a switch without a pause then. */
  allowInstant(): void;
  /** One evaluation of a sequence; false if none is going on. */
  step(time: number): boolean;
  /** To be called when state A begins. */
  disconnected(): void;
  /** To be called after each evaluation. Switches phases, also for a vehicle that uses only one; true if it did. */
  run(time: number): boolean;
}
