import type { IndicatorLed } from '../api-types.js';

/** Hue in degrees, saturation and value 0 to 255. */
export type LedColour = Pick<IndicatorLed, 'color_h' | 'color_s' | 'color_v'>;

/** The controller chooses the colour. */
export const NO_COLOUR: LedColour = { color_h: 0, color_s: 0, color_v: 0 };

/** led_state (controller-model 7.1). */
const LED_OFF = 0;
export const LED_ON = 1;
export const LED_BLINKING = 2;
export const LED_FLICKERING = 3;
export const LED_BREATHING = 4;
export const LED_API = 5;

/** Indication that gives the LED back to the controller (controller-model 7.2). */
export const HAND_BACK = -1;
/** The LED goes dark this time after it went on (controller-model 7.1). */
const STANDBY_MS = 15 * 60_000;
const NEVER = Number.POSITIVE_INFINITY;

/** Whether the controller knows an indication (controller-model 7.2). */
export function isIndication(value: number): boolean {
  return (
    Number.isInteger(value) &&
    ((value >= HAND_BACK && value <= 255) ||
      (value >= 1001 && value <= 1003) ||
      (value >= 2001 && value <= 2010))
  );
}

/** The LED in the button. An error comes first, then an indication of the API, then the controller's own pattern. */
export class Led {
  state = LED_FLICKERING;
  /** Number of blinks of the error shown; only has a meaning while blinking. */
  blinks = 0;
  /** When the present pattern began. */
  since: number;
  #standbyAt = NEVER;
  #indication = HAND_BACK;
  #indicationEnd = 0;
  #colour: LedColour = NO_COLOUR;
  /** Whether the present evaluation shows an error. */
  wasSet = false;
  readonly #staleIndication: boolean;
  readonly #keepsColours: boolean;

  /** `staleIndication` is quirk Q1; `keepsColours`: a written colour is read back, even if the LED does not show it. */
  constructor(time: number, staleIndication: boolean, keepsColours: boolean) {
    this.since = time;
    this.#staleIndication = staleIndication;
    this.#keepsColours = keepsColours;
  }

  get dueAt(): number {
    if (this.state === LED_API) return this.#indicationEnd;
    return this.state === LED_ON ? this.#standbyAt : NEVER;
  }

  /** error_state: the blink count, as the controller reports it (controller-model 4). */
  get error(): number {
    return this.state === LED_BLINKING ? this.blinks : 0;
  }

  /** The indication of the API that is shown last (quirk Q1), or HAND_BACK. */
  get indication(): number {
    return this.#indication;
  }

  /** `evse/indicator_led`. */
  read(time: number): IndicatorLed {
    const left = this.#indication === HAND_BACK ? 0 : Math.max(0, Math.ceil(this.#indicationEnd - time));
    return { indication: this.#indication, duration: left, ...this.#colour };
  }

  /** Steady light and a fresh standby time; an API indication stays. */
  on(time: number): void {
    if (this.state === LED_API) return;
    this.#show(LED_ON, time);
    this.#standbyAt = time + STANDBY_MS;
  }

  breathe(time: number): void {
    if (this.state !== LED_API) this.#show(LED_BREATHING, time);
  }

  /** Shows an error, which ends an API indication for good. */
  blink(blinks: number, time: number): void {
    if (blinks !== this.blinks) this.since = time;
    this.blinks = blinks;
    this.wasSet = true;
    // An old indication that quirk Q1 left readable stays readable.
    if (this.state === LED_API) this.#indication = HAND_BACK;
    this.#show(LED_BLINKING, time);
  }

  /** Dark while the button is held, unless under API control. */
  darken(time: number): void {
    if (this.state !== LED_API) this.#show(LED_OFF, time);
  }

  /** An indication of the network processor, `duration` in ms; false if the controller refuses it. */
  indicate(indication: number, duration: number, colour: LedColour, time: number): boolean {
    if (!isIndication(indication)) return false;
    if (this.#keepsColours) this.#colour = colour;
    if (this.state === LED_BLINKING || this.state === LED_FLICKERING) return false;
    if (indication === HAND_BACK) {
      this.#handBack(time);
      return true;
    }
    if (this.state !== LED_API || indication !== this.#indication) this.since = time;
    this.state = LED_API;
    this.#indication = indication;
    this.#indicationEnd = time + duration;
    return true;
  }

  /** Ends an indication or the steady light whose time is over. */
  expire(time: number): void {
    if (this.state === LED_API) {
      this.#indication = HAND_BACK;
      this.#leaveApi(time);
    } else {
      this.#show(LED_OFF, time);
    }
  }

  #handBack(time: number): void {
    if (this.state !== LED_API) return;
    if (!this.#staleIndication) this.#indication = HAND_BACK;
    this.#leaveApi(time);
  }

  #leaveApi(time: number): void {
    this.state = LED_ON;
    this.since = time;
    this.#standbyAt = time + STANDBY_MS;
  }

  #show(state: number, time: number): void {
    if (state === this.state) return;
    this.state = state;
    this.since = time;
  }
}
