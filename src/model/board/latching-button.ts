import type { ButtonRules } from './assembly.js';
import type { Button } from './button.js';
import { LED_BLINKING, type Led } from './led.js';
import { MANUAL_RELEASE, type Slots, UNLIMITED_MA } from './slots.js';

interface BoardParts {
  readonly button: Button;
  readonly slots: Slots;
  readonly led: Led;
}

/** A button that stops a charge. A latch keeps it stopped until the vehicle is unplugged (controller-model 6). */
export class LatchingButton implements ButtonRules {
  /** Set by a press or a stop over the API, cleared in state A. */
  #stopLatch = false;
  readonly #parts: BoardParts;
  readonly #masksErrors: boolean;

  /** Q5, `masksErrors`: the held button darkens the LED during an error too, which hides the error. */
  constructor(parts: BoardParts, masksErrors: boolean) {
    this.#parts = parts;
    this.#masksErrors = masksErrors;
  }

  get pressed(): boolean {
    return this.#parts.button.accepted;
  }

  get guardsRelease(): boolean {
    return this.pressed;
  }

  accepted(time: number): void {
    const { slots, led } = this.#parts;
    if (this.pressed) {
      this.#stopLatch = true;
      slots.write(MANUAL_RELEASE, { max_current: 0 });
      return;
    }
    led.on(time);
    if (!this.#stopLatch) this.#release();
  }

  stopped(): void {
    this.#stopLatch = true;
  }

  evaluated(time: number): void {
    const { led } = this.#parts;
    if (this.pressed && (this.#masksErrors || led.state !== LED_BLINKING)) led.darken(time);
  }

  /** What state A does at every evaluation. */
  disconnected(): void {
    if (!this.#stopLatch) return;
    this.#stopLatch = false;
    if (!this.pressed) this.#release();
  }

  #release(): void {
    const { slots } = this.#parts;
    if (!slots.at(MANUAL_RELEASE).clear_on_disconnect) {
      slots.write(MANUAL_RELEASE, { max_current: UNLIMITED_MA });
    }
  }
}
