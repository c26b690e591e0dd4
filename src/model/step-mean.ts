/** A level that changes in steps, and its mean from one reading to the next. */
export class StepMean {
  #level: number;
  #changedAt: number;
  #readAt: number;
  #area = 0;

  constructor(level: number, time: number) {
    this.#level = level;
    this.#changedAt = time;
    this.#readAt = time;
  }

  /** Forgets what was before `time`, when the level was as it is now. */
  restart(time: number): void {
    this.#area = 0;
    this.#changedAt = time;
    this.#readAt = time;
  }

  set(level: number, time: number): void {
    if (level === this.#level) return;
    this.#area += this.#level * (time - this.#changedAt);
    this.#changedAt = time;
    this.#level = level;
  }

  /** The mean since the last call; without any change since then the level as it is. */
  take(time: number): number {
    const unchanged = this.#changedAt <= this.#readAt || time <= this.#readAt;
    const area = this.#area + this.#level * (time - this.#changedAt);
    const mean = unchanged ? this.#level : area / (time - this.#readAt);
    this.#area = 0;
    this.#changedAt = time;
    this.#readAt = time;
    return mean;
  }
}
