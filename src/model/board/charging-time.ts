/** In B with PWM, until the vehicle counts as having stopped (controller-model 8.2). */
const IDLE_AFTER_MS = 180_000;
const NEVER = Number.POSITIVE_INFINITY;

/** Which of the two meanings low_level_state.charging_time has (controller-model 8.2). */
export type ChargingTimeForm = 'milliseconds' | 'flag';

/** charging_time: a counter up to controller firmware 2.1.12, later a flag that says the vehicle stopped charging. */
export class ChargingTime {
  #startedAt: number | undefined;
  #stopped = false;
  #idleAt = NEVER;
  readonly #form: ChargingTimeForm;

  constructor(form: ChargingTimeForm) {
    this.#form = form;
  }

  get dueAt(): number {
    return this.#idleAt;
  }

  read(time: number): number {
    if (this.#form === 'flag') return this.#stopped ? 1 : 0;
    return this.#startedAt === undefined ? 0 : Math.floor(time - this.#startedAt) >>> 0;
  }

  /** To be called when the PWM comes back, when the vehicle leaves, or when it asks while the current is 0. */
  reset(): void {
    this.#startedAt = undefined;
  }

  notConnected(): void {
    this.reset();
    this.#stopped = false;
    this.#idleAt = NEVER;
  }

  /** In B; `released` if there is a current to offer, `limit` how long that may last; ms. */
  waiting(released: boolean, time: number, limit = IDLE_AFTER_MS): void {
    if (!released) {
      this.#idleAt = NEVER;
    } else if (this.#idleAt === NEVER && !(this.#stopped && this.#startedAt !== undefined)) {
      this.#idleAt = time + limit;
    } else if (time >= this.#idleAt) {
      this.#stopped = true;
      this.#startedAt ??= time;
      this.#idleAt = NEVER;
    }
  }

  charging(time: number): void {
    this.#startedAt ??= time;
    this.#stopped = false;
    this.#idleAt = NEVER;
  }

  /** In D, E or F. */
  faulty(): void {
    this.#idleAt = NEVER;
  }
}
