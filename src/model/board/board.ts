import type { GpioConfiguration, Slot, SlotChange } from '../api-types.js';
import { Alarm } from './alarm.js';
import type {
  Assemble,
  BoardAbilities,
  BoardContext,
  BoardParts,
  LowLevelPicture,
  Surroundings,
} from './assembly.js';
import type { Button } from './button.js';
import type { Contactor } from './contactor.js';
import type { Flash } from './flash.js';
import { A, type Iec61851 } from './iec61851.js';
import type { Led, LedColour } from './led.js';
import type { Monitor } from './monitor.js';
import type { Pilot } from './pilot.js';
import { isCurrent, MANUAL_RELEASE, type Slots } from './slots.js';

/** After this time in state A, without contact to the network processor, the board restarts (controller-model 9). */
const WATCHDOG_MS = 300_000;

/** How many evaluations one event can cause at most; more would be a fault in the rules. */
const MOST_TURNS = 8;

/** One life of the charge controller's board, from power-on to power-off, with the parts that its generation has. */
export class Board implements BoardContext {
  readonly boot: number;
  readonly around: Surroundings;
  readonly alarm = new Alarm();
  readonly slots: Slots;
  readonly pilot: Pilot;
  readonly contactor: Contactor;
  readonly monitor: Monitor;
  readonly button: Button;
  readonly led: Led;
  readonly iec61851: Iec61851;
  readonly #parts: BoardParts;
  #dueAt = 0;
  #heardAt: number;

  /** Power-on at `time` with the button `held` or not. */
  constructor(time: number, held: boolean, around: Surroundings, assemble: Assemble) {
    this.boot = time;
    this.around = around;
    this.#heardAt = time;
    const parts = assemble(this);
    this.#parts = parts;
    this.slots = parts.slots;
    this.pilot = parts.pilot;
    this.contactor = parts.contactor;
    this.monitor = parts.monitor;
    this.button = parts.button;
    this.led = parts.led;
    this.iec61851 = parts.iec61851;
    this.button.setFirst(held, parts.start);
    this.settle(time);
  }

  get jumper(): number {
    return this.around.jumper;
  }

  get flash(): Flash {
    return this.around.flash;
  }

  /** When the control pilot is evaluated for the first time; ms. */
  get evaluationStart(): number {
    return this.#parts.evaluationStart;
  }

  /** When something happens next by itself. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** When the board restarts because the network processor is silent, ms; infinite outside state A. */
  get watchdogAt(): number {
    const { state, changedAt } = this.iec61851;
    return state === A ? Math.max(this.#heardAt, changedAt) + WATCHDOG_MS : Number.POSITIVE_INFINITY;
  }

  /** dc_fault_current_state, where there is such a thing. */
  get dcFaultState(): number | undefined {
    return this.#parts.dcFaultState;
  }

  /** What only some boards can do. */
  get abilities(): BoardAbilities | undefined {
    return this.#parts.abilities;
  }

  /** button_pressed. */
  get buttonPressed(): boolean {
    return this.#parts.buttonRules.pressed;
  }

  /** The network processor has spoken to the board. */
  heard(time: number): void {
    this.#heardAt = time;
  }

  /** The uptime counter: ms since power-on, modulo 2^32. */
  uptimeAt(time: number): number {
    return Math.floor(time - this.boot + this.around.uptime) >>> 0;
  }

  /** Makes an empty picture of low_level_state, for capture() again and again. */
  newPicture(): LowLevelPicture {
    return this.#parts.newPicture();
  }

  /** Does what is due at `time`. */
  run(time: number): void {
    const { button, led, monitor, pilot } = this;
    let isNew = false;
    if (button.dueAt <= time) {
      button.accept(this.uptimeAt(time));
      this.#parts.buttonRules.accepted(time);
      isNew = true;
    }
    // The firmware's own order: a timer that runs out is seen before the checks and readings of the same ms.
    if (this.alarm.dueAt <= time) {
      this.#evaluate(time);
      isNew = true;
    }
    if (led.dueAt <= time) {
      led.expire(time);
      isNew = true;
    }
    if (monitor.dueAt <= time && monitor.run(time)) isNew = true;
    if (pilot.dueAt <= time && pilot.run(time)) isNew = true;
    // Most readings are equal to the last one. An evaluation would decide the same again.
    if (isNew) this.settle(time);
    else this.#findDue();
  }

  /** One turn of the main loop; to be called after every change from outside. */
  settle(time: number): void {
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      this.#evaluate(time);
      this.#parts.buttonRules.evaluated(time);
      if (!this.#parts.follow(time)) break;
    }
    this.#findDue();
  }

  /** To be called when contacts have moved, or the supply has changed. */
  contactsMoved(time: number): void {
    this.monitor.look(time);
    this.settle(time);
  }

  /** Whether the control pilot is connected to the vehicle. */
  get pilotConnected(): boolean {
    return this.#parts.pilotConnected;
  }

  /** What hangs on the control pilot or the cable has changed. */
  lineChanged(time: number): void {
    this.pilot.lineChanged(time);
    if (this.pilot.dueAt < this.#dueAt) this.#dueAt = this.pilot.dueAt;
  }

  setButton(pressed: boolean, time: number): void {
    const { start } = this.#parts;
    if (time < start) this.button.setFirst(pressed, start);
    else if (this.button.setRaw(pressed, time) && !pressed) this.led.on(time);
    this.settle(time);
  }

  /**
   * A write to a slot as the controller takes it (controller-model 1.3). False if the current or the slot is refused;
   * a current for slot 4 that the button guards against is silently left out.
   */
  writeSlot(index: number, change: SlotChange, time: number): boolean {
    const { max_current, ...rest } = change;
    if (max_current !== undefined && !isCurrent(max_current)) return false;
    if (this.#parts.ruledSlots.includes(index)) return true;
    const guarded = index === MANUAL_RELEASE && this.#parts.buttonRules.guardsRelease;
    const currentAlone = rest.active === undefined && rest.clear_on_disconnect === undefined;
    if (index === MANUAL_RELEASE && max_current === 0 && currentAlone && !guarded) {
      this.#parts.buttonRules.stopped();
    }
    const written = this.slots.write(index, guarded ? rest : change);
    this.settle(time);
    return written;
  }

  /** Sets what the slot starts with after the next power-on; false if the current or the slot is refused. */
  writeSlotDefault(index: number, value: Slot): boolean {
    if (!this.slots.isWritable(index) || !isCurrent(value.max_current)) return false;
    this.flash.writeSlotDefault(index, value);
    return true;
  }

  /** Writes a slot, and what it starts with after the next power-on. */
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

  /** Sets what the inputs and the output do; the output follows at once (controller-model-2 1.2). */
  setGpioConfiguration(gpio_configuration: GpioConfiguration, time: number): void {
    this.flash.write({ gpio_configuration });
    if (this.abilities) this.abilities.gpOutput = gpio_configuration.output;
    this.settle(time);
  }

  /** Asks to charge with this many phases. The board switches as soon as it can. */
  requestPhases(phases: number, time: number): void {
    this.abilities?.phases.request(phases);
    this.settle(time);
  }

  /** An LED indication of the network processor; false if refused. */
  indicate(indication: number, duration: number, colour: LedColour, time: number): boolean {
    const taken = this.led.indicate(indication, duration, colour, time);
    this.settle(time);
    return taken;
  }

  #findDue(): void {
    const { button, led, monitor, pilot } = this;
    this.#dueAt = Math.min(pilot.dueAt, monitor.dueAt, this.alarm.dueAt, button.dueAt, led.dueAt);
  }

  #evaluate(time: number): void {
    this.alarm.clear();
    this.led.wasSet = false;
    this.#parts.evaluate(time);
  }
}
