import { type JsonObject, membersOf, parseJson } from '../../base/json.js';
import type { Incoming, Link } from '../../mqtt/link.js';
import { deviceId } from './device.js';
import type { Component, DiscoveryDocument } from './document.js';

export interface PreviousDocumentOptions {
  /** The prefix of the charger's topics. */
  readonly prefix: string;
  readonly link: Link;
  readonly topicOf: (id: string) => string;
  /** Takes the device `id` out of Home Assistant. */
  readonly remove: (id: string) => void;
  /** Called when what was announced of the device `id` is known. */
  readonly known: (id: string) => void;
}

/**
 * What earlier runs left in Home Assistant. The broker is the only memory: the retained document of this charger
 * tells which components there were, the retained `bridge/info` which charger had this prefix before. Both are
 * read once, before we publish there ourselves.
 */
export class PreviousDocument {
  readonly #options: PreviousDocumentOptions;
  #components = new Map<string, Component>();
  #id: string | undefined;
  #predecessor: string | undefined;

  constructor(options: PreviousDocumentOptions) {
    this.#options = options;
  }

  /** What was announced of this charger and has neither been announced again nor removed. */
  get components(): ReadonlyMap<string, Component> {
    return this.#components;
  }

  /** Looks which charger had the prefix before. */
  async start(): Promise<void> {
    const { link, prefix } = this.#options;
    const { uid } = documentIn(await link.readRetained(`${prefix}/bridge/info`));
    if (typeof uid !== 'string' || uid === '') return;
    this.#predecessor = deviceId(uid);
    await this.#removePredecessor();
  }

  /** From now on the charger is the device `id`; if it was another one, that one goes. */
  async attach(id: string): Promise<void> {
    const { link, topicOf, known } = this.#options;
    this.#predecessor = this.#id ?? this.#predecessor;
    this.#id = id;
    this.#components = new Map();
    void this.#removePredecessor();
    const document = documentIn(await link.readRetained(topicOf(id)));
    if (id !== this.#id) return;
    this.#components = componentsOf(document, id);
    known(id);
  }

  /** `keys` are out of Home Assistant. */
  removed(keys: readonly string[]): void {
    for (const key of keys) this.#components.delete(key);
  }

  /** Removes the charger that was here before, but not if it was given another prefix and lives on under it. */
  async #removePredecessor(): Promise<void> {
    const { link, prefix, topicOf, remove } = this.#options;
    const id = this.#predecessor;
    if (id === undefined || this.#id === undefined) return;
    this.#predecessor = undefined;
    if (id === this.#id) return;
    const document = documentIn(await link.readRetained(topicOf(id)));
    if (id !== this.#id && availabilityOf(document).includes(`${prefix}/bridge/state`)) remove(id);
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

function documentIn(message: Incoming | undefined): JsonObject {
  return membersOf(message && parseJson(Buffer.from(message.payload).toString()));
}
