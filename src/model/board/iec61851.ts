import type { BoardContext } from './assembly.js';

/** iec61851_state. */
export const A = 0;
export const B = 1;
export const C = 2;
export const D = 3;
export const EF = 4;

// controller-model 2.3.
const PAUSE_AFTER_C_MS = 5000;
const PAUSE_AFTER_ERROR_MS = 30_000;

/** Where the uptime counter starts anew. */
const UPTIME_WRAP_MS = 2 ** 32;

/** What else happens at a transition. */
export interface Transitions {
  /** A state has begun, by want() or by force(). */
  entered(to: number, from: number, time: number): void;
  /** The vehicle is gone, as far as the slots are concerned. */
  disconnected(time: number): void;
}

export interface Iec61851Options {
  /** When the board's program begins; ms. */
  readonly start: number;
  readonly context: BoardContext;
  readonly transitions: Transitions;
}

/** The state of IEC 61851 and the filter that every change of it has to pass (controller-model 2.3). */
export class Iec61851 {
  state = A;
  changedAt: number;
  #noChargeAfterC: number | undefined;
  #noChargeAfterError: number | undefined;
  #faultBeganInA = false;
  readonly #options: Iec61851Options;

  constructor(options: Iec61851Options) {
    this.changedAt = options.start;
    this.#options = options;
  }

  /** Asks for a state. The change is accepted, or refused until a pause is over. */
  want(state: number, time: number): void {
    const from = this.state;
    if (state === from) return;
    if (from === D) this.#noChargeAfterError ??= time + PAUSE_AFTER_ERROR_MS;
    if (from === EF) this.#rememberError(time);
    if (state === C && this.#refusesCharging(time)) return;
    if (from === C) this.#noChargeAfterC = time + PAUSE_AFTER_C_MS;
    this.changedAt = time;
    this.force(state, time);
  }

  /** Changes the state without filter or pause; time_since_state_change counts on (controller-model-2 2.3). */
  force(state: number, time: number): void {
    const { transitions, context } = this.#options;
    const from = this.state;
    if (state === from) return;
    this.state = state;
    // Q7: a contactor error without a vehicle ends as a disconnect.
    const isDisconnect = context.around.quirks.errorClearsSlots || !this.#faultBeganInA;
    if (state === A && isDisconnect) transitions.disconnected(time);
    this.#faultBeganInA = from === A && state === EF;
    transitions.entered(state, from, time);
  }

  /** The firmware stores the uptime of an error. 0, which the counter passes every 49.7 days, means no error to it. */
  #rememberError(time: number): void {
    const { context } = this.#options;
    const now = context.uptimeAt(time);
    this.#noChargeAfterError = now === 0 ? undefined : time + PAUSE_AFTER_ERROR_MS;
    const left = UPTIME_WRAP_MS - now;
    if (left < PAUSE_AFTER_ERROR_MS) context.alarm.wakeAt(time + left);
  }

  #refusesCharging(time: number): boolean {
    if (this.#waits(this.#noChargeAfterError, time)) return true;
    this.#noChargeAfterError = undefined;
    if (this.#waits(this.#noChargeAfterC, time)) return true;
    this.#noChargeAfterC = undefined;
    return false;
  }

  #waits(until: number | undefined, time: number): boolean {
    if (until === undefined || time >= until) return false;
    this.#options.context.alarm.wakeAt(until);
    return true;
  }
}
