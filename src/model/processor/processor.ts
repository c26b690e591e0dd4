import type { CurrentCharge, IndicatorLed, SlotChange } from '../api-types.js';
import type { Board } from '../board/board.js';
import { A, B } from '../board/iec61851.js';
import { CHARGE_MANAGER, EXTERNAL, GLOBAL, MANUAL_RELEASE, slot, USER } from '../board/slots.js';
import { Snapshot } from '../board/snapshot.js';
import type { GenerationModel } from '../generation.js';
import type { Meter } from '../world/energy-meter.js';
import { GridLimit } from './grid-limit.js';
import { LedGate } from './led-gate.js';
import { ChargeLimiter, ManagerWatchdog, MeterGuard } from './limits.js';
import { PhaseRequests } from './phase-requests.js';
import { SlotSettings } from './slot-settings.js';
import { TAG_SHOWN_MS, Tags } from './tags.js';
import { Users } from './users.js';

// controller-model 11.
const POLL_PERIOD_MS = 250;
const SECOND_MS = 1000;
/** The one meter there is. */
const METER_SLOT = 0;

// Indications of the network processor itself (controller-model 7.3).
const PROMPT = 1003;
const PROMPT_MS = 2000;
const RESTARTED = 2005;
const RESTARTED_MS = 3000;
const DEFAULT_CHARGE_MODE = 4;
/** Yellow. */
const RESTARTED_COLOUR = { color_h: 60, color_s: 255, color_v: 255 };
const RESTART_NOTICED_AFTER_MS = 10_000;

/** One life of the network processor: polls the board, runs the logic around it and gates the API's writes. */
export class ModelProcessor {
  /** What the API shows: the last poll. */
  readonly lastPoll = new Snapshot();
  /** What the settings do to the slots. */
  readonly settings: SlotSettings;
  readonly users: Users;
  readonly meterGuard: MeterGuard;
  readonly phaseRequests: PhaseRequests;
  readonly gridLimit: GridLimit | undefined;
  readonly tags: Tags;
  /** evse/charge_mode: 4 is the default of whoever manages the charger. */
  chargeMode = DEFAULT_CHARGE_MODE;
  readonly #board: Board;
  readonly #meter: Meter;
  readonly #gate: LedGate;
  readonly #watchdog: ManagerWatchdog;
  readonly #limiter: ChargeLimiter;
  /** The meter slot at boot: a new one is used after the next boot only. */
  readonly #meterSlot: number;
  #polls = 0;
  #pollAt: number;
  #secondAt: number;

  /** Boots at `time`: corrects the slots that it is responsible for (controller-model 9), and polls at once. */
  constructor(board: Board, meter: Meter, generation: GenerationModel, time: number) {
    this.#board = board;
    this.#meter = meter;
    this.#meterSlot = board.flash.image.meter_slot;
    this.#pollAt = time;
    this.#secondAt = time + SECOND_MS;
    this.#gate = new LedGate(board);
    this.#watchdog = new ManagerWatchdog(board, time);
    this.settings = new SlotSettings(board, this.lastPoll);
    this.users = new Users(board);
    board.writeSlot(GLOBAL, { active: true }, time);
    board.writeSlot(EXTERNAL, { active: true }, time);
    for (const index of generation.unusedSlots) board.writeSlot(index, { active: false }, time);
    for (const index of [USER, CHARGE_MANAGER]) this.#assertBlocked(index, time);
    this.gridLimit = generation.hasGridLimit ? new GridLimit(board, time) : undefined;
    const managed = board.slots.at(CHARGE_MANAGER).active;
    const threePhases = board.abilities?.phases.connected === 3;
    this.phaseRequests = new PhaseRequests(board, generation.switchesPhases && threePhases && !managed);
    this.tags = new Tags(board, this.users, {
      indicate: (indication, at) => this.#gate.internal(indication, TAG_SHOWN_MS, this.#apiAllowed, at),
    });
    this.#limiter = new ChargeLimiter(board, time);
    this.meterGuard = new MeterGuard(board, time);
    if (board.uptimeAt(time) > RESTART_NOTICED_AFTER_MS) {
      this.#gate.internal(RESTARTED, RESTARTED_MS, this.#apiAllowed, time, RESTARTED_COLOUR);
    }
    this.run(time);
  }

  get dueAt(): number {
    return Math.min(this.#pollAt, this.#secondAt, this.tags.dueAt);
  }

  get polls(): number {
    return this.#polls;
  }

  get currentCharge(): CurrentCharge {
    return this.users.charge;
  }

  /** Does what is due at `time`. */
  run(time: number): void {
    if (this.tags.dueAt <= time) this.tags.run(this.lastPoll, time);
    if (this.#pollAt <= time) {
      this.#pollAt = time + POLL_PERIOD_MS;
      this.#meter.poll(time);
      this.#board.heard(time);
      this.lastPoll.capture(this.#board, time);
      this.#polls++;
    }
    if (this.#secondAt <= time) {
      this.#secondAt = time + SECOND_MS;
      this.#second(time);
    }
  }

  /** Ignored with load management, which uses the control pilot itself (controller-model-2 2.9). */
  setPilotDisconnect(disconnect: boolean, time: number): void {
    if (this.isManaged) return;
    this.#board.abilities?.setPilotDisconnect(disconnect, time);
    this.#board.settle(time);
  }

  /** Only without a vehicle, by the last poll (controller-model-2 7.3). */
  triggerDcTest(time: number): void {
    if (this.lastPoll.iec61851State !== A) return;
    this.#board.abilities?.triggerDcTest();
    this.#board.settle(time);
  }

  resetDcFault(password: number, time: number): void {
    this.#board.abilities?.resetDcFault(password, time);
    this.#board.settle(time);
  }

  /** management_enabled. */
  get isManaged(): boolean {
    return this.#board.slots.at(CHARGE_MANAGER).active;
  }

  /** Sets the manual release. Ignored in state A, by the last poll (controller-model 6.3). */
  release(current: 0 | 32_000, time: number): void {
    if (this.lastPoll.iec61851State !== 0)
      this.#board.writeSlot(MANUAL_RELEASE, { max_current: current }, time);
  }

  indicate(led: IndicatorLed, time: number): void {
    this.#gate.api(led, this.#apiAllowed, time);
  }

  /** A write of anybody else to slots 2..14. One to the slot of load management resets its watchdog. */
  writeSlot(index: number, change: SlotChange, time: number): void {
    if (index === CHARGE_MANAGER) this.#watchdog.heard(time);
    // These two are never off (controller-model 13.11 and 13.17).
    const fixed = index === MANUAL_RELEASE || index === EXTERNAL;
    this.#board.writeSlot(index, fixed ? { ...change, active: true } : change, time);
  }

  get #apiAllowed(): boolean {
    return this.#board.flash.image.enable_api;
  }

  /** Users and load management start blocked. If the default had to be changed for that, so is the slot itself. */
  #assertBlocked(index: number, time: number): void {
    const blocked = slot(0, this.#board.flash.slotDefault(index).active, true);
    if (this.#board.flash.writeSlotDefault(index, blocked)) this.#board.writeSlot(index, blocked, time);
  }

  #second(time: number): void {
    const meterAlive = this.#meterSlot === METER_SLOT;
    const energy = meterAlive ? this.#meter.energy : null;
    this.#watchdog.second(time);
    this.gridLimit?.second(time);
    this.phaseRequests.second(this.lastPoll);
    this.users.second(this.lastPoll, energy, time);
    const charge = this.users.charging ? this.users.charge : undefined;
    this.#limiter.second(charge, this.lastPoll.uptime, energy, time);
    this.meterGuard.second(meterAlive, time);
    const user = this.#board.slots.at(USER);
    if (user.active && user.max_current === 0 && this.lastPoll.iec61851State === B) {
      this.#gate.internal(PROMPT, PROMPT_MS, this.#apiAllowed, time);
    }
  }
}
