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

  /** When the input will have been stable for long enough; also if it is what it was before a short pulse. */
  get dueAt(): number {
    return this.#edgeAt + DEBOUNCE_MS;
  }

  /** Where the input stands when the controller first looks, at `start`. */
  setFirst(raw: boolean, start: number): void {
    this.raw = raw;
    this.#edgeAt = raw ? start : NEVER;
  }

  /** A raw edge at `time`; true if there was one. */
  setRaw(raw: boolean, time: number): boolean {
    if (raw === this.raw) return false;
    this.raw = raw;
    this.#edgeAt = time;
    return true;
  }

  /** The input was stable for long enough: takes it over; `uptime` in ms modulo 2^32 (controller-model 6.1). */
  accept(uptime: number): void {
    this.#edgeAt = NEVER;
    this.pressed = this.raw;
    if (this.pressed) {
      this.pressTime = uptime;
      this.stopLatch = true;
    } else {
      this.releaseTime = uptime;
    }
  }
}
