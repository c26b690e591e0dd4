import type { Alarm } from './alarm.js';
import type { AutoSwitch } from './auto-switch.js';
import type { BlockPilot } from './block-pilot.js';
import type { Contactor } from './contactor.js';
import type { ContactorDrive } from './contactor-drive.js';
import type { EvWakeup } from './ev-wakeup.js';
import type { Flash } from './flash.js';
import { countsFor, STEADY_COUNTS } from './fractional-duty.js';
import { A, C, type Iec61851 } from './iec61851.js';
import type { Phases } from './phases.js';
import type { PilotRelay } from './pilot-relay.js';
import type { Slots } from './slots.js';
import { C_LEAVES_ABOVE_OHM, C_STAYS_ABOVE_OHM, unloadedAbove } from './steps/hysteresis-bands.js';

// Steps of the sequence, which are phases_state (controller-model-2 6.4).
const NONE = 0;
const TAKE_PWM = 1;
const OPEN_CONTACTOR = 2;
const PAUSE = 3;
const SWITCH = 4;
const WAIT = 5;
const RECONNECT = 6;
const AWAIT_VEHICLE = 7;

const SHORT_PAUSE_MS = 100;
const AWAIT_VEHICLE_MS = 10_000;
/** Of phase_switch_wait_time 0, and at least after opening under load; other codes count from 10 s in steps of 5 s. */
const LONG_WAIT_MS = 60_000;
const WAIT_BASE_MS = 10_000;
const WAIT_STEP_MS = 5000;
/** In A for so long after the start an instant switch is allowed. */
const SETTLED_MS = 5000;

interface SwitchParts {
  readonly pilot: BlockPilot;
  readonly contactor: Contactor;
  readonly drive: ContactorDrive;
  readonly relay: PilotRelay;
  readonly wakeup: EvWakeup;
  readonly iec61851: Iec61851;
  readonly slots: Slots;
  readonly alarm: Alarm;
  readonly autoSwitch: AutoSwitch;
  /** When the board's program began; ms. */
  readonly start: number;
}

/** What the second contactor is preset to. */
export interface PhasePin {
  setPhases(phases: number, time: number): void;
}

/** Switches between one and three phases, if it must with the vehicle cut off meanwhile (controller-model-2 6). */
export class PhaseSwitch implements Phases {
  current: number;
  requested: number;
  connected: number;
  info = 0;
  state = NONE;
  #since = 0;
  #instantAllowed = false;
  #settled = false;
  /** A switch was asked for that can't be made at once: the sequence begins with the next evaluation. */
  #pending = false;
  readonly #parts: SwitchParts;
  readonly #flash: Flash;
  readonly #pin: PhasePin;

  constructor(parts: SwitchParts, flash: Flash, pin: PhasePin) {
    this.#parts = parts;
    this.#flash = flash;
    this.#pin = pin;
    this.connected = flash.image.phases_connected;
    this.current = this.connected;
    this.requested = this.connected;
    pin.setPhases(this.current, parts.start);
  }

  request(phases: number): void {
    if (this.connected === 3) this.requested = phases;
  }

  setConnected(phases: number): void {
    if (phases === this.connected) return;
    this.connected = phases;
    this.requested = phases;
    this.#flash.write({ phases_connected: phases });
  }

  /** What the meter sees on the supply; not for longer than until the next start. */
  setConnectedForNow(phases: number): void {
    this.connected = phases;
    this.requested = phases;
  }

  setAutoSwitch(enabled: boolean): void {
    const { autoSwitch } = this.#parts;
    if (enabled === autoSwitch.enabled) return;
    autoSwitch.setEnabled(enabled);
    this.#flash.write({ phase_auto_switch: enabled });
    if (!enabled) this.info = 0;
  }

  allowInstant(): void {
    this.#instantAllowed = true;
  }

  disconnected(): void {
    this.#instantAllowed = true;
  }

  contactorSwitched(_time: number, closed: boolean): void {
    if (closed) this.#instantAllowed = false;
  }

  /** One evaluation of the sequence; false if none is going on. */
  step(time: number): boolean {
    if (this.state === NONE) {
      if (!this.#pending) return false;
      this.#begin(time);
    }
    for (let before = NONE; before !== this.state && this.state !== NONE; ) {
      before = this.state;
      this.#advance(time);
    }
    return true;
  }

  run(time: number): boolean {
    this.#settle(time);
    const switched = this.#autoSwitch(time);
    if (this.requested === this.current) {
      this.#pending = false;
      return switched;
    }
    const { contactor, relay } = this.#parts;
    if (!contactor.closed && (relay.open || this.#instantAllowed)) {
      this.#pending = false;
      this.#set(this.requested, time);
      return true;
    }
    const isNews = this.state === NONE && !this.#pending;
    this.#pending = this.state === NONE;
    return switched || isNews;
  }

  /** Without a vehicle since the start an instant switch is allowed after a while. */
  #settle(time: number): void {
    const { alarm, iec61851, start } = this.#parts;
    if (this.#settled || iec61851.state !== A || iec61851.changedAt > start) {
      this.#settled = true;
    } else if (time >= start + SETTLED_MS) {
      this.#settled = true;
      this.#instantAllowed = true;
    } else alarm.wakeAt(start + SETTLED_MS);
  }

  #set(phases: number, time: number): void {
    this.current = phases;
    this.requested = phases;
    this.#pin.setPhases(phases, time);
  }

  #begin(time: number): void {
    const { pilot, contactor, relay, wakeup } = this.#parts;
    this.#pending = false;
    wakeup.reset(time);
    if (pilot.counts !== STEADY_COUNTS) this.#enter(TAKE_PWM, time);
    else if (contactor.closed) this.#enter(OPEN_CONTACTOR, time);
    else this.#enter(relay.open ? SWITCH : PAUSE, time);
  }

  #enter(state: number, time: number): void {
    this.state = state;
    this.#since = time;
  }

  #advance(time: number): void {
    const { pilot, contactor, drive, relay, iec61851, slots } = this.#parts;
    switch (this.state) {
      case TAKE_PWM:
        pilot.signal(STEADY_COUNTS, time);
        this.#enter(OPEN_CONTACTOR, time);
        break;
      case OPEN_CONTACTOR:
        if (contactor.closed) drive.open(unloadedAbove(iec61851.state), time);
        else this.#enter(PAUSE, time);
        break;
      case PAUSE:
        if (!this.#lasted(SHORT_PAUSE_MS, time)) break;
        relay.setOpen('phases', true, time);
        this.#instantAllowed = true;
        this.#enter(SWITCH, time);
        break;
      case SWITCH:
        if (this.current === this.requested) this.#enter(WAIT, time);
        break;
      case WAIT:
        if (!this.#lasted(this.#waitTime(), time)) break;
        relay.setOpen('phases', false, time);
        if (!relay.open) pilot.reconnected(time);
        this.#enter(RECONNECT, time);
        break;
      case RECONNECT:
        if (!this.#lasted(SHORT_PAUSE_MS, time)) break;
        pilot.signal(countsFor(slots.allowed), time);
        this.#enter(slots.allowed > 0 && iec61851.state === C ? AWAIT_VEHICLE : NONE, time);
        break;
      default:
        this.#awaitVehicle(time);
    }
  }

  #awaitVehicle(time: number): void {
    const { pilot, drive, slots } = this.#parts;
    pilot.signal(countsFor(slots.allowed), time);
    if (
      pilot.resistance > C_STAYS_ABOVE_OHM &&
      pilot.resistance < C_LEAVES_ABOVE_OHM &&
      pilot.isFresh(time)
    ) {
      drive.close(time);
      this.#enter(NONE, time);
    } else if (this.#lasted(AWAIT_VEHICLE_MS, time)) {
      this.#enter(NONE, time);
    }
  }

  #waitTime(): number {
    const code = this.#flash.image.phase_switch_wait_time;
    const wait = code === 0 ? LONG_WAIT_MS : WAIT_BASE_MS + code * WAIT_STEP_MS;
    return this.#parts.drive.openedUnderLoad ? Math.max(wait, LONG_WAIT_MS) : wait;
  }

  #lasted(duration: number, time: number): boolean {
    if (time >= this.#since + duration) return true;
    this.#parts.alarm.wakeAt(this.#since + duration);
    return false;
  }

  /** A vehicle that draws from one phase gets one, without an interruption, until it is gone (controller-model-2 6.5). */
  #autoSwitch(time: number): boolean {
    const { autoSwitch, iec61851, contactor } = this.#parts;
    if (iec61851.state === A) {
      autoSwitch.rest();
      if (!autoSwitch.done || !autoSwitch.enabled || this.current !== 1 || this.requested !== 1) return false;
      autoSwitch.done = false;
      this.info = 0;
      this.#set(3, time);
      return true;
    }
    const looks = autoSwitch.enabled && !autoSwitch.done && this.current === 3 && this.requested === 3;
    if (!looks || iec61851.state !== C || !contactor.closed) {
      autoSwitch.rest();
      return false;
    }
    if (!autoSwitch.usesOnePhase(iec61851.changedAt, time)) return false;
    autoSwitch.done = true;
    this.info = 1;
    this.#set(1, time);
    return true;
  }
}
