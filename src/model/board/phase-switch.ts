import type { AutoSwitch } from './auto-switch.js';
import type { Flash } from './flash.js';
import { A, C } from './iec61851.js';
import { PhaseSequence, type SequenceParts } from './phase-sequence.js';
import type { Phases } from './phases.js';

/** After this time in A since the start, a switch without a pause is allowed. */
const SETTLED_MS = 5000;

interface SwitchParts extends SequenceParts {
  readonly autoSwitch: AutoSwitch;
  /** When the board's program began; ms. */
  readonly start: number;
}

/** What the second contactor is preset to. */
export interface PhasePin {
  setPhases(phases: number, time: number): void;
}

/** Switches between one and three phases. If necessary the vehicle is cut off meanwhile (controller-model-2 6). */
export class PhaseSwitch implements Phases {
  current: number;
  requested: number;
  connected: number;
  info = 0;
  #instantAllowed = false;
  #settled = false;
  /** A switch was asked for that can't be made at once: the sequence begins with the next evaluation. */
  #pending = false;
  readonly #sequence: PhaseSequence;
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
    this.#sequence = new PhaseSequence(parts, flash, {
      cutOff: () => this.allowInstant(),
      hasSwitched: () => this.current === this.requested,
    });
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

  /** The meter has seen how many phases the supply has. It holds until the next start. */
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

  get state(): number {
    return this.#sequence.state;
  }

  /** One evaluation of the sequence; false if none is going on. */
  step(time: number): boolean {
    if (!this.#sequence.isRunning) {
      if (!this.#pending) return false;
      this.#pending = false;
      this.#sequence.begin(time);
    }
    this.#sequence.step(time);
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
    const isNews = !this.#sequence.isRunning && !this.#pending;
    this.#pending = !this.#sequence.isRunning;
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

  /** A vehicle that draws from one phase gets only one, at once, until it is unplugged (controller-model-2 6.5). */
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
