import { currentLimit } from './current-limit.js';
import type { DerivedTopic } from './derived.js';
import { evse } from './evse/index.js';
import { modules } from './modules/index.js';
import { isFamily, type Registry, registry } from './registry.js';
import { event, session } from './session.js';
import { simulator } from './simulator.js';
import type { Topic } from './topic.js';

export { type Registry, registry } from './registry.js';

const real = [...evse, ...modules];

/** What a real charger has. */
export const chargerTopics = (): Registry => registry(real);

/** What the built-in model has: the same, and the world around it. */
export const modelTopics = (): Registry =>
  registry(
    [...real, ...simulator].map(inModel).filter((row) => (row.state || row.command) && !isFamily(row.path)),
  );

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

/** What the bridge tells by itself. */
export const bridgeTopics: readonly Topic[] = [session, event];

/** All rows, for the written reference. */
export const allTopics = (): Registry => registry([...real, ...derivedTopics, ...bridgeTopics, ...simulator]);
