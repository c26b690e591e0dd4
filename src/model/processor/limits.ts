import type { CurrentCharge } from '../api-types.js';
import type { Board } from '../board/board.js';
import { CHARGE_LIMITS, CHARGE_MANAGER, REQUIRE_METER, slot, UNLIMITED_MA } from '../board/slots.js';

// controller-model 1.1 and 1.4.
const WATCHDOG_MS = 30_000;
const METER_CHECK_AFTER_MS = 6000;
const METER_GRACE_MS = 90_000;
// Values of require_meter in the flash; the third one, 1, means that no meter is required.
const UNDECIDED = 0;
const REQUIRED = 2;

/** Sets the current of load management to 0 if its manager is silent (controller-model 1.4). */
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
      if (silent >= WATCHDOG_MS) this.#heardAt = time;
    } else if (silent > WATCHDOG_MS) {
      this.#board.writeSlot(CHARGE_MANAGER, { max_current: 0 }, time);
    }
  }
}

/** Writes 32000 or 0 to a slot of its own; only changes are written. */
class SlotGate {
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
    this.#board.writeSlot(this.#index, { max_current: blocks ? 0 : UNLIMITED_MA }, time);
  }
}

/** Ends a charge after a time or an amount of energy: slot 12 (controller-model 1.4). */
export class ChargeLimiter {
  readonly #board: Board;
  readonly #gate: SlotGate;

  constructor(board: Board, time: number) {
    this.#board = board;
    this.#gate = new SlotGate(board, CHARGE_LIMITS);
    board.writeSlot(CHARGE_LIMITS, slot(UNLIMITED_MA, true, false), time);
    this.#gate.set(false, time);
  }

  /** `uptime` in ms, `energy` in kWh (null without a meter), `charge` undefined while none is recorded. */
  second(charge: CurrentCharge | undefined, uptime: number, energy: number | null, time: number): void {
    this.#gate.set(charge !== undefined && this.#reached(charge, uptime, energy), time);
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
  #gate: SlotGate;

  constructor(board: Board, time: number) {
    this.#board = board;
    this.#boot = time;
    this.#gate = new SlotGate(board, REQUIRE_METER);
    const enabled = this.#enabled;
    const changed = board.flash.writeSlotDefault(REQUIRE_METER, slot(0, enabled, false));
    if (enabled && changed) board.writeSlot(REQUIRE_METER, slot(UNLIMITED_MA, true, false), time);
  }

  get #enabled(): boolean {
    return this.#board.flash.image.require_meter === REQUIRED;
  }

  /** A charger that sees a meter for the first time requires it from then on. */
  second(meterAlive: boolean, time: number): void {
    if (meterAlive && this.#board.flash.image.require_meter === UNDECIDED) this.#require(time);
    if (!this.#enabled || time - this.#boot < METER_CHECK_AFTER_MS) return;
    const blocking = this.#board.slots.at(REQUIRE_METER).max_current === 0;
    const patient = !blocking && time - this.#boot < METER_GRACE_MS;
    if (meterAlive || !patient) this.#gate.set(!meterAlive, time);
  }

  #require(time: number): void {
    this.#board.flash.write({ require_meter: REQUIRED });
    this.#board.flash.writeSlotDefault(REQUIRE_METER, slot(0, true, false));
    this.#board.writeSlot(REQUIRE_METER, slot(UNLIMITED_MA, true, false), time);
    this.#gate = new SlotGate(this.#board, REQUIRE_METER);
  }
}
