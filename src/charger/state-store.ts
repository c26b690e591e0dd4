/** The last JSON text of every topic of one charger. */
export class StateStore {
  readonly #texts = new Map<string, string>();

  get(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** Remembers `text`; says whether it differs from what was there. */
  set(path: string, text: string): boolean {
    if (this.#texts.get(path) === text) return false;
    this.#texts.set(path, text);
    return true;
  }

  has(path: string): boolean {
    return this.#texts.has(path);
  }

  get size(): number {
    return this.#texts.size;
  }

  /** Topics and texts in the order in which they were first seen. */
  entries(): IterableIterator<[path: string, text: string]> {
    return this.#texts.entries();
  }
}
