import { type Json, parseJson } from '../base/json.js';

interface Entry {
  text: string;
  /** The parsed text, if it came with the text, or once somebody has read it. */
  value: Json | undefined;
}

/** The last JSON text of every topic of one charger. */
export class StateStore {
  readonly #entries = new Map<string, Entry>();

  get(path: string): string | undefined {
    return this.#entries.get(path)?.text;
  }

  /** The parsed text of `path`; it is parsed at the first read of each text. */
  read(path: string): Json | undefined {
    const entry = this.#entries.get(path);
    if (!entry) return undefined;
    entry.value ??= parseJson(entry.text);
    return entry.value;
  }

  /**
   * Stores `text`; returns whether it differs from the text before. `value` is the parsed text, if that is known: the
   * watchers read it at once, and it should not be parsed again for them.
   */
  set(path: string, text: string, value?: Json): boolean {
    const entry = this.#entries.get(path);
    if (entry?.text === text) return false;
    if (entry) {
      entry.text = text;
      entry.value = value;
    } else this.#entries.set(path, { text, value });
    return true;
  }

  /** Forgets `path`. */
  delete(path: string): void {
    this.#entries.delete(path);
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Topics and texts in the order in which they were first seen. */
  *entries(): IterableIterator<[path: string, text: string]> {
    for (const [path, { text }] of this.#entries) yield [path, text];
  }
}
