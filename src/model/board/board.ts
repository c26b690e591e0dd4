import type { Slot, SlotChange, UserCalibration } from '../api-types.js';
import type { Quirks } from '../quirks.js';
import type { Supply } from '../world/supply.js';
import { Button } from './button.js';
import { ChargingTime, type ChargingTimeForm } from './charging-time.js';
import { Contactor } from './contactor.js';
import type { Flash } from './flash.js';
import { A, Iec61851 } from './iec61851.js';
import { LED_BLINKING, Led } from './led.js';
import { Pilot, type PilotSource } from './pilot.js';
import { isCurrent, MANUAL_RELEASE, Slots, UNLIMITED_MA } from './slots.js';

/** Before anything else the jumper is read. */
const JUMPER_TEST_MS = 100;
/** ms from power-on to the first evaluation of the control pilot (controller-model 2.2, row 0). */
export const BOOT_MS = JUMPER_TEST_MS + 12_000;

/** In state A for so long the pilot counts as unloaded. */
const UNPLUGGED_AFTER_MS = 500;

/** Without a word from the network processor, and in state A, for so long the board restarts (controller-model 9). */
const WATCHDOG_MS = 300_000;

/** What a board is built into. */
export interface Surroundings {
  readonly jumper: number;
  /** What the uptime counter starts with; ms. */
  readonly uptime: number;
  readonly chargingTime: ChargingTimeForm;
  readonly quirks: Quirks;
  readonly flash: Flash;
  readonly supply: Supply;
  readonly pilotSource: PilotSource;
}

/** One life of the charge controller's board, from power-on to power-off. */
export class Board {
  readonly boot: number;
  readonly jumper: number;
  readonly slots: Slots;
  readonly pilot: Pilot;
  readonly contactor: Contactor;
  readonly button = new Button();
  readonly led: Led;
  readonly chargingTime: ChargingTime;
  readonly iec61851: Iec61851;
  readonly flash: Flash;
  readonly #uptimeAtBoot: number;
  readonly #quirks: Quirks;
  #dueAt = 0;
  #heardAt: number;

  /** Power-on at `time` with the button `held` or not. */
  constructor(time: number, held: boolean, around: Surroundings) {
    const { jumper, quirks, flash } = around;
    const start = time + JUMPER_TEST_MS;
    this.boot = time;
    this.#heardAt = time;
    this.jumper = jumper;
    this.flash = flash;
    this.#uptimeAtBoot = around.uptime;
    this.#quirks = quirks;
    this.slots = new Slots(jumper, flash.image.slots);
    this.pilot = new Pilot(start, flash.image.boost_mode, around.pilotSource, () => ({
      factory: flash.image.factory_calibration,
      user: flash.image.user_calibration,
    }));
    this.contactor = new Contactor(start, around.supply);
    this.led = new Led(time, quirks.staleIndication);
    this.chargingTime = new ChargingTime(around.chargingTime);
    this.iec61851 = new Iec61851(start, time + BOOT_MS, jumper, quirks, this);
    this.button.setFirst(held, start);
    this.settle(time);
  }

  /** When something happens next by itself. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** When the board restarts for want of a network processor. */
  get watchdogAt(): number {
    const { state, changedAt } = this.iec61851;
    return state === A ? Math.max(this.#heardAt, changedAt) + WATCHDOG_MS : Number.POSITIVE_INFINITY;
  }

  /** The network processor has spoken to the board. */
  heard(time: number): void {
    this.#heardAt = time;
  }

  /** The uptime counter: ms since power-on, modulo 2^32. */
  uptime(time: number): number {
    return Math.floor(time - this.boot + this.#uptimeAtBoot) >>> 0;
  }

  /** Does what is due at `time`. */
  run(time: number): void {
    const { button, led, contactor, pilot, iec61851 } = this;
    if (button.dueAt <= time) this.#acceptButton(time);
    // The firmware's own order: a timer that runs out is seen before the checks and readings of the same ms.
    if (iec61851.dueAt <= time) iec61851.step(time);
    if (led.dueAt <= time) led.expire(time);
    if (contactor.dueAt <= time) contactor.check(time);
    if (pilot.dueAt <= time) this.#measure(time);
    this.settle(time);
  }

  /** One turn of the main loop; to be called after every change from outside. */
  settle(time: number): void {
    const { button, led, contactor, pilot, iec61851 } = this;
    iec61851.step(time);
    if (button.pressed && (this.#quirks.maskedError || led.state !== LED_BLINKING)) led.darken(time);
    this.#dueAt = Math.min(pilot.dueAt, contactor.dueAt, iec61851.dueAt, button.dueAt, led.dueAt);
  }

  setButton(pressed: boolean, time: number): void {
    const start = this.boot + JUMPER_TEST_MS;
    if (time < start) this.button.setFirst(pressed, start);
    else if (this.button.setRaw(pressed, time) && !pressed) this.led.on(time);
    this.settle(time);
  }

  /**
   * A write to a slot as the controller takes it (controller-model 1.3): a held button guards the current of
   * slot 4, and 0 for slot 4, written as its current alone, sets the stop latch. False if the current or the slot is refused.
   */
  writeSlot(index: number, change: SlotChange, time: number): boolean {
    const { max_current, ...rest } = change;
    if (max_current !== undefined && !isCurrent(max_current)) return false;
    const guarded = index === MANUAL_RELEASE && this.button.pressed;
    const currentAlone = rest.active === undefined && rest.clear_on_disconnect === undefined;
    if (index === MANUAL_RELEASE && max_current === 0 && currentAlone && !guarded) {
      this.button.stopLatch = true;
    }
    const written = this.slots.write(index, guarded ? rest : change);
    this.settle(time);
    return written;
  }

  /** What the slot starts with after the next power-on; false if the current or the slot is refused. */
  writeSlotDefault(index: number, value: Slot): boolean {
    if (!this.slots.isWritable(index) || !isCurrent(value.max_current)) return false;
    this.flash.writeSlotDefault(index, value);
    return true;
  }

  /** Live slot and default at once. */
  writeSlotAndDefault(index: number, change: Required<SlotChange>, time: number): void {
    const { max_current = 0, active = false, clear_on_disconnect = false } = change;
    if (!this.writeSlot(index, change, time)) return;
    this.flash.writeSlotDefault(index, { max_current, active, clear_on_disconnect });
  }

  setBoost(enabled: boolean, time: number): void {
    this.flash.write({ boost_mode: enabled });
    this.pilot.boost = enabled;
    this.settle(time);
  }

  /** Stores a calibration, or wipes it if it isn't active (controller-model 10). */
  calibrate(calibration: UserCalibration): void {
    if (!calibration.user_calibration_active) {
      this.flash.write({ user_calibration: null });
    } else if (calibration.voltage_div !== 0) {
      const user_calibration = { ...calibration, resistance_880: [...calibration.resistance_880] };
      this.flash.write({ user_calibration });
    }
  }

  /** An LED indication of the network processor; false if refused. */
  indicate(indication: number, duration: number, time: number): boolean {
    const taken = this.led.indicate(indication, duration, time);
    this.settle(time);
    return taken;
  }

  #measure(time: number): void {
    const { pilot, contactor, slots, iec61851, button } = this;
    const unplugged =
      iec61851.state === A && time - iec61851.changedAt >= UNPLUGGED_AFTER_MS && !button.pressed;
    const use = { closed: contactor.closed, current: slots.allowed, unplugged };
    if (pilot.sample(time, use)) slots.setCable(pilot.ppResistance);
  }

  #acceptButton(time: number): void {
    const { button, slots, led } = this;
    button.accept(this.uptime(time));
    if (button.pressed) {
      slots.write(MANUAL_RELEASE, { max_current: 0 });
      return;
    }
    led.on(time);
    if (!slots.at(MANUAL_RELEASE).clear_on_disconnect && !button.stopLatch) {
      slots.write(MANUAL_RELEASE, { max_current: UNLIMITED_MA });
    }
  }
}
