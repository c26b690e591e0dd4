const LENGTH = 4;

/** The last four whole numbers and their mean, rounded; it starts full of the first one (controller-model 2.5). */
export class MovingMean {
  #values: number[] = [];
  #next = 0;
  #sum = 0;

  /** Takes a number in and gives the new mean. */
  add(value: number): number {
    if (this.#values.length === 0) {
      this.#values = [value, value, value, value];
      this.#sum = LENGTH * value;
    } else {
      this.#sum += value - (this.#values[this.#next] ?? 0);
      this.#values[this.#next] = value;
      this.#next = (this.#next + 1) % LENGTH;
    }
    const half = this.#sum < 0 ? -LENGTH / 2 : LENGTH / 2;
    return Math.trunc((this.#sum + half) / LENGTH);
  }
}
