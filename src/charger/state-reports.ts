import type { Json } from '../base/json.js';
import { derivedTopics } from '../topics/index.js';
import { CounterGlitches } from './counter-glitches.js';
import { Forwarding, type ForwardingOptions } from './forwarding.js';
import type { StateStore } from './state-store.js';

export interface StateReportsOptions extends ForwardingOptions {
  readonly store: StateStore;
  /** `path` now has the JSON `text`. */
  readonly onChange: (path: string, text: string) => void;
  /** `path` is not known any more. */
  readonly onGone: (path: string) => void;
}

type Derived = (typeof derivedTopics)[number];

const NONE: readonly Derived[] = [];

/** The topics that are derived from a topic, by the path of that topic. */
const madeOf: ReadonlyMap<string, readonly Derived[]> = new Map(
  derivedTopics.map(({ from }) => [from, derivedTopics.filter((row) => row.from === from)]),
);

/** Puts the charger's reports that are passed on into the store, with the topics that are derived from them. */
export class StateReports {
  readonly #options: StateReportsOptions;
  readonly #forwarding: Forwarding;
  readonly #glitches: CounterGlitches;
  /** Topics that the charger has reported since it was last offline. */
  readonly #told = new Set<string>();
  /** Topics of the bridge itself. */
  readonly #own = new Set<string>();

  constructor(options: StateReportsOptions) {
    this.#options = options;
    this.#forwarding = new Forwarding(options);
    const { clock, log, store } = options;
    this.#glitches = new CounterGlitches({
      clock,
      log,
      read: (path) => store.read(path),
      pass: (path, text) => this.#change(path, text),
    });
  }

  /** The charger reports `path` as `text`; `value` is the parsed text, if that is known. */
  add(path: string, text: string, value: Json | undefined): void {
    const { store, topics } = this.#options;
    const isNew = store.get(path) !== text;
    const counters = topics.get(path)?.state?.counters;
    if (!isNew && counters) this.#glitches.cameBack(path);
    const accepted = isNew ? this.#forwarding.accept(path, text, value) : text;
    if (accepted === undefined) return;
    this.#told.add(path);
    if (!isNew || (counters && this.#glitches.holds(path, counters, accepted))) return;
    // `value` is the parsed `text`. A text from which something was left out parses to something else.
    if (!this.#change(path, accepted, accepted === text ? value : undefined)) return;
    for (const row of madeOf.get(path) ?? NONE) {
      const made = row.make(store.read(path) ?? null);
      this.#change(row.path, JSON.stringify(made), made);
    }
  }

  /** The bridge itself sets `path`: the topic stays, whatever the charger reports. */
  tellOwn(path: string, text: string): void {
    this.#own.add(path);
    this.#change(path, text);
  }

  /** Whether `path` is passed on at all. */
  wants(path: string): boolean {
    return this.#forwarding.isForwarded(path);
  }

  /** The charger is offline: what it has reported may be out of date. */
  offline(): void {
    this.#told.clear();
    this.#glitches.clear();
  }

  /** Nothing is passed on any more, and no timer is left. */
  stop(): void {
    this.#glitches.clear();
    this.#forwarding.stop();
  }

  /** The charger has reported everything again: topics that it did not report are not there any more (contract 3). */
  online(): void {
    const { store, onGone } = this.#options;
    for (const { path, from } of derivedTopics) if (this.#told.has(from)) this.#told.add(path);
    for (const [path] of [...store.entries()]) {
      if (this.#told.has(path) || this.#own.has(path)) continue;
      store.delete(path);
      onGone(path);
    }
  }

  /** Stores `text`; returns whether it differs from the one before. */
  #change(path: string, text: string, value?: Json): boolean {
    const { store, onChange } = this.#options;
    if (!store.set(path, text, value)) return false;
    onChange(path, text);
    return true;
  }
}
