import type { ExternalDefaults } from '../api-types.js';
import type { Board } from '../board/board.js';
import { C, D } from '../board/iec61851.js';
import {
  AUTOMATION,
  CHARGE_MANAGER,
  EEBUS,
  EXTERNAL,
  GLOBAL,
  isCurrent,
  MANUAL_RELEASE,
  MODBUS_TCP,
  MODBUS_TCP_ENABLE,
  OCPP,
  P14A_ENWG,
  slot,
  UNLIMITED_MA,
} from '../board/slots.js';
import type { Snapshot } from '../board/snapshot.js';

/** What the settings of the API do to the charging slots and to their defaults (controller-model 10). */
export class SlotSettings {
  readonly #board: Board;
  readonly #lastPoll: Snapshot;

  constructor(board: Board, lastPoll: Snapshot) {
    this.#board = board;
    this.#lastPoll = lastPoll;
  }

  setExternalCurrent(current: number, time: number): void {
    this.#board.writeSlot(EXTERNAL, { max_current: current }, time);
  }

  setExternalClearOnDisconnect(clear_on_disconnect: boolean, time: number): void {
    this.#board.writeSlot(EXTERNAL, { clear_on_disconnect }, time);
  }

  /** Can't be switched off: false puts slot 8 and its default back (controller-model 10). */
  setExternalEnabled(enabled: boolean, time: number): void {
    if (!enabled) this.#board.writeSlotAndDefault(EXTERNAL, slot(UNLIMITED_MA, true, false), time);
  }

  setExternalDefaults({ current, clear_on_disconnect }: ExternalDefaults): void {
    if (isCurrent(current))
      this.#board.flash.writeSlotDefault(EXTERNAL, slot(current, true, clear_on_disconnect));
  }

  setManagementEnabled(enabled: boolean, time: number): void {
    if (this.#active(CHARGE_MANAGER) === enabled) return;
    const change = enabled ? slot(0, true, true) : slot(UNLIMITED_MA, false, false);
    this.#board.writeSlotAndDefault(CHARGE_MANAGER, change, time);
  }

  /** Every write acts, an equal one too (controller-model 6.4). */
  setAutoStartCharging(enabled: boolean, time: number): void {
    const board = this.#board;
    if (enabled) {
      board.writeSlotAndDefault(MANUAL_RELEASE, slot(UNLIMITED_MA, true, false), time);
      return;
    }
    const running = this.#lastPoll.iec61851State === C || this.#lastPoll.iec61851State === D;
    board.writeSlot(MANUAL_RELEASE, { clear_on_disconnect: true }, time);
    board.flash.writeSlotDefault(MANUAL_RELEASE, slot(0, true, true));
    // Written alone, because only that sets the stop latch (controller-model 6.4).
    if (!running) board.writeSlot(MANUAL_RELEASE, { max_current: 0 }, time);
  }

  setGlobalCurrent(current: number, time: number): void {
    if (!this.#board.writeSlot(GLOBAL, { max_current: current }, time)) return;
    this.#board.flash.writeSlotDefault(GLOBAL, slot(current, true, false));
  }

  setModbusTcpEnabled(enabled: boolean, time: number): void {
    if (this.#active(MODBUS_TCP) === enabled) return;
    this.#board.writeSlotAndDefault(MODBUS_TCP, slot(UNLIMITED_MA, enabled, false), time);
    this.#board.writeSlotAndDefault(MODBUS_TCP_ENABLE, slot(UNLIMITED_MA, enabled, false), time);
  }

  setOcppEnabled(enabled: boolean, time: number): void {
    this.#enable(OCPP, enabled, time);
  }

  /** Slots 15 and 16 (controller-model-2 1.1). */
  setEebusEnabled(enabled: boolean, time: number): void {
    this.#enable(EEBUS, enabled, time);
  }

  setP14aEnwgEnabled(enabled: boolean, time: number): void {
    this.#enable(P14A_ENWG, enabled, time);
  }

  /** Sets the current only; the slot is activated by an automation rule (controller-model 10). */
  setAutomationCurrent(current: number, time: number): void {
    this.#board.writeSlot(AUTOMATION, { max_current: current }, time);
  }

  #enable(index: number, enabled: boolean, time: number): void {
    if (this.#active(index) === enabled) return;
    this.#board.writeSlotAndDefault(index, slot(UNLIMITED_MA, enabled, false), time);
  }

  /** Whether the slot was active at the last poll. The firmware compares a new value with that (17, E2). */
  #active(index: number): boolean | undefined {
    return this.#lastPoll.slots[index]?.active;
  }
}
