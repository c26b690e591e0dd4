import type { Cancel, Clock } from '../base/clock.js';
import { type Json, parseJson } from '../base/json.js';
import type { Log } from '../base/log.js';
import type { State } from '../topics/topic.js';

export interface CounterGlitchesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly read: (path: string) => Json | undefined;
  /** Passes on a report that was held back and has turned out to be so. */
  readonly pass: (path: string, text: string) => void;
}

/** How long a counter may stay near 0 before it counts as set back, ms. A wrong reading is over with the next one. */
const HOLD_MS = 10_000;

/** A counter below this share of what it was has fallen. */
const FALLEN = 0.01;

/** What has counted less than this is not watched for a fall, kWh. */
const WATCHED_FROM = 0.1;

/** Less than a tenth of a watt-hour, kWh, is nothing that a meter counts. */
const NEARLY_NOTHING = 0.000_1;

interface Held {
  text: string;
  readonly counters: readonly (number | null)[];
  readonly end: Cancel;
}

/**
 * Holds back reports in which an energy counter falls to nearly nothing, as a meter's wrong reading does (4896 kWh,
 * 2.5e-29, 4896): whoever adds up what it counts would count everything twice. One that stays there was set back.
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
    const text = `${path}: the meter said ${said} for a moment, which is not passed on`;
    if (this.#warned.has(path)) log.debug(text);
    else log.warn(`${text}; further such readings are told at level debug`);
    this.#warned.add(path);
  }

  /** Nothing is known any more of what is held. */
  clear(): void {
    for (const [path, held] of [...this.#held]) this.#drop(path, held);
  }

  #release(path: string): void {
    const held = this.#held.get(path);
    if (!held) return;
    this.#held.delete(path);
    this.#options.log.info(`${path}: the meter has been set back and counts anew`);
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
