import type { Registry } from './registry.js';
import type { Topic } from './topic.js';

/** More parts than this are not walked into (charger-wire 3.5). */
const MAX_PARTS = 8;

/** What a write is for: a row, and the part of its value where that is not all of it. */
export interface WriteTarget {
  readonly row: Topic;
  /** Members and indices that lead to the part; empty for the whole value. */
  readonly inside: readonly string[];
}

/**
 * The row that is written by `path`, a topic without prefix. Behind the name of a row, with or without `_update`, a
 * part of its value may stand: `evse/external_defaults_update/current` (charger-wire 3.5). Undefined if there is none.
 */
export function writeTarget(topics: Registry, path: string): WriteTarget | undefined {
  const parts = path.split('/');
  for (let count = parts.length; count > 0 && parts.length - count <= MAX_PARTS; count--) {
    const name = parts.slice(0, count).join('/');
    const row = topics.get(name) ?? topics.get(name.replace(/_update$/, ''));
    const inside = parts.slice(count);
    if (row?.command && (inside.length === 0 || !row.command.action)) return { row, inside };
  }
  return undefined;
}

/** The topics without prefix on which writes to a row are expected: what shows no state is called by its own name too. */
export function writeTopics({ path, state, command }: Topic): readonly string[] {
  if (!command) return [];
  return state ? [`${path}_update`] : [path, `${path}_update`];
}
