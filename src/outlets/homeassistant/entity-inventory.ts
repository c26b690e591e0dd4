import { type Json, valueAt } from '../../base/json.js';
import type { Entity, Hardware } from '../../topics/entity.js';
import type { Topic } from '../../topics/topic.js';
import type { Read } from './device.js';
import { type Item, isControl } from './document.js';

const HARDWARE = 'evse/hardware_configuration';

export interface InventoryOptions {
  readonly rows: readonly Topic[];
  readonly read: Read;
  /** Whether the settings let anybody write a row. */
  readonly isPermitted: (row: Topic) => boolean;
}

/**
 * Which entities a charger has, by what it has shown so far. A charger brings an entity once its topic and member
 * were there with a value; what was there stays, so that a meter that falls silent keeps its entities.
 */
export class EntityInventory {
  readonly #all: readonly Item[];
  readonly #read: Read;
  readonly #shown = new Set<string>();
  readonly #waiting = new Map<string, Set<Entity>>();
  #hardware: Hardware | undefined;

  constructor({ rows, read, isPermitted }: InventoryOptions) {
    this.#read = read;
    // A control that is refused would show what is not so.
    this.#all = rows.flatMap((row) =>
      (row.entities ?? [])
        .filter(({ platform }) => !isControl(platform) || isPermitted(row))
        .map((entity) => ({ row, entity })),
    );
    for (const { row, entity } of this.#all) {
      const path = entity.topic ?? row.path;
      const waiting = this.#waiting.get(path) ?? new Set();
      this.#waiting.set(path, waiting.add(entity));
    }
    this.#lookEverywhere();
  }

  /** Takes note of what `path` shows now; says whether the charger turned out to have more than was known. */
  look(path: string): boolean {
    if (path === HARDWARE) return this.#lookEverywhere();
    const choices = this.#all.filter(({ entity }) => entity.codesIn === path);
    for (const { row, entity } of choices) this.#lookAt(entity.topic ?? row.path);
    return this.#lookAt(path) || choices.length > 0;
  }

  /** What the charger has, in the order of the registry, and of `former` keys what has only lost its value. */
  items(former: (key: string) => boolean): Item[] {
    return this.#all.filter(({ row, entity }) => {
      if (this.#shown.has(entity.key)) return true;
      return former(entity.key) && this.#find(entity, this.#read(entity.topic ?? row.path)) === null;
    });
  }

  #lookEverywhere(): boolean {
    // The store holds only what has the shape of its row.
    this.#hardware = this.#read(HARDWARE) as unknown as Hardware | undefined;
    return [...this.#waiting.keys()].map((path) => this.#lookAt(path)).includes(true);
  }

  #lookAt(path: string): boolean {
    const waiting = this.#waiting.get(path);
    if (!waiting) return false;
    const found = this.#found(path, waiting);
    for (const entity of found) {
      this.#shown.add(entity.key);
      waiting.delete(entity);
    }
    if (waiting.size === 0) this.#waiting.delete(path);
    return found.length > 0;
  }

  #found(path: string, waiting: ReadonlySet<Entity>): Entity[] {
    const fitting = [...waiting].filter((entity) => this.#fits(entity));
    if (fitting.length === 0) return [];
    const payload = this.#read(path);
    return fitting.filter((entity) => (this.#find(entity, payload) ?? null) !== null);
  }

  #fits({ fits }: Entity): boolean {
    return !fits || (this.#hardware !== undefined && fits(this.#hardware));
  }

  /** The value that `entity` shows: null if there is none at the moment, undefined if its member is not there. */
  #find(entity: Entity, payload: Json | undefined): Json | undefined {
    if (payload === undefined || !this.#fits(entity)) return undefined;
    if (entity.codesIn !== undefined) {
      const codes = this.#read(entity.codesIn);
      if (!Array.isArray(codes) || codes.length === 0) return undefined;
    }
    return entity.member ? valueAt(payload, entity.member) : payload;
  }
}
