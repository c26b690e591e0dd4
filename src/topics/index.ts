import { currentLimit } from './current-limit.js';
import type { DerivedTopic } from './derived.js';
import { evse } from './evse/index.js';
import { info } from './info.js';
import { meter } from './meter.js';
import { simulator } from './simulator.js';
import type { Topic } from './topic.js';

/** Topics by path, in the order of their rows. */
export type Registry = ReadonlyMap<string, Topic>;

/** Makes a registry of rows; a path that is there twice is a bug and fails at start. */
export function registry(rows: readonly Topic[]): Registry {
  const byPath = new Map<string, Topic>();
  for (const row of rows) {
    if (byPath.has(row.path)) throw new Error(`topic ${row.path} has two rows`);
    byPath.set(row.path, row);
  }
  return byPath;
}

const real = [...evse, ...info, ...meter];

/** What a real charger has. */
export const chargerTopics = (): Registry => registry(real);

/** What the built-in model has: the same, and the world around it. */
export const modelTopics = (): Registry =>
  registry([...real, ...simulator].map(inModel).filter((row) => row.state || row.command));

/** The row as far as the model has it. */
function inModel(row: Topic): Topic {
  const { state, command, ...rest } = row;
  return {
    ...rest,
    ...(state?.read ? { state } : {}),
    ...(command?.write ? { command } : {}),
  };
}

/** What the bridge makes of a charger's topics. */
export const derivedTopics: readonly DerivedTopic[] = [currentLimit];

/** All rows, for the written reference. */
export const allTopics = (): Registry => registry([...real, ...derivedTopics, ...simulator]);
