import type { Alarm } from './alarm.js';
import type { BlockPilot } from './block-pilot.js';
import type { Contactor } from './contactor.js';
import type { ContactorDrive } from './contactor-drive.js';
import type { EvWakeup } from './ev-wakeup.js';
import type { Flash } from './flash.js';
import { countsFor, STEADY_COUNTS } from './fractional-duty.js';
import { C, type Iec61851 } from './iec61851.js';
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
/** The wait for phase_switch_wait_time 0, and the shortest after opening under load. Code n: 10 s + n · 5 s. */
const LONG_WAIT_MS = 60_000;
const WAIT_BASE_MS = 10_000;
const WAIT_STEP_MS = 5000;

export interface SequenceParts {
  readonly pilot: BlockPilot;
  readonly contactor: Contactor;
  readonly drive: ContactorDrive;
  readonly relay: PilotRelay;
  readonly wakeup: EvWakeup;
  readonly iec61851: Iec61851;
  readonly slots: Slots;
  readonly alarm: Alarm;
}

/** What the sequence reports to the phase switch, and asks it. */
interface SequenceEvents {
  /** The vehicle has lost its signal: from now on the phases may be switched. */
  cutOff(): void;
  /** Whether the phases are those that were asked for. */
  hasSwitched(): boolean;
}

/** The sequence that cuts a vehicle off while the phases are switched (controller-model-2 6.4). */
export class PhaseSequence {
  state = NONE;
  #since = 0;
  readonly #parts: SequenceParts;
  readonly #flash: Flash;
  readonly #events: SequenceEvents;

  constructor(parts: SequenceParts, flash: Flash, events: SequenceEvents) {
    this.#parts = parts;
    this.#flash = flash;
    this.#events = events;
  }

  get isRunning(): boolean {
    return this.state !== NONE;
  }

  /** Goes on as far as it can at this moment. */
  step(time: number): void {
    for (let before = NONE; before !== this.state && this.state !== NONE; ) {
      before = this.state;
      this.#advance(time);
    }
  }

  /** Begins where the pilot and the contactor are. */
  begin(time: number): void {
    const { pilot, contactor, relay, wakeup } = this.#parts;
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
        this.#events.cutOff();
        this.#enter(SWITCH, time);
        break;
      case SWITCH:
        if (this.#events.hasSwitched()) this.#enter(WAIT, time);
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
}
