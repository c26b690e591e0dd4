/** Between two zero crossings of mains of 50 Hz. */
const EDGE_MS = 10;

/** Zero crossings that an input sees. */
export class EdgeCounter {
  #live = false;
  #since = 0;
  #count = 0;

  set(live: boolean, time: number): void {
    if (live === this.#live) return;
    this.#add(time);
    this.#live = live;
  }

  /** The zero crossings since the last call. */
  take(time: number): number {
    this.#add(time);
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  #add(time: number): void {
    // A new board takes the count for the start of its program, which may lie after `time`.
    if (time <= this.#since) return;
    if (this.#live) this.#count += Math.floor(time / EDGE_MS) - Math.floor(this.#since / EDGE_MS);
    this.#since = time;
  }
}
