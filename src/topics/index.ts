import type { ModelType } from '../model/generations/model-type.js';
import { isAvailable } from './availability.js';
import { currentLimit } from './current-limit.js';
import type { DerivedTopic } from './derived.js';
import { dimming } from './dimming.js';
import { evse } from './evse/index.js';
import { models } from './models.js';
import { modules } from './modules/index.js';
import { type Registry, registry, withNumber } from './registry.js';
import { event, session } from './session.js';
import { simulator } from './simulator.js';
import type { Command, State, Topic } from './topic.js';
import { wakeVehicle, waking } from './wake-vehicle.js';

export { type Registry, registry } from './registry.js';

const real = [...evse, ...modules];

let ofChargers: Registry | undefined;

/** What a real charger has: one registry, however many chargers there are, for nothing in it changes. */
export function chargerTopics(): Registry {
  ofChargers ??= registry([...real, wakeVehicle]);
  return ofChargers;
}

/** What the built-in model of this type has: the same, and the world around it. */
export function modelTopics(type: ModelType = 'warp1'): Registry {
  const { generation, release } = models[type];
  const rows = [...real, ...simulator].filter((row) => isAvailable(row, generation, release));
  const own = [wakeVehicle].filter((row) => isAvailable(row, generation, release));
  return registry([...rows.map(inModel).filter((row) => row.state || row.command), ...own]);
}

/** What a charger of this type with any firmware has; the model answers for what its own release has. */
export function simulatedTopics(type: ModelType): Registry {
  const { generation, release } = models[type];
  return registry(real.map((row) => (isAvailable(row, generation, release) ? row : withoutModel(row))));
}

/** What a charger has of which only a recording is there: it takes every write, and none has an effect. */
export function recordedTopics(): Registry {
  return registry(
    real.map(({ command, ...rest }) => ({
      ...rest,
      ...(command ? { command: { ...command, write: () => undefined } } : {}),
    })),
  );
}

function withoutModel({ state, command, ...rest }: Topic): Topic {
  return {
    ...rest,
    ...(state ? { state: unread(state) } : {}),
    ...(command ? { command: unwritten(command) } : {}),
  };
}

function unread({ read: _, ...state }: State): State {
  return state;
}

function unwritten({ write: _, ...command }: Command): Command {
  return command;
}

/** The row as far as the model has it; of a family the model has the first member. */
function inModel(row: Topic): Topic {
  const { state, command, ...rest } = row;
  return {
    ...rest,
    path: withNumber(row.path, '0'),
    ...(state?.read ? { state } : {}),
    ...(command?.write ? { command } : {}),
  };
}

/** What the bridge makes of a charger's topics. */
export const derivedTopics: readonly DerivedTopic[] = [currentLimit];

/** What the bridge tells by itself. */
export const bridgeTopics: readonly Topic[] = [session, event, dimming, waking];

/** All rows, for the written reference. */
export const allTopics = (): Registry =>
  registry([...real, ...derivedTopics, ...bridgeTopics, wakeVehicle, ...simulator]);
