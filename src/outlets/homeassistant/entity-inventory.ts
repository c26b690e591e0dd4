import { type Json, membersOf, valueAt } from '../../base/json.js';
import type { Condition, Entity, Hardware } from '../../topics/entity.js';
import { isFamily, numberedEntities } from '../../topics/registry.js';
import type { Topic } from '../../topics/topic.js';
import type { Read } from './device.js';
import { orderOf, valueIndex } from './document.js';
import { type Item, isControl } from './item.js';

const HARDWARE = 'evse/hardware_configuration';
const NAME = 'info/name';

export interface InventoryOptions {
  /** All rows; those of families stand for as many topics as the charger has. */
  readonly rows: readonly Topic[];
  readonly read: Read;
  /** What the charger has shown so far. */
  readonly shown: Iterable<string>;
  /** Whether the settings let anybody write a row. */
  readonly isPermitted: (row: Topic) => boolean;
}

/**
 * Which entities a charger has, by what it has shown so far. A charger brings an entity once its topic and member
 * were there with a value; what was there stays, so that a meter that falls silent keeps its entities.
 */
export class EntityInventory {
  readonly #options: InventoryOptions;
  readonly #read: Read;
  readonly #single: readonly Item[];
  /** By the topic, which is one of a family. */
  readonly #numbered = new Map<string, readonly Item[]>();
  readonly #shown = new Set<string>();
  readonly #waiting = new Map<string, Set<Item>>();
  /** By a topic that has their codes or their order, or says whether they are possible. */
  readonly #depending = new Map<string, Item[]>();
  /** What those topics last showed. */
  readonly #dependedOn = new Map<string, Json | undefined>();
  /** Topics that were looked at for numbers. */
  readonly #known = new Set<string>();
  #hardware: Hardware | undefined;
  /** Undefined until the box has said what it is. */
  #isManager: boolean | undefined;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.#read = options.read;
    this.#single = options.rows.filter(({ path }) => !isFamily(path)).flatMap((row) => this.#itemsOf(row));
    for (const item of this.#single) this.#waitFor(item);
    for (const path of options.shown) this.#addNumbered(path);
    this.#lookEverywhere();
  }

  /** Takes note of what `path` shows now; says whether the charger turned out to have more than was known. */
  look(path: string): boolean {
    this.#addNumbered(path);
    if (path === HARDWARE || path === NAME) return this.#lookEverywhere();
    const depending = this.#depending.get(path);
    if (!depending) return this.#lookAt(path);
    const value = this.#read(path);
    // States are told again after each document: what is as it was brings no other one.
    if (this.#dependedOn.has(path) && this.#dependedOn.get(path) === value) return this.#lookAt(path);
    this.#dependedOn.set(path, value);
    for (const item of depending) this.#lookAt(topicOf(item));
    this.#lookAt(path);
    return true;
  }

  /** What the charger has, in the order of the registry, and of `former` keys what has only lost its value. */
  items(former: (key: string) => boolean): Item[] {
    return this.#all.filter((item) => {
      const { key } = item.entity;
      if (this.#shown.has(key)) return item.entity.valueId === undefined || valueIndex(item, this.#read) >= 0;
      return former(key) && this.#find(item, topicOf(item)) === null;
    });
  }

  get #all(): Item[] {
    const numbered = [...this.#numbered].sort(([one], [other]) => (one < other ? -1 : 1));
    return [...this.#single, ...numbered.flatMap(([, items]) => items)];
  }

  #itemsOf(row: Topic): Item[] {
    // A control that is refused would show what is not so.
    const offered = ({ platform }: Entity) => !isControl(platform) || this.#options.isPermitted(row);
    return (row.entities ?? []).filter(offered).map((entity) => ({ row, entity }));
  }

  #addNumbered(path: string): void {
    if (this.#known.has(path)) return;
    this.#known.add(path);
    const found = this.#options.rows.flatMap((row) => numberedEntities(row, path));
    if (found.length === 0) return;
    this.#numbered.set(path, found);
    for (const item of found) this.#waitFor(item);
  }

  #waitFor(item: Item): void {
    const path = topicOf(item);
    this.#waiting.set(path, (this.#waiting.get(path) ?? new Set()).add(item));
    for (const source of new Set([item.entity.codesIn, orderOf(item), conditionOf(item)?.topic])) {
      if (source === undefined) continue;
      const others = this.#depending.get(source) ?? [];
      this.#depending.set(source, [...others, item]);
    }
  }

  #lookEverywhere(): boolean {
    // The store holds only what has the shape of its row.
    this.#hardware = this.#read(HARDWARE) as unknown as Hardware | undefined;
    const { type } = membersOf(this.#read(NAME));
    this.#isManager = typeof type === 'string' ? isManagerType(type) : undefined;
    return [...this.#waiting.keys()].map((path) => this.#lookAt(path)).includes(true);
  }

  #lookAt(path: string): boolean {
    const waiting = this.#waiting.get(path);
    if (!waiting) return false;
    const before = waiting.size;
    for (const item of waiting) {
      if ((this.#find(item, path) ?? null) === null) continue;
      this.#shown.add(item.entity.key);
      waiting.delete(item);
    }
    if (waiting.size === 0) this.#waiting.delete(path);
    return waiting.size < before;
  }

  #fits({ row, entity: { fits, only } }: Item): boolean {
    if (fits && !(this.#hardware && fits(this.#hardware))) return false;
    if (only === 'chargers') return this.#isManager === false;
    // A charger's first meter is its own, and has entities already.
    return !FIRST_METER.test(row.path) || this.#isManager === true;
  }

  /** The value that `item` shows at `path`: null if there is none at the moment, undefined if its member is not there. */
  #find(item: Item, path: string): Json | undefined {
    const { entity } = item;
    if (!this.#fits(item)) return undefined;
    const payload = this.#read(path);
    if (payload === undefined) return undefined;
    if (entity.codesIn !== undefined) {
      const codes = this.#read(entity.codesIn);
      if (!Array.isArray(codes) || codes.length === 0) return undefined;
    }
    const condition = conditionOf(item);
    if (condition) {
      const shown = this.#read(condition.topic);
      if (shown === undefined || !condition.possible(shown)) return undefined;
    }
    if (entity.valueId !== undefined) {
      const at = valueIndex(item, this.#read);
      return at < 0 ? undefined : valueAt(payload, [at]);
    }
    return entity.member ? valueAt(payload, entity.member) : payload;
  }
}

const FIRST_METER = /^meters\/0\//;

/** Energy managers and the Smart Energy Broker; all others are chargers. */
const isManagerType = (type: string): boolean => /^(wem|seb)/.test(type);

const conditionOf = ({ entity: { available } }: Item): Condition | undefined =>
  available === 'bridge' ? undefined : available;

const topicOf = ({ row, entity }: Item): string => entity.topic ?? row.path;
