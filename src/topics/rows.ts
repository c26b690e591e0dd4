import type { Json } from '../base/json.js';
import type { Controller } from '../model/controller.js';
import { type Check, unexpected } from './issues.js';
import {
  array,
  type JsonSchema,
  type Member,
  type Members,
  mapMembers,
  object,
  optional,
  type ValueOf,
} from './members.js';
import { int } from './scalars.js';
import type { Command, State, Topic } from './topic.js';

/** Options that every kind of row has. */
type About = Pick<
  Topic,
  'doc' | 'since' | 'until' | 'writableSince' | 'generations' | 'needs' | 'count' | 'entities'
>;

type StateOptions<T> = About &
  Pick<State, 'heartbeat' | 'restartCounter' | 'poll' | 'redact' | 'power' | 'counters'> & {
    readonly example: T;
    readonly read?: (controller: Controller) => T;
  };

type CommandOptions = Pick<
  Command,
  | 'applied'
  | 'shownIn'
  | 'hint'
  | 'flash'
  | 'actsWhenEqual'
  | 'sharesState'
  | 'initial'
  | 'gate'
  | 'steps'
  | 'underway'
>;

type SettingOptions<T> = StateOptions<T> &
  CommandOptions & { readonly write?: (controller: Controller, value: T) => void };

/** A topic that can be read. */
export function state<M extends Members>(path: string, members: M, options: StateOptions<ValueOf<M>>): Topic {
  return { path, ...about(options), state: stateOf(object(members), options) };
}

/** A topic that can be read and is an array of `item`. */
export function list<T>(path: string, item: Member<T>, options: StateOptions<readonly T[]>): Topic {
  return { path, ...about(options), state: stateOf(array(item), options) };
}

/** A topic that can be read and written, and is an array. */
export function listSetting<T>(
  path: string,
  items: Member<readonly T[]>,
  options: StateOptions<readonly T[]> & CommandOptions,
): Topic {
  return {
    path,
    ...about(options),
    state: stateOf(items, options),
    command: { ...arrayCommand(items), ...commandData(options) },
  };
}

/** A topic that can only be written, and is an array. */
export function listCommand<T>(
  path: string,
  items: Member<readonly T[]>,
  options: About & CommandOptions & { readonly example: readonly T[] },
): Topic {
  return {
    path,
    ...about(options),
    // The compiler has checked the type of the items, but can't see that it is always JSON.
    command: { ...arrayCommand(items), ...commandData(options), example: options.example as Json },
  };
}

/** A topic that can be read and written. */
export function setting<M extends Members>(
  path: string,
  members: M,
  options: SettingOptions<ValueOf<M>>,
): Topic {
  return {
    ...state(path, members, options),
    command: { ...commandOf(members, options), ...(options.write ? { write: options.write } : {}) },
  };
}

/** The topic `…_modified` beside a setting that the network processor keeps in flash, up to 2.10.0 (charger-wire 1). */
export function modified(setting: string, since: string): Topic {
  return state(
    `${setting}_modified`,
    { modified: int(0, 3) },
    {
      doc: `Whether \`${setting}\` differs from its default (2) or was changed since the start (1).`,
      since,
      until: '2.10.0',
      poll: 'rare',
      example: { modified: 0 },
    },
  );
}

/** A topic that can only be written, as an object; members of `further` may be left out. */
export function command<M extends Members, F extends Members>(
  path: string,
  required: M,
  further: F,
  options: About &
    CommandOptions & {
      readonly example?: ValueOf<M> & Partial<ValueOf<F>>;
      readonly write?: (controller: Controller, value: ValueOf<M> & Partial<ValueOf<F>>) => void;
    },
): Topic {
  const members = { ...required, ...mapMembers(further, optional) };
  return {
    path,
    ...about(options),
    command: {
      ...commandOf(members, options),
      ...(options.write ? { write: options.write } : {}),
      // The compiler has checked the types of the members, but can't see that they are always JSON.
      ...(options.example ? { example: options.example as Json } : {}),
    },
  };
}

/** A topic that acts once for each write, with an empty payload. */
export function action(
  path: string,
  options: About & CommandOptions & { readonly write?: (controller: Controller) => void },
): Topic {
  return {
    path,
    ...about(options),
    command: {
      check: (value) => emptyPayload(value, 'write'),
      json: { enum: [null, '', false, 0, [], {}] },
      members: [],
      wire: {},
      action: true,
      ...commandData(options),
      ...(options.write ? { write: options.write } : {}),
    },
  };
}

function about(options: About): About {
  const { doc, since, until, writableSince, generations, needs, count, entities } = options;
  return {
    doc,
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
    ...(writableSince ? { writableSince } : {}),
    ...(generations ? { generations } : {}),
    ...(needs ? { needs } : {}),
    ...(count ? { count } : {}),
    ...(entities ? { entities } : {}),
  };
}

function stateOf<T>(member: Member<unknown>, options: StateOptions<T>): State {
  const { example, read, heartbeat, restartCounter, poll, redact, power, counters } = options;
  return {
    check: (value) => member.check(value, 'report'),
    json: member.reportJson ?? member.json,
    // The compiler has checked the example by the members, but can't see that it is always JSON.
    example: example as Json,
    ...(read ? { read } : {}),
    ...(heartbeat ? { heartbeat } : {}),
    ...(restartCounter ? { restartCounter } : {}),
    ...(poll ? { poll } : {}),
    ...(redact ? { redact } : {}),
    ...(power ? { power } : {}),
    ...(counters ? { counters } : {}),
  };
}

function commandOf(members: Members, options: CommandOptions): Command {
  const whole = object(members);
  const secret = Object.keys(members).filter((name) => members[name]?.secret);
  return {
    check: (value) => whole.check(value, 'write'),
    json: closed(whole.json),
    members: Object.keys(members),
    ...(secret.length > 0 ? { secret } : {}),
    wire: mapMembers(members, ({ wire }) => wire),
    action: false,
    ...commandData(options),
  };
}

function arrayCommand(items: Member<unknown>): Command {
  return {
    check: (value) => items.check(value, 'write'),
    json: closed(items.json),
    members: [],
    action: false,
  };
}

function commandData(options: CommandOptions): CommandOptions {
  const { applied, shownIn, hint, flash, actsWhenEqual, sharesState, initial, gate, steps, underway } =
    options;
  return {
    ...(applied ? { applied } : {}),
    ...(shownIn ? { shownIn } : {}),
    ...(hint ? { hint } : {}),
    ...(gate ? { gate } : {}),
    ...(steps ? { steps } : {}),
    ...(underway ? { underway } : {}),
    ...(flash ? { flash } : {}),
    ...(actsWhenEqual ? { actsWhenEqual } : {}),
    ...(sharesState ? { sharesState } : {}),
    ...(initial === undefined ? {} : { initial }),
  };
}

/** The schema of a write: no object in it, at any depth, may have members that are not named. */
function closed(json: JsonSchema): JsonSchema {
  const inner = Object.entries(json).map(([key, value]) => [key, isSchema(value) ? closed(value) : value]);
  const schema = Object.fromEntries(inner) as JsonSchema;
  return json.type === 'object' ? { ...schema, additionalProperties: false } : schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const emptyPayload: Check = (value) =>
  isEmpty(value) ? undefined : unexpected('an empty payload (null, "", false, 0, [] or {})', value);

function isEmpty(input: unknown): boolean {
  if (Array.isArray(input)) return input.length === 0;
  if (typeof input === 'object' && input !== null) return Object.keys(input).length === 0;
  return input === null || input === '' || input === false || input === 0;
}
