import type { Alarm } from './alarm.js';
import type { PilotRelay } from './pilot-relay.js';

/** Since the PWM came on; after the second window it goes on only if the last charge is long ago (controller-model-2 2.8). */
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

/** Wakes a vehicle that has PWM and does not ask: by unplugging it, and in the end by state F (controller-model-2 2.8). */
export class EvWakeup {
  /** State F is forced at the moment. */
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

  /** A window is open. */
  get isActive(): boolean {
    return this.forcesStateF || this.#parts.relay.isOpenFor('wakeup');
  }

  /** The vehicle was plugged in, or it charges. */
  charged(time: number): void {
    this.#chargedAt = time;
  }

  /** The last charge is so long ago that state F may be used. */
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
