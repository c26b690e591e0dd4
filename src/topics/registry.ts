import type { Entity } from './entity.js';
import type { Topic } from './topic.js';

/**
 * Topics by path, in the order of their rows. `get` and `has` also know the topics of a family, as a copy of its row
 * with the path that was asked for; the rest of the map is about single topics.
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

/** The topic filter that fits the topics of a family and nothing else of the same length but other words for `N`. */
export const filterOf = (path: string): string => withNumber(path, '+');

/** The topic of the family that has this number. */
export const withNumber = (path: string, number: string): string =>
  path
    .split('/')
    .map((part) => (part === NUMBER ? number : part))
    .join('/');

/** The rows of families that have the number of the topic `path`, which is one of such a family, and its first levels. */
export function familyBeside(topics: Registry, path: string): readonly Topic[] {
  const number = path.split('/').find((part) => /^\d+$/.test(part));
  if (number === undefined) return [];
  const start = path.slice(0, path.indexOf(`/${number}/`));
  return topics.families
    .filter((row) => row.path.startsWith(`${start}/${NUMBER}/`))
    .flatMap((row) => topics.get(withNumber(row.path, number)) ?? []);
}

/** The entities that `path`, a topic of the family `row`, brings: with its number where theirs say `N`. */
export function numberedEntities(
  row: Topic,
  path: string,
): { readonly row: Topic; readonly entity: Entity }[] {
  const { entities = [] } = row;
  if (entities.length === 0 || !isFamily(row.path)) return [];
  // Asked for each topic of each charger: most differ before their number.
  if (!path.startsWith(row.path.slice(0, row.path.search(FAMILY)))) return [];
  const number = new RegExp(`^${withNumber(row.path, `(${DIGITS})`)}$`).exec(path)?.[1];
  if (number === undefined) return [];
  const say = (text: string) => text.replace(NUMBER, number);
  return entities.map((entity) => ({
    row: { ...row, path, family: row.path },
    entity: { ...entity, key: say(entity.key), name: [say(entity.name[0]), say(entity.name[1])] },
  }));
}

/** Makes a registry of rows; a path that is there twice is a bug and fails at start. */
export function registry(rows: readonly Topic[]): Registry {
  return new TopicRegistry(rows);
}

class TopicRegistry extends Map<string, Topic> implements Registry {
  readonly families: readonly Topic[];
  readonly rows: readonly Topic[];
  readonly #patterns: readonly (readonly [RegExp, Topic])[];
  /** Members of families that were asked for; at most 100 each. */
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
    // Paths of rows have no characters that mean something in a pattern.
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
