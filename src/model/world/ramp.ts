/** A current that moves in straight lines, and the charge that has flowed. */
export class Ramp {
  #fromTime = 0;
  #from = 0;
  #toTime = 0;
  #to = 0;
  #countedTo = 0;
  #area = 0;

  /** Where the current is heading; mA. */
  get target(): number {
    return this.#to;
  }

  /** mA at `time`, which must not lie before the last change. */
  at(time: number): number {
    if (time >= this.#toTime) return this.#to;
    if (time <= this.#fromTime) return this.#from;
    return this.#from + ((this.#to - this.#from) * (time - this.#fromTime)) / (this.#toTime - this.#fromTime);
  }

  /** Keeps the present current for `delay` ms, then goes to `target` mA within `duration` ms. */
  head(target: number, time: number, delay: number, duration: number): void {
    this.#count(time);
    this.#from = this.at(time);
    this.#to = target;
    this.#fromTime = time + delay;
    this.#toTime = time + delay + duration;
  }

  /** The charge since the last call, in mA times ms. */
  take(time: number): number {
    this.#count(time);
    const area = this.#area;
    this.#area = 0;
    return area;
  }

  #count(time: number): void {
    let from = this.#countedTo;
    if (time <= from) return;
    for (const bend of [this.#fromTime, this.#toTime, time]) {
      const to = Math.min(bend, time);
      if (to <= from) continue;
      this.#area += ((this.at(from) + this.at(to)) / 2) * (to - from);
      from = to;
    }
    this.#countedTo = time;
  }
}
