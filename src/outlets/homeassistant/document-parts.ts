import type { JsonObject } from '../../base/json.js';
import { abbreviated } from './abbreviations.js';
import type { Component, DiscoveryDocument } from './document.js';

/** The most documents for the components of one charger. */
export const MAX_PARTS = 24;

/** The documents to publish in one round. */
export interface Round {
  /** The documents by their part, from 1 on; undefined if a part is empty now. */
  readonly texts: ReadonlyMap<number, string | undefined>;
  /** Components that leave their part in this round and get another part in the next one. */
  readonly moving: readonly string[];
  /** Components that are too large for one message to the broker. */
  readonly tooLarge: readonly string[];
}

/**
 * Spreads the components of a charger over documents that are not too large for the broker, usually one. A component
 * stays in its part while there is room for it. One that has to move leaves its part in one round and appears in
 * another part in the next, because Home Assistant accepts no two components with the same id (home-assistant 1.3).
 */
export class DocumentParts {
  readonly #partOf = new Map<string, number>();
  #parts = new Set<number>();

  /** `announced`: the parts of the components that are announced already. */
  constructor(announced: ReadonlyMap<string, number> = new Map()) {
    for (const [key, part] of announced) {
      this.#partOf.set(key, part);
      this.#parts.add(part);
    }
  }

  /** Parts that have been announced. */
  get parts(): readonly number[] {
    return [...this.#parts];
  }

  /** The next round: `document` in parts of at most `limit` bytes; `leaving`: keys that are removed for good. */
  next(document: DiscoveryDocument, leaving: readonly string[], limit: number): Round {
    return this.#inOne(document, leaving, limit) ?? this.#inParts(document, leaving, limit);
  }

  /** Everything in the first part, if no other is in use and it fits: then no component has to be measured. */
  #inOne(document: DiscoveryDocument, leaving: readonly string[], limit: number): Round | undefined {
    if ([...this.#parts].some((part) => part !== 1)) return undefined;
    const keys = Object.keys(document.components);
    const text = textOf(document);
    if (keys.length === 0 || Buffer.byteLength(text) > limit) return undefined;
    for (const key of keys) this.#partOf.set(key, 1);
    for (const key of leaving) this.#partOf.delete(key);
    this.#parts = new Set([1]);
    return { texts: new Map([[1, text]]), moving: [], tooLarge: [] };
  }

  #inParts(document: DiscoveryDocument, leaving: readonly string[], limit: number): Round {
    const room = limit - sizeOf({ ...document, components: {} });
    const used = new Map<number, number>();
    const placed = new Map<string, { readonly part: number; readonly component: Component }>();
    const moving: string[] = [];
    const tooLarge: string[] = [];
    const put = (part: number, key: string, component: Component) => {
      used.set(part, (used.get(part) ?? 0) + entrySize(key, component));
      placed.set(key, { part, component });
      this.#partOf.set(key, part);
    };
    const fits = (part: number, key: string, component: Component) =>
      (used.get(part) ?? 0) + entrySize(key, component) <= room;

    const fresh: [string, Component][] = [];
    for (const [key, component] of Object.entries(document.components)) {
      const part = this.#partOf.get(key);
      if (part === undefined) fresh.push([key, component]);
      else if (fits(part, key, component)) put(part, key, component);
      else {
        put(part, key, { platform: component.platform });
        moving.push(key);
      }
    }
    for (const [key, component] of fresh) {
      const part = range(MAX_PARTS).find((one) => fits(one, key, component));
      if (part === undefined) tooLarge.push(key);
      else put(part, key, component);
    }
    for (const key of [...moving, ...leaving]) this.#partOf.delete(key);
    const before = this.#parts;
    this.#parts = new Set([...placed.values()].map(({ part }) => part));
    const texts = [...new Set([...before, ...this.#parts])].map((part) => {
      // In the order of the document, so that the order of placing does not change the text.
      const components = Object.keys(document.components).flatMap((key) => {
        const one = placed.get(key);
        return one?.part === part ? [[key, one.component] as const] : [];
      });
      const text = textOf({ ...document, components: Object.fromEntries(components) });
      return [part, components.length > 0 ? text : undefined] as const;
    });
    return { texts: new Map(texts), moving, tooLarge };
  }
}

/** The text of a document as it is published: with abbreviated names, which makes it an eighth smaller. */
export const textOf = (document: DiscoveryDocument): string => shortText(document);

const sizeOf = (document: DiscoveryDocument): number => Buffer.byteLength(textOf(document));

/** The bytes that a component adds to a document, with the comma. */
function entrySize(key: string, component: Component): number {
  return Buffer.byteLength(shortText({ components: { [key]: component } })) - '{"cmps":{}}'.length + 1;
}

/** `value` must consist of JSON values, as documents and components do; their types can't express that. */
function shortText(value: object): string {
  return JSON.stringify(abbreviated(value as JsonObject));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
