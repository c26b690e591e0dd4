import { isObject, type Json, parseJson } from '../../base/json.js';
import type { Registry } from '../../topics/index.js';
import { isFirmware1 } from './firmware-compat.js';

/** After so many wrong answers in a row the device must prove again that it is a charger. */
const MAX_STRIKES = 3;

/**
 * Whether what answers at the charger's address is a charger. Any web server answers 200, and another device may get
 * the address later: only a known topic with a text that fits its shape proves a charger.
 */
export class Recognition {
  readonly #topics: Registry;
  readonly #missed = new Set<string>();
  #proven = false;
  #strikes = 0;

  constructor(topics: Registry) {
    this.#topics = topics;
  }

  get proven(): boolean {
    return this.#proven;
  }

  /** Whether a charger has answered wrongly so often in a row that it may be another device by now. */
  get doubtful(): boolean {
    return this.#proven && this.#strikes >= MAX_STRIKES;
  }

  /** The device reports `path` as `text`; `value`: the parsed text, if known. Returns whether a charger may say so. */
  told(path: string, text: string, value?: Json): boolean {
    const state = this.#topics.get(path)?.state;
    if (!state) return true;
    const shown = value === undefined ? parseJson(text) : value;
    const fits = shown !== undefined && !state.check(shown);
    if ((fits && saysSomething(shown)) || (path === 'evse/state' && isFirmware1(text))) {
      this.#proven = true;
      this.#strikes = 0;
      this.#missed.delete(path);
      return true;
    }
    if (!fits) this.#strikes += 1;
    return fits;
  }

  /**
   * The device says that it has no `path`, which was there before. That counts as one wrong answer for each topic: a
   * charger may have lost the topic, but another device may also have got its address.
   */
  missed(path: string): void {
    if (this.#missed.has(path)) return;
    this.#missed.add(path);
    this.#strikes += 1;
  }

  /** From now on the device must prove itself again. */
  reset(): void {
    this.#proven = false;
    this.#strikes = 0;
  }
}

/** An empty list or object fits many shapes and proves nothing. */
const saysSomething = (value: Json): boolean => isObject(value) && Object.keys(value).length > 0;
