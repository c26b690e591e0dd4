import type { Cancel, Clock } from '../base/clock.js';
import { type Json, parseJson } from '../base/json.js';
import type { Log } from '../base/log.js';
import type { State } from '../topics/topic.js';

export interface CounterGlitchesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly read: (path: string) => Json | undefined;
  /** Passes on a report that was held back and has turned out to be right. */
  readonly pass: (path: string, text: string) => void;
}

/** A counter that stays near 0 for so long counts as reset, ms. A wrong value is followed by a right one sooner. */
const HOLD_MS = 10_000;

/** A counter has fallen if it is below this share of its last value. */
const FALLEN = 0.01;

/** A counter with less than this is not watched for a fall, kWh. */
const WATCHED_FROM = 0.1;

/** No meter counts less than a tenth of a watt-hour: a smaller value other than 0 is wrong, kWh. */
const NEARLY_NOTHING = 0.000_1;

interface Held {
  text: string;
  readonly counters: readonly (number | null)[];
  readonly end: Cancel;
}

/**
 * Holds back reports in which an energy counter falls to nearly nothing. Some meters send such a wrong value for a
 * moment (4896 kWh, 2.5e-29, 4896), and a program that adds up the counter would then count everything twice. A counter
 * that stays low was reset, and its report is passed on late.
 */
export class CounterGlitches {
  readonly #options: CounterGlitchesOptions;
  readonly #held = new Map<string, Held>();
  readonly #warned = new Set<string>();

  constructor(options: CounterGlitchesOptions) {
    this.#options = options;
  }

  /** Whether the report `text` is not to be passed on yet. */
  holds(path: string, countersOf: NonNullable<State['counters']>, text: string): boolean {
    const { read, clock } = this.#options;
    const value = parseJson(text);
    const counters = value === undefined ? [] : countersOf(value, read, path);
    const present = read(path);
    const before = present === undefined ? [] : countersOf(present, read, path);
    if (!counters.some((counter, at) => hasFallen(counter, before[at]))) {
      this.cameBack(path);
      return false;
    }
    const held = this.#held.get(path);
    if (held) held.text = text;
    else this.#held.set(path, { text, counters, end: clock.after(HOLD_MS, () => this.#release(path)) });
    return true;
  }

  /** The charger reports `path` as it was before: what was held back was wrong. */
  cameBack(path: string): void {
    const held = this.#held.get(path);
    if (!held) return;
    this.#drop(path, held);
    const { log } = this.#options;
    const said = held.counters.map((counter) => counter ?? 'nothing').join(', ');
    const text = `${path}: the meter said ${said} for a moment; this is not passed on`;
    if (this.#warned.has(path)) log.debug(text);
    else log.warn(`${text}; further such values are logged at level debug`);
    this.#warned.add(path);
  }

  /** Drops what is held back: after a new connection it may be out of date. */
  clear(): void {
    for (const [path, held] of [...this.#held]) this.#drop(path, held);
  }

  #release(path: string): void {
    const held = this.#held.get(path);
    if (!held) return;
    this.#held.delete(path);
    this.#options.log.info(`${path}: the meter was reset and counts from the start again`);
    this.#options.pass(path, held.text);
  }

  #drop(path: string, held: Held): void {
    held.end();
    this.#held.delete(path);
  }
}

function hasFallen(counter: number | null, before: number | null | undefined): boolean {
  if (counter === null) return false;
  if (counter !== 0 && Math.abs(counter) < NEARLY_NOTHING) return true;
  return typeof before === 'number' && before >= WATCHED_FROM && counter < before * FALLEN;
}
