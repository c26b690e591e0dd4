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
  /** A present value is no news; switching off leaves its trace (R3). */
  setAutoSwitch(enabled: boolean): void;
  /** The same as long as the power is on: what the meter sees of the supply. */
  setConnectedForNow(phases: number): void;
  /** The vehicle has been cut off and is back: it would not notice an instant switch. */
  allowInstant(): void;
  /** One evaluation of a sequence; false if none is going on. */
  step(time: number): boolean;
  /** State A has begun; charging with a closed contactor may be seen to use one phase only. */
  disconnected(): void;
  /** After each evaluation; true if something changed. */
  run(time: number): boolean;
}
