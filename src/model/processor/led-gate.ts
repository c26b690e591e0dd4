import type { IndicatorLed } from '../api-types.js';
import type { Board } from '../board/board.js';
import { HAND_BACK, LED_BLINKING, type LedColour, NO_COLOUR } from '../board/led.js';

// Ranges of indications: up to 255 brightness, up to 1003 patterns for tags, from 2001 errors (controller-model 7.2).
const LAST_DIMMED = 255;
const LAST_TAG_PATTERN = 1003;
const FIRST_ERROR_CODE = 2001;

interface Accepted {
  readonly internal: boolean;
  readonly indication: number;
  readonly until: number;
}

/** Decides whether the API or the charger itself (a prompt for a tag, …) may set the LED (controller-model 7.3). */
export class LedGate {
  #last: Accepted = { internal: false, indication: HAND_BACK, until: 0 };
  readonly #board: Board;

  constructor(board: Board) {
    this.#board = board;
  }

  /** A write over the API; `allowed` is led_configuration.enable_api. */
  api({ indication, duration, ...colour }: IndicatorLed, allowed: boolean, time: number): void {
    const last = this.#last;
    const errorShown = last.internal && last.indication >= FIRST_ERROR_CODE && time < last.until;
    if (!allowed || errorShown) return;
    if (this.#yields(indication, time)) this.#send(false, indication, duration, colour, time);
  }

  /** An indication of the charger itself. */
  internal(
    indication: number,
    duration: number,
    apiAllowed: boolean,
    time: number,
    colour: LedColour = NO_COLOUR,
  ): void {
    const errorShown = this.#board.led.state === LED_BLINKING;
    if (apiAllowed && (indication < FIRST_ERROR_CODE || errorShown)) return;
    if (this.#yields(indication, time)) this.#send(true, indication, duration, colour, time);
  }

  /** Whether this indication may replace the last one. */
  #yields(indication: number, time: number): boolean {
    const last = this.#last;
    if (!last.internal || time >= last.until) return true;
    if (indication >= FIRST_ERROR_CODE || last.indication <= LAST_DIMMED) return true;
    if (last.indication > LAST_TAG_PATTERN || indication <= LAST_DIMMED) return false;
    // Among the patterns for tags, a lower number has priority.
    return indication <= last.indication;
  }

  #send(internal: boolean, indication: number, duration: number, colour: LedColour, time: number): void {
    if (!this.#board.indicate(indication, duration, colour, time)) return;
    this.#last = { internal, indication, until: time + duration };
  }
}
