/** The input must be stable for this time before it counts (controller-model 6.1). */
const DEBOUNCE_MS = 100;
const NEVER = Number.POSITIVE_INFINITY;

/** The button or key switch and its debouncing. */
export class Button {
  /** The input line as it is. */
  raw = false;
  /** The input as the controller has last accepted it. */
  accepted = false;
  /** Uptime in ms of the last accepted press and release, 0 = never. */
  pressTime = 0;
  releaseTime = 0;
  /** How long the input has to be stable next; ms. */
  debounce = DEBOUNCE_MS;
  #edgeAt = NEVER;

  /** When the input will have been stable for long enough; also if it is what it was before a short pulse. */
  get dueAt(): number {
    return this.#edgeAt + this.debounce;
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
    this.debounce = DEBOUNCE_MS;
    this.accepted = this.raw;
    if (this.accepted) this.pressTime = uptime;
    else this.releaseTime = uptime;
  }
}
