import type { ButtonRules } from './assembly.js';
import type { Button } from './button.js';
import type { Flash } from './flash.js';
import { B, C, type Iec61851 } from './iec61851.js';
import type { Led } from './led.js';
import { MANUAL_RELEASE, type Slots, UNLIMITED_MA } from './slots.js';

/** Bits of button_configuration: what a press may do. 0 and 4 (charge mode) do nothing (controller-model-2 8.1). */
const STARTS = 1;
const STOPS = 2;
const CHARGE_MODE = 4;
const LARGEST_CONFIGURATION = 4;
/** Debouncing after a press of a button that may start and stop; ms. */
const LONG_DEBOUNCE_MS = 2000;

interface ButtonParts {
  readonly button: Button;
  readonly slots: Slots;
  readonly led: Led;
  readonly iec61851: Iec61851;
}

/** A button whose press does what is configured, if a vehicle is plugged in (controller-model-2 8.1). */
export class ConfiguredButton implements ButtonRules {
  readonly #parts: ButtonParts;
  readonly #flash: Flash;

  constructor(parts: ButtonParts, flash: Flash) {
    this.#parts = parts;
    this.#flash = flash;
  }

  get pressed(): boolean {
    return this.#parts.button.raw;
  }

  get guardsRelease(): boolean {
    return this.#parts.button.accepted && (this.#configuration & STOPS) !== 0;
  }

  /** False for a number that the board refuses. */
  configure(button_configuration: number): boolean {
    if (button_configuration > LARGEST_CONFIGURATION) return false;
    this.#flash.write({ button_configuration });
    return true;
  }

  accepted(time: number): void {
    const { button, led } = this.#parts;
    if (button.accepted) this.#press();
    else if (this.#configuration !== CHARGE_MODE) led.on(time);
  }

  stopped(): void {}

  evaluated(time: number): void {
    const { button, led, iec61851 } = this.#parts;
    // An error and the breathing are set anew in every turn, after the button has darkened the LED.
    if (button.accepted && !led.wasSet && iec61851.state !== C) led.darken(time);
  }

  get #configuration(): number {
    return this.#flash.image.button_configuration;
  }

  #press(): void {
    const { button, slots, iec61851 } = this.#parts;
    const stopped = slots.at(MANUAL_RELEASE).max_current === 0;
    const starts = this.#can(STARTS) && iec61851.state === B && stopped;
    const stops = this.#can(STOPS) && ((iec61851.state === B && !stopped) || iec61851.state === C);
    if (!starts && !stops) return;
    slots.write(MANUAL_RELEASE, { max_current: starts ? UNLIMITED_MA : 0 });
    if (this.#configuration === STARTS + STOPS) button.debounce = LONG_DEBOUNCE_MS;
  }

  #can(what: number): boolean {
    return this.#configuration < CHARGE_MODE && (this.#configuration & what) !== 0;
  }
}
