import type { Quirks } from '../quirks.js';
import type { Button } from './button.js';
import type { ChargingTime } from './charging-time.js';
import { NO_PWM_PERMILLE } from './circuit.js';
import type { Contactor } from './contactor.js';
import type { Led } from './led.js';
import { dutyFor, type Pilot } from './pilot.js';
import { MANUAL_RELEASE, type Slots, UNLIMITED_MA } from './slots.js';

/** iec61851_state. */
export const A = 0;
export const B = 1;
export const C = 2;
export const D = 3;
export const EF = 4;

// Upper ends of the bands of controller-model 2.1, in ohms.
const A_ABOVE_OHM = 10_000;
const GUARD_ABOVE_OHM = 30_000;
const B_ABOVE_OHM = 1790;
const C_ABOVE_OHM = 300;
const D_ABOVE_OHM = 150;

// controller-model 2.2 row 4, 2.4 and 2.3.
const GUARD_MS = 2500;
const OPENING_MS = 3000;
const PAUSE_AFTER_C_MS = 5000;
const PAUSE_AFTER_ERROR_MS = 30_000;

// Blink counts that are error codes (controller-model 4).
const SWITCH_ERROR = 2;
const CONTACTOR_ERROR = 4;
const COMMUNICATION_ERROR = 5;

/** This jumper setting and the next make charging impossible (controller-model 1.2). */
const SOFTWARE_JUMPER = 7;
/** Where the uptime counter starts anew. */
const UPTIME_WRAP_MS = 2 ** 32;
const NEVER = Number.POSITIVE_INFINITY;

export interface Organs {
  readonly pilot: Pilot;
  readonly contactor: Contactor;
  readonly slots: Slots;
  readonly button: Button;
  readonly led: Led;
  readonly chargingTime: ChargingTime;
  /** ms since power-on, modulo 2^32. */
  uptime(time: number): number;
}

/** The state machine of IEC 61851: from the measured resistance to state, PWM and contactor (controller-model 2). */
export class Iec61851 {
  state = A;
  changedAt: number;
  #dueAt: number;
  #started = false;
  #guardEnds: number | undefined;
  #openingEnds: number | undefined;
  #noChargeAfterC: number | undefined;
  #noChargeAfterError: number | undefined;
  #faultBeganInA = false;
  readonly #evaluationStart: number;
  readonly #jumper: number;
  readonly #quirks: Quirks;
  readonly #organs: Organs;

  /** `start` is when the board's program begins, `evaluationStart` the end of the boot phase; ms. */
  constructor(start: number, evaluationStart: number, jumper: number, quirks: Quirks, organs: Organs) {
    this.changedAt = start;
    this.#evaluationStart = evaluationStart;
    this.#dueAt = evaluationStart;
    this.#jumper = jumper;
    this.#quirks = quirks;
    this.#organs = organs;
  }

  /** When a timer of this machine runs out without any new measurement. */
  get dueAt(): number {
    // While blanked nothing is decided; the next sample ends that.
    return this.#organs.pilot.blanked ? this.#dueAt : Math.min(this.#dueAt, this.#organs.chargingTime.dueAt);
  }

  /** One evaluation (controller-model 2.2); the first rule that applies wins. */
  step(time: number): void {
    if (time < this.#evaluationStart) return;
    this.#dueAt = NEVER;
    const { contactor, led, pilot, chargingTime } = this.#organs;
    if (pilot.resistance > A_ABOVE_OHM) chargingTime.reset();
    if (!this.#started) {
      this.#started = true;
      led.on(time);
    }
    if (contactor.error !== 0) this.#fault(EF, CONTACTOR_ERROR, time);
    else if (this.#jumper >= SOFTWARE_JUMPER) this.#fault(EF, SWITCH_ERROR, time);
    else if (pilot.blanked) return;
    else this.#follow(time);
    this.#output(time);
  }

  #follow(time: number): void {
    const { contactor, pilot } = this.#organs;
    const resistance = pilot.resistance;
    // Guard mode ("ID.3"): some vehicles let go of the pilot for a moment while PWM is on.
    const guarded = !contactor.closed && pilot.duty !== NO_PWM_PERMILLE;
    if (!guarded) this.#guardEnds = undefined;
    if (guarded && resistance > GUARD_ABOVE_OHM) {
      this.#guardEnds ??= time + GUARD_MS;
      if (time >= this.#guardEnds) this.#enter(A, time);
      else this.#wakeAt(this.#guardEnds);
      return;
    }
    if (!this.#quirks.stickyGuard) this.#guardEnds = undefined;
    if (resistance > A_ABOVE_OHM && !guarded && !contactor.closed) this.#enter(A, time);
    else if (resistance > B_ABOVE_OHM) this.#enter(B, time);
    else if (this.#onlyPassing()) return;
    else if (resistance > C_ABOVE_OHM) this.#enter(this.#organs.slots.allowed > 0 ? C : B, time);
    else if (resistance > D_ABOVE_OHM) this.#fault(D, COMMUNICATION_ERROR, time);
    else this.#fault(EF, COMMUNICATION_ERROR, time);
  }

  /** Q4 left out: the mean is on its way through a band that the newest sample is not in. */
  #onlyPassing(): boolean {
    const { pilot } = this.#organs;
    return !this.#quirks.passingBands && band(pilot.newest) !== band(pilot.resistance);
  }

  #fault(state: number, blinks: number, time: number): void {
    this.#organs.led.blink(blinks, time);
    this.#enter(state, time);
  }

  /** The transition filter (controller-model 2.3): a change is accepted, or refused for a while. */
  #enter(state: number, time: number): void {
    const from = this.state;
    if (state === from) return;
    if (from === D) this.#noChargeAfterError ??= time + PAUSE_AFTER_ERROR_MS;
    if (from === EF) this.#rememberError(time);
    if (state === C && this.#refusesCharging(time)) return;
    if (from === C) this.#noChargeAfterC = time + PAUSE_AFTER_C_MS;
    if (state === A || state === B) this.#organs.led.on(time);
    if (state === A && !(this.#faultBeganInA && !this.#quirks.errorClearsSlots)) {
      this.#organs.slots.clearOnDisconnect();
    }
    this.#faultBeganInA = from === A && state === EF;
    this.state = state;
    this.changedAt = time;
  }

  /** The firmware keeps the uptime of an error and takes 0, which the counter passes once in 49.7 days, for none. */
  #rememberError(time: number): void {
    const uptime = this.#organs.uptime(time);
    this.#noChargeAfterError = uptime === 0 ? undefined : time + PAUSE_AFTER_ERROR_MS;
    const wrap = time + UPTIME_WRAP_MS - uptime;
    if (wrap < time + PAUSE_AFTER_ERROR_MS) this.#wakeAt(wrap);
  }

  #refusesCharging(time: number): boolean {
    if (this.#noChargeAfterError !== undefined) {
      if (time < this.#noChargeAfterError) {
        this.#wakeAt(this.#noChargeAfterError);
        return true;
      }
      this.#noChargeAfterError = undefined;
    }
    if (this.#noChargeAfterC !== undefined) {
      if (time < this.#noChargeAfterC) {
        this.#wakeAt(this.#noChargeAfterC);
        return true;
      }
      this.#noChargeAfterC = undefined;
    }
    return false;
  }

  /** PWM and contactor of the present state (controller-model 2.4). */
  #output(time: number): void {
    const { pilot, contactor, slots, led, chargingTime } = this.#organs;
    switch (this.state) {
      case A:
        this.#signal(NO_PWM_PERMILLE);
        this.#open(time);
        this.#releaseStopLatch();
        chargingTime.notConnected();
        break;
      case B: {
        const released = slots.allowed > 0;
        this.#signal(released ? dutyFor(slots.allowed, contactor.closed) : NO_PWM_PERMILLE);
        this.#open(time);
        if (!released && pilot.resistance <= B_ABOVE_OHM) chargingTime.reset();
        chargingTime.waiting(released, time);
        break;
      }
      case C:
        this.#signal(dutyFor(slots.allowed, contactor.closed));
        this.#switch(true, time);
        led.breathe(time);
        chargingTime.charging(time);
        break;
      default:
        this.#signal(NO_PWM_PERMILLE);
        this.#open(time);
        chargingTime.faulty();
    }
  }

  #signal(duty: number): void {
    const { pilot, chargingTime } = this.#organs;
    if (pilot.duty === NO_PWM_PERMILLE && duty !== NO_PWM_PERMILLE) chargingTime.reset();
    pilot.setDuty(duty);
  }

  /** Opens; with the PWM just taken away a vehicle that still draws current gets 3 s to stop. */
  #open(time: number): void {
    const { pilot, contactor } = this.#organs;
    if (!contactor.closed) return;
    if (pilot.duty === NO_PWM_PERMILLE) {
      if (pilot.resistance <= B_ABOVE_OHM) {
        this.#openingEnds ??= time + OPENING_MS;
        if (time < this.#openingEnds) {
          this.#wakeAt(this.#openingEnds);
          return;
        }
      }
      this.#openingEnds = undefined;
    } else if (!this.#quirks.staleOpeningTimer) this.#openingEnds = undefined;
    this.#switch(false, time);
  }

  #switch(closed: boolean, time: number): void {
    const { pilot, contactor } = this.#organs;
    if (contactor.closed === closed) return;
    contactor.command(closed, time);
    pilot.contactorSwitched(time, closed);
  }

  #releaseStopLatch(): void {
    const { button, slots } = this.#organs;
    if (!button.stopLatch) return;
    button.stopLatch = false;
    if (!button.pressed && !slots.at(MANUAL_RELEASE).clear_on_disconnect) {
      slots.write(MANUAL_RELEASE, { max_current: UNLIMITED_MA });
    }
  }

  #wakeAt(time: number): void {
    if (time < this.#dueAt) this.#dueAt = time;
  }
}

function band(resistance: number): number {
  if (resistance > B_ABOVE_OHM) return B;
  if (resistance > C_ABOVE_OHM) return C;
  return resistance > D_ABOVE_OHM ? D : EF;
}
