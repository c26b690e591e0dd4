/** An input counts once it was stable for so long (controller-model 6.1). */
const DEBOUNCE_MS = 100;
const NEVER = Number.POSITIVE_INFINITY;

/** The button or key switch, debounced, and the latch that keeps a stopped charge stopped (controller-model 6). */
export class Button {
  /** The input line as it is. */
  raw = false;
  /** button_pressed: the debounced input. */
  pressed = false;
  pressTime = 0;
  releaseTime = 0;
  /** Set by a press or a stop over the API, cleared in state A. */
  stopLatch = false;
  #edgeAt = NEVER;

  get dueAt(): number {
    return this.raw === this.pressed ? NEVER : this.#edgeAt + DEBOUNCE_MS;
  }

  /** A raw edge at `time`; true if there was one. */
  setRaw(raw: boolean, time: number): boolean {
    if (raw === this.raw) return false;
    this.raw = raw;
    this.#edgeAt = time;
    return true;
  }

  /** The input was stable for long enough: takes it over; `uptime` in ms modulo 2^32. */
  accept(uptime: number): void {
    this.pressed = this.raw;
    if (this.pressed) {
      this.pressTime = uptime;
      this.stopLatch = true;
    } else {
      this.releaseTime = uptime;
    }
  }
}
