import type { Alarm } from './alarm.js';
import type { PilotRelay } from './pilot-relay.js';

/** ms since the PWM came on. The last two windows open only if the last charge is long ago (controller-model-2 2.8). */
const WINDOWS = [
  { from: 90_000, to: 94_000, stateF: false },
  { from: 124_000, to: 154_000, stateF: false },
  { from: 184_000, to: 188_000, stateF: true },
  { from: 218_000, to: 248_000, stateF: true },
] as const;
const FIRST_STATE_F = 2;
const LONG_AGO_MS = 3_600_000;

interface WakeupParts {
  readonly relay: PilotRelay;
  readonly alarm: Alarm;
}

/** Wakes a vehicle that does not react to PWM: it cuts the pilot, and later forces state F (controller-model-2 2.8). */
export class EvWakeup {
  /** Whether state F is forced now. */
  forcesStateF = false;
  #pwmSince: number | undefined;
  #window = 0;
  #chargedAt = 0;
  readonly #parts: WakeupParts;
  readonly #reconnected: (first: boolean, time: number) => void;

  /** `reconnected` is called when the vehicle is back on the line; `first`: after the first window. */
  constructor(parts: WakeupParts, reconnected: (first: boolean, time: number) => void) {
    this.#parts = parts;
    this.#reconnected = reconnected;
  }

  /** Whether a window is open. */
  get isActive(): boolean {
    return this.forcesStateF || this.#parts.relay.isOpenFor('wakeup');
  }

  /** To be called when the vehicle is plugged in, and while it charges. */
  charged(time: number): void {
    this.#chargedAt = time;
  }

  /** Whether the last charge is long enough ago for state F to be used. */
  mayUseStateF(time: number): boolean {
    return time >= this.#chargedAt + LONG_AGO_MS;
  }

  /** PWM has come on in B. */
  pwmOn(time: number): void {
    this.#pwmSince = time;
    this.#window = 0;
  }

  reset(time: number): void {
    this.#pwmSince = undefined;
    this.forcesStateF = false;
    this.#connect(time);
  }

  /** In B with PWM; `enabled`: a window may open. */
  step(enabled: boolean, time: number): void {
    const { alarm } = this.#parts;
    for (let window = this.#next(time); window; window = this.#next(time)) {
      const opens = (this.#pwmSince ?? time) + window.from;
      const ends = (this.#pwmSince ?? time) + window.to;
      if (time < opens) {
        alarm.wakeAt(opens);
        return;
      }
      if (time < ends) {
        if (!this.isActive && enabled) this.#open(window.stateF, time);
        if (this.isActive) alarm.wakeAt(ends);
        return;
      }
      this.forcesStateF = false;
      this.#connect(time);
      this.#window++;
    }
  }

  /** The present window; none without PWM, or when a charge was not long enough ago. */
  #next(time: number) {
    if (this.#pwmSince === undefined) return undefined;
    if (this.#window === FIRST_STATE_F && !this.isActive && !this.mayUseStateF(time)) return undefined;
    return WINDOWS[this.#window];
  }

  #open(stateF: boolean, time: number): void {
    if (stateF) this.forcesStateF = true;
    else this.#parts.relay.setOpen('wakeup', true, time);
  }

  #connect(time: number): void {
    const { relay } = this.#parts;
    if (!relay.isOpenFor('wakeup')) return;
    relay.setOpen('wakeup', false, time);
    if (!relay.open) this.#reconnected(this.#window === 0, time);
  }
}
