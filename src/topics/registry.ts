import type { Entity } from './entity.js';
import type { Topic } from './topic.js';

/**
 * Topics by path, in the order of their rows. `get` and `has` also know the topics of a family: `get` returns a copy of
 * its row with that path. All other methods of the map know only topics that have a row of their own.
 */
export interface Registry extends ReadonlyMap<string, Topic> {
  /** Rows of families: an `N` in the path stands for a number (`meters/N/values`). */
  readonly families: readonly Topic[];
  /** All rows, in their order. */
  readonly rows: readonly Topic[];
}

/** The part of a family's path that stands for a number. */
const NUMBER = 'N';

const FAMILY = /(?:^|\/)N(?:\/|$)/;

/** Numbers go from 0 to 99, as the charger writes them. */
const DIGITS = '(?:0|[1-9][0-9]?)';

/** Whether a row stands for a family of topics. */
export const isFamily = (path: string): boolean => FAMILY.test(path);

/** The topic filter of a family: `+` in place of `N`. It also matches topics with another word in that place. */
export const filterOf = (path: string): string => withNumber(path, '+');

/** The topic of the family that has this number. */
export const withNumber = (path: string, number: string): string =>
  path
    .split('/')
    .map((part) => (part === NUMBER ? number : part))
    .join('/');

/** For the topic `meters/3/values` the rows of all topics below `meters/3/`; empty if `path` has no number. */
export function familyBeside(topics: Registry, path: string): readonly Topic[] {
  const number = path.split('/').find((part) => /^\d+$/.test(part));
  if (number === undefined) return [];
  const start = path.slice(0, path.indexOf(`/${number}/`));
  return topics.families
    .filter((row) => row.path.startsWith(`${start}/${NUMBER}/`))
    .flatMap((row) => topics.get(withNumber(row.path, number)) ?? []);
}

/** The entities of the topic `path` of the family `row`: `N` is replaced by its number. Empty for any other topic. */
export function numberedEntities(
  row: Topic,
  path: string,
): { readonly row: Topic; readonly entity: Entity }[] {
  const { entities = [] } = row;
  if (entities.length === 0 || !isFamily(row.path)) return [];
  // This is called for each topic of each charger. Most already differ before the number.
  if (!path.startsWith(row.path.slice(0, row.path.search(FAMILY)))) return [];
  const number = new RegExp(`^${withNumber(row.path, `(${DIGITS})`)}$`).exec(path)?.[1];
  if (number === undefined) return [];
  const say = (text: string) => text.replace(NUMBER, number);
  return entities.map((entity) => ({
    row: { ...row, path, family: row.path },
    entity: { ...entity, key: say(entity.key), name: [say(entity.name[0]), say(entity.name[1])] },
  }));
}

/** Makes a registry of rows. Throws if two rows have the same path, which is a bug. */
export function registry(rows: readonly Topic[]): Registry {
  return new TopicRegistry(rows);
}

class TopicRegistry extends Map<string, Topic> implements Registry {
  readonly families: readonly Topic[];
  readonly rows: readonly Topic[];
  readonly #patterns: readonly (readonly [RegExp, Topic])[];
  /** Topics of families that were asked for; at most 100 of each family. */
  readonly #members = new Map<string, Topic>();

  constructor(rows: readonly Topic[]) {
    super();
    this.rows = rows;
    const seen = new Set<string>();
    for (const row of rows) {
      if (seen.has(row.path)) throw new Error(`topic ${row.path} has two rows`);
      seen.add(row.path);
      if (!isFamily(row.path)) this.set(row.path, row);
    }
    this.families = rows.filter(({ path }) => isFamily(path));
    // No path of a row contains a special character of regular expressions.
    this.#patterns = this.families.map((row) => [new RegExp(`^${withNumber(row.path, DIGITS)}$`), row]);
  }

  override get(path: string): Topic | undefined {
    return super.get(path) ?? this.#members.get(path) ?? this.#member(path);
  }

  override has(path: string): boolean {
    return this.get(path) !== undefined;
  }

  #member(path: string): Topic | undefined {
    if (!/\/\d/.test(path)) return undefined;
    const row = this.#patterns.find(([pattern]) => pattern.test(path))?.[1];
    if (!row) return undefined;
    const member = { ...row, path, family: row.path };
    this.#members.set(path, member);
    return member;
  }
}
