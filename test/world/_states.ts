import type { Controller } from '../../src/model/controller.js';
import type { Registry } from '../../src/topics/index.js';

/** One topic's text and since when; what it was before, and until when. */
interface History {
  text: string;
  /** How many texts were before the first of `past`. */
  forgotten: number;
  readonly past: { readonly text: string; readonly until: number }[];
}

/** Looked at on every scan; all others only after a write or a restart. */
const VOLATILE: readonly string[] = [
  'evse/state',
  'evse/low_level_state',
  'evse/button_state',
  'evse/slots',
  'evse/indicator_led',
  'evse/external_current',
  'meter/values',
  'meters/0/values',
  'evse/user_current',
  'charge_tracker/current_charge',
];

/** Topics whose counters never stand still: they are compared by their age. */
export const COUNTERS: readonly string[] = [
  'evse/low_level_state',
  'meter/values',
  'meter/all_values',
  'meter/phases',
  'meters/0/values',
];

/** How long what a topic once was is remembered, ms. */
const MEMORY_MS = 120_000;

/** What the charger's topics are, and what they were: the truth that everything is measured against. */
export class States {
  readonly #topics: Registry;
  readonly #controller: Controller;
  readonly #now: () => number;
  readonly #history = new Map<string, History>();
  /** Topics of the network processor itself, in the order of the dump. */
  readonly #own = new Map<string, string>();
  readonly #paths: readonly string[];
  #stale = new Set<string>();
  /** What has changed since the last scan: that somebody has read it does not tell it to the others. */
  readonly #news = new Set<string>();
  /** While the charge controller is not read. */
  frozen = false;
  missing = false;

  constructor(topics: Registry, controller: Controller, now: () => number) {
    this.#topics = topics;
    this.#controller = controller;
    this.#now = now;
    this.#paths = [...topics.values()].filter((row) => row.state?.read).map((row) => row.path);
    this.refreshAll();
  }

  get paths(): string[] {
    return [...this.#own.keys(), ...this.#paths.filter((path) => !this.#own.has(path))];
  }

  setOwn(path: string, value: unknown): void {
    this.#own.set(path, JSON.stringify(value));
    this.#note(path);
  }

  /** Everything may have changed. */
  refreshAll(): void {
    for (const path of this.#paths) this.#stale.add(path);
  }

  /** Topics whose text has changed since the last scan. */
  scan(onlyButton: boolean): string[] {
    if (onlyButton) return ['evse/button_state'].filter((path) => this.#isNews(path));
    const looked = new Set([...VOLATILE, ...this.#stale, ...this.#news, ...this.#own.keys()]);
    this.#stale = new Set();
    return [...looked].filter((path) => this.#isNews(path));
  }

  /** What the charger answers for `path` now; undefined where it has no such topic. */
  text(path: string): string | undefined {
    this.#note(path);
    return this.#history.get(path)?.text;
  }

  /** The text as of the last look. */
  last(path: string): string | undefined {
    return this.#history.get(path)?.text;
  }

  /** Until when `text` was what `path` was, ms; infinite while it is, minus infinite if it never was. */
  validUntil(path: string, text: string): number {
    const known = this.#history.get(path);
    if (!known) return Number.NEGATIVE_INFINITY;
    if (known.text === text) return Number.POSITIVE_INFINITY;
    for (let at = known.past.length - 1; at >= 0; at--) {
      const before = known.past[at];
      if (before?.text === text) return before.until;
    }
    return Number.NEGATIVE_INFINITY;
  }

  /** The first place of `text` among all that `path` has been, from the place `from` on; undefined if there is none. */
  placeOf(path: string, text: string, from: number): number | undefined {
    const known = this.#history.get(path);
    if (!known) return undefined;
    const { past, forgotten } = known;
    for (let at = Math.max(0, from - forgotten); at < past.length; at++) {
      if (past[at]?.text === text) return forgotten + at;
    }
    return known.text === text ? forgotten + past.length : undefined;
  }

  #isNews(path: string): boolean {
    this.#note(path);
    return this.#news.delete(path);
  }

  /** Looks at `path`, and remembers what it was before. */
  #note(path: string): void {
    const text = this.#read(path);
    if (text === undefined) return;
    const known = this.#history.get(path);
    if (!known) {
      this.#history.set(path, { text, forgotten: 0, past: [] });
      this.#news.add(path);
      return;
    }
    if (known.text === text) return;
    const now = this.#now();
    known.past.push({ text: known.text, until: now });
    const [first] = known.past;
    if (first && first.until < now - MEMORY_MS) {
      known.past.shift();
      known.forgotten += 1;
    }
    known.text = text;
    this.#news.add(path);
  }

  #read(path: string): string | undefined {
    const own = this.#own.get(path);
    if (own !== undefined) return own;
    const known = this.#history.get(path)?.text;
    if (this.frozen && known !== undefined) return known;
    const read = this.#topics.get(path)?.state?.read;
    if (!read) return undefined;
    const text = JSON.stringify(read(this.#controller));
    return this.missing && path.startsWith('evse/') ? zeros(text) : text;
  }
}

/** The same shape with nothing in it, as a charger shows that never found its controller. */
function zeros(text: string): string {
  return JSON.stringify(JSON.parse(text), (_name, value: unknown) =>
    typeof value === 'number' ? 0 : typeof value === 'boolean' ? false : value,
  );
}
