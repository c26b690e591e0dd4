import type { Board } from '../board/board.js';
import { P14A_ENWG, slot, UNLIMITED_MA } from '../board/slots.js';

// gpio_configuration.shutdown_input of a board that limits itself (controller-model-2 1.2).
const LIMIT_ON_OPEN = 3;
const LIMIT_ON_CLOSE = 4;
const IGNORED = 0;

const LIMIT_MW = 4_200_000;
const MAINS_V = 230;
const LEAST_MA = 6000;

/** The grid operator may limit the charger to 4.2 kW by its shutdown input (§14a EnWG, controller-model-2 1.3). */
export class GridLimit {
  readonly #board: Board;

  /** At boot it takes a limiting shutdown input over from the board. */
  constructor(board: Board, time: number) {
    this.#board = board;
    const { gpio_configuration } = board.flash.image;
    const { shutdown_input } = gpio_configuration;
    if (shutdown_input !== LIMIT_ON_OPEN && shutdown_input !== LIMIT_ON_CLOSE) return;
    board.flash.write({ p14a_enwg: { enabled: true, on_close: shutdown_input === LIMIT_ON_CLOSE } });
    board.writeSlotAndDefault(P14A_ENWG, slot(UNLIMITED_MA, true, false), time);
    board.setGpioConfiguration({ ...gpio_configuration, shutdown_input: IGNORED }, time);
  }

  /** p14a_enwg/state. */
  get state(): { readonly active: boolean; readonly limit_w: number } {
    return { active: this.#isLimited, limit_w: this.#isLimited ? LIMIT_MW / 1000 : 0 };
  }

  second(time: number): void {
    if (!this.#board.flash.image.p14a_enwg.enabled) return;
    const phases = this.#board.abilities?.phases.current ?? 1;
    const limit = Math.min(UNLIMITED_MA, Math.max(LEAST_MA, Math.floor(LIMIT_MW / MAINS_V / phases)));
    const max_current = this.#isLimited ? limit : UNLIMITED_MA;
    if (this.#board.slots.at(P14A_ENWG).max_current === max_current) return;
    this.#board.writeSlot(P14A_ENWG, { max_current }, time);
  }

  get #isLimited(): boolean {
    const { enabled, on_close } = this.#board.flash.image.p14a_enwg;
    const closed = this.#board.around.inputs.state.shutdown === 'closed';
    return enabled && closed === on_close;
  }
}
