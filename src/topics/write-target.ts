import type { Registry } from './registry.js';
import type { Topic } from './topic.js';

/** A path to a part of a value may have this many parts at most (charger-wire 3.5). */
const MAX_PARTS = 8;

/** What a write changes: the value of a row, or a part of it. */
export interface WriteTarget {
  readonly row: Topic;
  /** Members and indices that lead to the part; empty for the whole value. */
  readonly inside: readonly string[];
}

/**
 * The row that a write to `path` (a topic without prefix) changes; undefined if there is none. After the name of the
 * row, with or without `_update`, a part of its value may follow: `evse/external_defaults_update/current`
 * (charger-wire 3.5).
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

/** The topics (without prefix) on which writes to a row are accepted. A row without a state also has its own path. */
export function writeTopics({ path, state, command }: Topic): readonly string[] {
  if (!command) return [];
  return state ? [`${path}_update`] : [path, `${path}_update`];
}
