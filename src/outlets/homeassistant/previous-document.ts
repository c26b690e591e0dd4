import { type JsonObject, membersOf, parseJson } from '../../base/json.js';
import type { Incoming, Link } from '../../mqtt/link.js';
import { withFullNames } from './abbreviations.js';
import { deviceId } from './device.js';
import type { Component, DiscoveryDocument } from './document.js';
import { MAX_PARTS } from './document-parts.js';

export interface PreviousDocumentOptions {
  /** The prefix of the charger's topics. */
  readonly prefix: string;
  readonly link: Link;
  /** The topic of one part of the document of the device `id`. */
  readonly topicOf: (id: string, part: number) => string;
  /** Removes the device `id`, which is announced in these parts, from Home Assistant. */
  readonly remove: (id: string, parts: readonly number[]) => void;
  /** Called when the earlier documents of the device `id` are read; `partOf`: the part of each component. */
  readonly known: (id: string, partOf: ReadonlyMap<string, number>) => void;
}

/**
 * Reads what earlier runs have announced to Home Assistant. The broker is the only memory: the retained document of
 * this charger has the components, the retained `bridge/info` says which charger had this prefix before. Both are read
 * once, before we publish there ourselves.
 */
export class PreviousDocument {
  readonly #options: PreviousDocumentOptions;
  #components = new Map<string, Component>();
  #id: string | undefined;
  #predecessor: string | undefined;

  constructor(options: PreviousDocumentOptions) {
    this.#options = options;
  }

  /** Components that earlier runs have announced of this charger, and that have not been removed since. */
  get components(): ReadonlyMap<string, Component> {
    return this.#components;
  }

  /** Finds out which charger had the prefix before. */
  async start(): Promise<void> {
    const { link, prefix } = this.#options;
    const { uid } = documentIn(await link.readRetained(`${prefix}/bridge/info`));
    if (typeof uid !== 'string' || uid === '') return;
    this.#predecessor = deviceId(uid);
    await this.#removePredecessor();
  }

  /** From now on the charger is the device `id`. If it was another device before, that one is removed. */
  async attach(id: string): Promise<void> {
    this.#predecessor = this.#id ?? this.#predecessor;
    this.#id = id;
    this.#components = new Map();
    void this.#removePredecessor();
    const documents = await this.#read(id);
    if (id !== this.#id) return;
    const partOf = new Map<string, number>();
    for (const [part, document] of documents) {
      for (const [key, component] of componentsOf(document, id)) {
        this.#components.set(key, component);
        partOf.set(key, part);
      }
    }
    this.#options.known(id, partOf);
  }

  /** The components `keys` have been removed from Home Assistant. */
  removed(keys: readonly string[]): void {
    for (const key of keys) this.#components.delete(key);
  }

  /** Removes the charger that had this prefix before, but not if it now has another prefix. */
  async #removePredecessor(): Promise<void> {
    const { prefix, remove } = this.#options;
    const id = this.#predecessor;
    if (id === undefined || this.#id === undefined) return;
    this.#predecessor = undefined;
    if (id === this.#id) return;
    const documents = await this.#read(id);
    const [first] = documents.values();
    const isOfThisPrefix = first && availabilityOf(first).includes(`${prefix}/bridge/state`);
    if (id !== this.#id && isOfThisPrefix) remove(id, [...documents.keys()]);
  }

  /** The parts that the broker retains. Usually there is only the first: parts 3 and up are read only if there is a second. */
  async #read(id: string): Promise<Map<number, JsonObject>> {
    const documents = await this.#readParts(id, [1, 2]);
    if (!documents.has(2)) return documents;
    const others = Array.from({ length: MAX_PARTS - 2 }, (_, at) => at + 3);
    return new Map([...documents, ...(await this.#readParts(id, others))]);
  }

  async #readParts(id: string, parts: readonly number[]): Promise<Map<number, JsonObject>> {
    const { link, topicOf } = this.#options;
    const messages = await Promise.all(parts.map((part) => link.readRetained(topicOf(id, part))));
    return new Map(
      parts.flatMap((part, at) => {
        const message = messages[at];
        return message && message.payload.byteLength > 0 ? [[part, documentIn(message)]] : [];
      }),
    );
  }
}

/**
 * Merges the document with the components that an earlier run has announced. While the charger may still report them
 * (not `settled`), they are kept. Otherwise they are removed: for that, Home Assistant must get them once with nothing
 * but their platform (home-assistant 1.3). `removed`: their keys; the next document is without them.
 */
export function mergePrevious(
  document: DiscoveryDocument,
  former: ReadonlyMap<string, Component>,
  settled: boolean,
): { readonly document: DiscoveryDocument; readonly removed: readonly string[] } {
  const components = { ...document.components };
  const removed: string[] = [];
  for (const [key, before] of former) {
    const { platform } = before;
    if (components[key]?.platform === platform) continue;
    // An entity can't change its platform: the old one goes first.
    if (settled || key in components) {
      components[key] = { platform };
      removed.push(key);
    } else components[key] = before;
  }
  return { document: { ...document, components }, removed };
}

/** The components with our ids: those that somebody else wrote, or that were being removed, are left out. */
function componentsOf(document: JsonObject, id: string): Map<string, Component> {
  const all = Object.entries(membersOf(document.components));
  return new Map(
    all.flatMap(([key, value]) => {
      const { platform, ...component } = membersOf(value);
      const isOurs = typeof platform === 'string' && component.unique_id === `${id}_${key}`;
      return isOurs ? [[key, { platform, ...component }]] : [];
    }),
  );
}

function availabilityOf(document: JsonObject): unknown[] {
  return Array.isArray(document.availability)
    ? document.availability.map((item) => membersOf(item).topic)
    : [];
}

function documentIn(message: Incoming | undefined): JsonObject {
  return withFullNames(membersOf(message && parseJson(Buffer.from(message.payload).toString())));
}
