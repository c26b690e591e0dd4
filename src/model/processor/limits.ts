import type { CurrentCharge } from '../api-types.js';
import type { Board } from '../board/board.js';
import { CHARGE_LIMITS, CHARGE_MANAGER, REQUIRE_METER, slot, UNLIMITED } from '../board/slots.js';

const WATCHDOG = 30_000;
const METER_CHECK_AFTER = 6000;
const METER_GRACE = 90_000;

/** Load management: without news from the manager the current goes to 0 (controller-model 1.4). */
export class ManagerWatchdog {
  #heardAt: number;
  readonly #board: Board;

  constructor(board: Board, time: number) {
    this.#board = board;
    this.#heardAt = time;
  }

  heard(time: number): void {
    this.#heardAt = time;
  }

  second(time: number): void {
    const silent = time - this.#heardAt;
    if (!this.#board.slots.at(CHARGE_MANAGER).active) {
      if (silent >= WATCHDOG) this.#heardAt = time;
    } else if (silent > WATCHDOG) {
      this.#board.writeSlot(CHARGE_MANAGER, { max_current: 0 }, time);
    }
  }
}

/** Writes 32000 or 0 to a slot of its own, when its mind changes. */
class Barrier {
  #blocks: boolean | undefined;
  readonly #board: Board;
  readonly #index: number;

  constructor(board: Board, index: number) {
    this.#board = board;
    this.#index = index;
  }

  set(blocks: boolean, time: number): void {
    if (blocks === this.#blocks) return;
    this.#blocks = blocks;
    this.#board.writeSlot(this.#index, { max_current: blocks ? 0 : UNLIMITED }, time);
  }
}

/** Ends a charge after a time or an amount of energy: slot 12 (controller-model 1.4). */
export class ChargeLimiter {
  readonly #board: Board;
  readonly #barrier: Barrier;

  constructor(board: Board, time: number) {
    this.#board = board;
    this.#barrier = new Barrier(board, CHARGE_LIMITS);
    board.writeSlot(CHARGE_LIMITS, slot(UNLIMITED, true, false), time);
    this.#barrier.set(false, time);
  }

  /** `uptime` in ms, `energy` in kWh (null without a meter), `charge` undefined while none is recorded. */
  second(charge: CurrentCharge | undefined, uptime: number, energy: number | null, time: number): void {
    this.#barrier.set(charge !== undefined && this.#reached(charge, uptime, energy), time);
  }

  #reached(charge: CurrentCharge, uptime: number, energy: number | null): boolean {
    const limits = this.#board.flash.image.charge_limits;
    if (limits.duration > 0 && (uptime - charge.evse_uptime_start) >>> 0 >= limits.duration) return true;
    if (limits.energy === 0 || energy === null || charge.meter_start === null) return false;
    return (energy - charge.meter_start) * 1000 >= limits.energy;
  }
}

/** Blocks charging while the meter is silent: slot 13 (controller-model 1.1, 1.4). */
export class MeterGuard {
  readonly #board: Board;
  readonly #boot: number;
  #barrier: Barrier;

  constructor(board: Board, time: number) {
    this.#board = board;
    this.#boot = time;
    this.#barrier = new Barrier(board, REQUIRE_METER);
    const enabled = board.flash.image.require_meter;
    const changed = board.flash.writeSlotDefault(REQUIRE_METER, slot(0, enabled, false));
    if (enabled && changed) board.writeSlot(REQUIRE_METER, slot(UNLIMITED, true, false), time);
  }

  enable(enabled: boolean, time: number): void {
    if (this.#board.flash.image.require_meter === enabled) return;
    this.#board.flash.write({ require_meter: enabled });
    this.#board.flash.writeSlotDefault(REQUIRE_METER, slot(0, enabled, false));
    this.#board.writeSlot(REQUIRE_METER, slot(UNLIMITED, enabled, false), time);
    this.#barrier = new Barrier(this.#board, REQUIRE_METER);
  }

  second(meterAlive: boolean, time: number): void {
    if (!this.#board.flash.image.require_meter || time - this.#boot < METER_CHECK_AFTER) return;
    const blocking = this.#board.slots.at(REQUIRE_METER).max_current === 0;
    const patient = !blocking && time - this.#boot < METER_GRACE;
    if (meterAlive || !patient) this.#barrier.set(!meterAlive, time);
  }
}
