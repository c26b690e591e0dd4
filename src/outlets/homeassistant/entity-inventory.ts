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
  /** All rows; the row of a family stands for all its numbered topics that the charger has. */
  readonly rows: readonly Topic[];
  readonly read: Read;
  /** Topics that the charger has reported so far. */
  readonly shown: Iterable<string>;
  /** Whether the settings let anybody write a row. */
  readonly isPermitted: (row: Topic) => boolean;
}

/**
 * Knows which entities a charger has, by what it has reported so far. An entity is there once its topic and member have
 * had a value. It stays after that, so that a meter which falls silent keeps its entities.
 */
export class EntityInventory {
  readonly #options: InventoryOptions;
  readonly #read: Read;
  readonly #single: readonly Item[];
  /** Entities of each numbered topic of a family, by its path. */
  readonly #numbered = new Map<string, readonly Item[]>();
  readonly #shown = new Set<string>();
  readonly #waiting = new Map<string, Set<Item>>();
  /** Entities by the topic that has their codes or the order of their list, or says whether they are possible. */
  readonly #depending = new Map<string, Item[]>();
  /** What those topics last showed. */
  readonly #dependedOn = new Map<string, Json | undefined>();
  /** Topics that were looked at for numbers. */
  readonly #known = new Set<string>();
  #hardware: Hardware | undefined;
  /** Whether it is an energy manager; undefined until the device has reported its type. */
  #isManager: boolean | undefined;

  constructor(options: InventoryOptions) {
    this.#options = options;
    this.#read = options.read;
    this.#single = options.rows.filter(({ path }) => !isFamily(path)).flatMap((row) => this.#itemsOf(row));
    for (const item of this.#single) this.#waitFor(item);
    for (const path of options.shown) this.#addNumbered(path);
    this.#lookEverywhere();
  }

  /** Whether it is an energy manager, which has no charge controller; undefined until it has reported its type. */
  get isManager(): boolean | undefined {
    return this.#isManager;
  }

  /** Takes note of the new state of `path`. Returns whether the entities may have changed by that. */
  look(path: string): boolean {
    this.#addNumbered(path);
    if (path === HARDWARE || path === NAME) return this.#lookEverywhere();
    const depending = this.#depending.get(path);
    if (!depending) return this.#lookAt(path);
    const value = this.#read(path);
    // All states are repeated after each document: an unchanged one must not lead to the next document.
    if (this.#dependedOn.has(path) && this.#dependedOn.get(path) === value) return this.#lookAt(path);
    this.#dependedOn.set(path, value);
    for (const item of depending) this.#lookAt(topicOf(item));
    this.#lookAt(path);
    return true;
  }

  /** The charger's entities in the order of the registry, with those of `former` keys that only lack a value now. */
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
    // A control that is always refused would show a wrong state.
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
    // The store has only values that fit their row.
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
