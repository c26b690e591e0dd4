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

/** The topics of a real charger. All chargers share one registry, because nothing in it changes. */
export function chargerTopics(): Registry {
  ofChargers ??= registry([...real, wakeVehicle]);
  return ofChargers;
}

/** The topics of the built-in model of this type: what it has of a charger's topics, and the world around it. */
export function modelTopics(type: ModelType = 'warp1'): Registry {
  const { generation, release } = models[type];
  const rows = [...real, ...simulator].filter((row) => isAvailable(row, generation, release));
  const own = [wakeVehicle].filter((row) => isAvailable(row, generation, release));
  return registry([...rows.map(inModel).filter((row) => row.state || row.command), ...own]);
}

/** The topics of a charger of this type with any firmware. The model answers for those that its own release has. */
export function simulatedTopics(type: ModelType): Registry {
  const { generation, release } = models[type];
  return registry(real.map((row) => (isAvailable(row, generation, release) ? row : withoutModel(row))));
}

/** The topics of a recorded charger. It accepts every write, and no write has an effect. */
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

/** The part of a row that the model has. Of a family of topics it has the one with the number 0. */
function inModel(row: Topic): Topic {
  const { state, command, ...rest } = row;
  return {
    ...rest,
    path: withNumber(row.path, '0'),
    ...(state?.read ? { state } : {}),
    ...(command?.write ? { command } : {}),
  };
}

/** Topics that the bridge makes, each from one topic of the charger. */
export const derivedTopics: readonly DerivedTopic[] = [currentLimit];

/** Topics of the bridge itself. */
export const bridgeTopics: readonly Topic[] = [session, event, dimming, waking];

/** All rows, for the written reference. */
export const allTopics = (): Registry =>
  registry([...real, ...derivedTopics, ...bridgeTopics, wakeVehicle, ...simulator]);
