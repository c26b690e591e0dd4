import { type Json, parseJson } from '../base/json.js';

interface Entry {
  text: string;
  /** What the text parses to, if that is known, or once somebody has asked. */
  value: Json | undefined;
}

/** The last JSON text of every topic of one charger. */
export class StateStore {
  readonly #entries = new Map<string, Entry>();

  get(path: string): string | undefined {
    return this.#entries.get(path)?.text;
  }

  /** What the text of `path` parses to; parsed at the first read of each text. */
  read(path: string): Json | undefined {
    const entry = this.#entries.get(path);
    if (!entry) return undefined;
    entry.value ??= parseJson(entry.text);
    return entry.value;
  }

  /**
   * Remembers `text`; says whether it differs from what was there. `value` is what it parses to, if that is known:
   * those who hear of the change read it at once, and must not parse it again.
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
