import type { SlotChange } from '../api-types.js';
import type { InputLines } from '../world/input-lines.js';
import type { Flash } from './flash.js';
import type { Phases } from './phases.js';
import { GENERAL_PURPOSE_INPUT, SHUTDOWN_INPUT, type Slots, UNLIMITED_MA } from './slots.js';

// gpio_configuration.shutdown_input (controller-model-2 1.2).
const IGNORED = 0;
const SHUTDOWN_ON_OPEN = 1;
const SHUTDOWN_ON_CLOSE = 2;
const LIMIT_ON_OPEN = 3;
const LIMIT_ON_CLOSE = 4;
// 4.2 kW on three phases, and on one.
const LIMIT_MA = 6000;
const LIMIT_ONE_PHASE_MA = 18_000;

/** Currents in mA of gpio_configuration.input 1 to 8; 9 to 16 are the same with the input's sense turned round. */
const INPUT_MA: readonly number[] = [0, 6000, 8000, 10_000, 13_000, 16_000, 20_000, 25_000];
const FREE = { max_current: UNLIMITED_MA, active: true, clear_on_disconnect: false };
const OFF = { ...FREE, active: false };

interface InputParts {
  readonly slots: Slots;
  readonly phases: Phases;
}

/** The inputs of the board set two slots, and overwrite what others write to them (controller-model-2 1.2). */
export class Inputs {
  readonly #parts: InputParts;
  readonly #flash: Flash;
  readonly #lines: InputLines;
  /** This board has the general purpose input. */
  readonly #hasInput: boolean;

  constructor(parts: InputParts, flash: Flash, lines: InputLines, hasInput: boolean) {
    this.#parts = parts;
    this.#flash = flash;
    this.#lines = lines;
    this.#hasInput = hasInput;
  }

  /** After each evaluation; true if a slot changed. */
  run(): boolean {
    const { shutdown_input, input } = this.#flash.image.gpio_configuration;
    const shutdown = this.#write(SHUTDOWN_INPUT, this.#shutdownSlot(shutdown_input));
    return this.#write(GENERAL_PURPOSE_INPUT, this.#inputSlot(input)) || shutdown;
  }

  #shutdownSlot(configuration: number): Required<SlotChange> {
    const { shutdown } = this.#lines.state;
    const limit = this.#parts.phases.current === 1 ? LIMIT_ONE_PHASE_MA : LIMIT_MA;
    switch (configuration) {
      case IGNORED:
        return OFF;
      case SHUTDOWN_ON_OPEN:
        return shutdown === 'open' ? { ...FREE, max_current: 0 } : FREE;
      case SHUTDOWN_ON_CLOSE:
        return shutdown === 'closed' ? { ...FREE, max_current: 0 } : FREE;
      case LIMIT_ON_OPEN:
        return shutdown === 'open' ? { ...FREE, max_current: limit } : FREE;
      case LIMIT_ON_CLOSE:
        return shutdown === 'closed' ? { ...FREE, max_current: limit } : FREE;
      default:
        return FREE;
    }
  }

  #inputSlot(configuration: number): Required<SlotChange> {
    if (configuration === 0 || configuration > 2 * INPUT_MA.length) return OFF;
    const activeLow = configuration <= INPUT_MA.length;
    // Without such a pin the reading counts as low.
    const low = !this.#hasInput || this.#lines.state.gp === 'closed';
    if (low !== activeLow) return FREE;
    return { ...FREE, max_current: INPUT_MA[(configuration - 1) % INPUT_MA.length] ?? 0 };
  }

  #write(index: number, value: Required<SlotChange>): boolean {
    const { slots } = this.#parts;
    const now = slots.at(index);
    const same =
      now.max_current === value.max_current &&
      now.active === value.active &&
      now.clear_on_disconnect === value.clear_on_disconnect;
    if (!same) slots.write(index, value);
    return !same;
  }
}
