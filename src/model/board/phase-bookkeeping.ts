import type { AutoSwitch } from './auto-switch.js';
import type { Contactor } from './contactor.js';
import type { Flash } from './flash.js';
import { A, C, type Iec61851 } from './iec61851.js';
import type { Phases } from './phases.js';

interface BookkeepingParts {
  readonly contactor: Contactor;
  readonly iec61851: Iec61851;
  readonly autoSwitch: AutoSwitch;
}

/** A board without a second contactor only notes how many phases the vehicle uses (controller-model-2 6.1, 6.5). */
export class PhaseBookkeeping implements Phases {
  current: number;
  connected: number;
  readonly state = 0;
  readonly info = 0;
  readonly #parts: BookkeepingParts;
  readonly #flash: Flash;

  constructor(parts: BookkeepingParts, flash: Flash) {
    this.#parts = parts;
    this.#flash = flash;
    this.connected = flash.image.phases_connected;
    this.current = this.connected;
  }

  get requested(): number {
    return this.current;
  }

  /** Does nothing: this board can't switch phases on request. */
  request(): void {}

  setConnected(phases: number): void {
    if (phases === this.connected) return;
    this.setConnectedForNow(phases);
    this.#flash.write({ phases_connected: phases });
  }

  setConnectedForNow(phases: number): void {
    this.connected = phases;
    this.current = phases;
  }

  setAutoSwitch(enabled: boolean): void {
    const { autoSwitch } = this.#parts;
    if (enabled === autoSwitch.enabled) return;
    autoSwitch.setEnabled(enabled);
    this.#flash.write({ phase_auto_switch: enabled });
  }

  allowInstant(): void {}

  contactorSwitched(): void {}

  /** False: this board has no sequence. */
  step(): boolean {
    return false;
  }

  disconnected(): void {}

  run(time: number): boolean {
    const { autoSwitch, iec61851, contactor } = this.#parts;
    if (iec61851.state === A) {
      autoSwitch.rest();
      if (!autoSwitch.done || !autoSwitch.enabled || this.current !== 1) return false;
      autoSwitch.done = false;
      this.current = 3;
      return true;
    }
    if (!autoSwitch.enabled || iec61851.state !== C || !contactor.closed) {
      autoSwitch.rest();
      return false;
    }
    const since = iec61851.changedAt;
    if (!autoSwitch.done && this.current === 3 && autoSwitch.usesOnePhase(since, time)) {
      autoSwitch.done = true;
      this.current = 1;
      return true;
    }
    if (autoSwitch.done && autoSwitch.usesMorePhases(since, time)) {
      autoSwitch.done = false;
      this.current = 3;
      return true;
    }
    return false;
  }
}
