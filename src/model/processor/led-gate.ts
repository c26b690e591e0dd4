import type { Board } from '../board/board.js';
import { HAND_BACK, LED_BLINKING } from '../board/led.js';

const PWM_MOST = 255;
const LAST_NFC = 1003;
const FIRST_ERROR = 2001;

interface Accepted {
  readonly internal: boolean;
  readonly indication: number;
  readonly until: number;
}

/** Who may set the LED: the API, or users inside the charger such as the prompt for a tag (controller-model 7.3). */
export class LedGate {
  #last: Accepted = { internal: false, indication: HAND_BACK, until: 0 };
  readonly #board: Board;

  constructor(board: Board) {
    this.#board = board;
  }

  /** A write over the API; `allowed` is led_configuration.enable_api. */
  api(indication: number, duration: number, allowed: boolean, time: number): void {
    const last = this.#last;
    const errorShown = last.internal && last.indication >= FIRST_ERROR && time < last.until;
    if (!allowed || errorShown) return;
    if (this.#yields(indication, time)) this.#send(false, indication, duration, time);
  }

  /** An indication of the charger itself. */
  internal(indication: number, duration: number, apiAllowed: boolean, time: number): void {
    const errorShown = this.#board.led.state === LED_BLINKING;
    if (apiAllowed && (indication < FIRST_ERROR || errorShown)) return;
    if (this.#yields(indication, time)) this.#send(true, indication, duration, time);
  }

  /** Whether the last indication leaves room for this one. */
  #yields(indication: number, time: number): boolean {
    const last = this.#last;
    if (!last.internal || time >= last.until) return true;
    if (indication >= FIRST_ERROR || last.indication <= PWM_MOST) return true;
    if (last.indication > LAST_NFC || indication <= PWM_MOST) return false;
    // Of the tag patterns a lower number is the more important one.
    return indication <= last.indication;
  }

  #send(internal: boolean, indication: number, duration: number, time: number): void {
    if (!this.#board.indicate(indication, duration, time)) return;
    this.#last = { internal, indication, until: time + duration };
  }
}
