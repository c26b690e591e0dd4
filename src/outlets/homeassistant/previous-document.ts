import { type Json, type JsonObject, membersOf, parseJson } from '../../base/json.js';
import { deviceId } from './device.js';
import type { Component, DiscoveryDocument } from './document.js';

export interface PreviousDocumentOptions {
  /** Of the charger's topics. */
  readonly prefix: string;
  readonly topicOf: (id: string) => string;
  readonly subscribe: (topic: string, handle: (message: { readonly payload: Uint8Array }) => void) => void;
  /** Takes the device `id` out of Home Assistant. */
  readonly remove: (id: string) => void;
  /** Called when `components` is known. */
  readonly read: () => void;
}

/**
 * What earlier runs left in Home Assistant. The broker is the only memory: the retained document of this charger
 * tells which components there were, the retained `bridge/info` which charger had this prefix before. Either is
 * the first message on its topic, because the subscription goes out before we publish there ourselves.
 */
export class PreviousDocument {
  readonly #options: PreviousDocumentOptions;
  #components = new Map<string, Component>();
  #id: string | undefined;
  #unread = false;
  #predecessor: string | undefined;

  constructor(options: PreviousDocumentOptions) {
    this.#options = options;
  }

  /** What was announced of this charger and has neither been announced again nor removed. */
  get components(): ReadonlyMap<string, Component> {
    return this.#components;
  }

  start(): void {
    let first = true;
    this.#options.subscribe(`${this.#options.prefix}/bridge/info`, ({ payload }) => {
      const uid = first ? membersOf(parse(payload)).uid : undefined;
      first = false;
      if (typeof uid !== 'string' || uid === '') return;
      this.#predecessor = deviceId(uid);
      this.#removePredecessor();
    });
  }

  /** From now on the charger is the device `id`; if it was another one, that one goes. */
  attach(id: string): void {
    const before = this.#id;
    this.#id = id;
    this.#components = new Map();
    this.#unread = true;
    this.#listen(id);
    if (before !== undefined) this.#options.remove(before);
    this.#removePredecessor();
  }

  /** `keys` are out of Home Assistant. */
  removed(keys: readonly string[]): void {
    for (const key of keys) this.#components.delete(key);
  }

  #removePredecessor(): void {
    if (this.#id === undefined || this.#predecessor === undefined || this.#predecessor === this.#id) return;
    this.#listen(this.#predecessor);
    this.#predecessor = undefined;
  }

  #listen(id: string): void {
    const { topicOf, subscribe } = this.#options;
    subscribe(topicOf(id), ({ payload }) => this.#heard(id, payload));
  }

  #heard(id: string, payload: Uint8Array): void {
    const { prefix, remove, read } = this.#options;
    const document = membersOf(parse(payload));
    if (id !== this.#id) {
      // A charger that was given another prefix lives on under it.
      if (availabilityOf(document).includes(`${prefix}/bridge/state`)) remove(id);
    } else if (this.#unread) {
      this.#unread = false;
      this.#components = componentsOf(document, id);
      read();
    }
  }
}

/**
 * The document together with what an earlier run announced: kept as it was while the charger may still show it,
 * else on its way out, for which Home Assistant wants to see it with nothing but its platform (home-assistant 1.3).
 * `removed` are the keys on their way out; the next document is without them.
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

/** Those that bear our ids: what somebody else wrote there, or was on its way out already, is not kept. */
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

const parse = (payload: Uint8Array): Json | undefined => parseJson(Buffer.from(payload).toString());
