import { isObject, type Json, parseJson } from '../../base/json.js';
import type { Registry } from '../../topics/index.js';
import { isFirmware1 } from './firmware-compat.js';

/** Wrong answers in a row after which it is asked anew who answers there. */
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

  /** Something told `text` on `path`; `value` is what it parses to, if that is known. Says whether a charger may do so. */
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
   * It says that it has no `path`, which was there before. That speaks against it once: a charger may have lost
   * topics, or what was there before was another device.
   */
  missed(path: string): void {
    if (this.#missed.has(path)) return;
    this.#missed.add(path);
    this.#strikes += 1;
  }

  /** From now on it has to prove itself again. */
  reset(): void {
    this.#proven = false;
    this.#strikes = 0;
  }
}

/** An empty list or object fits many a shape and proves nothing. */
const saysSomething = (value: Json): boolean => isObject(value) && Object.keys(value).length > 0;
