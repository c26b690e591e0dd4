/** A level that changes in steps, and its mean from one reading to the next. */
export class StepMean {
  #level: number;
  #changedAt = 0;
  #readAt = 0;
  #area = 0;

  constructor(level: number) {
    this.#level = level;
  }

  set(level: number, time: number): void {
    if (level === this.#level) return;
    this.#area += this.#level * (time - this.#changedAt);
    this.#changedAt = time;
    this.#level = level;
  }

  /** The mean since the last call; at the same moment again the level as it is. */
  take(time: number): number {
    const unchanged = this.#changedAt <= this.#readAt;
    const area = this.#area + this.#level * (time - this.#changedAt);
    const mean = unchanged || time <= this.#readAt ? this.#level : area / (time - this.#readAt);
    this.#area = 0;
    this.#changedAt = time;
    this.#readAt = time;
    return mean;
  }
}
