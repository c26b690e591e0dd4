import type { Json } from '../base/json.js';
import type { Controller } from '../model/controller.js';
import { type Check, unexpected } from './issues.js';
import {
  array,
  int,
  type JsonSchema,
  type Member,
  type Members,
  mapMembers,
  object,
  type ValueOf,
} from './members.js';
import type { Command, State, Topic } from './topic.js';

/** What every row says of itself. */
type About = Pick<Topic, 'doc' | 'since' | 'until' | 'writableSince' | 'generations' | 'needs' | 'entities'>;

type StateOptions<T> = About &
  Pick<State, 'heartbeat' | 'restartCounter' | 'poll'> & {
    readonly example: T;
    readonly read?: (controller: Controller) => T;
  };

type CommandOptions = Pick<
  Command,
  'applied' | 'hint' | 'flash' | 'actsWhenEqual' | 'sharesState' | 'initial'
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

/** What firmware up to 2.10.0 tells beside a setting that its network processor keeps in flash (charger-wire 1). */
export function modified(setting: string, since: string): Topic {
  return state(
    `${setting}_modified`,
    { modified: int(0, 3) },
    {
      doc: `Whether \`${setting}\` differs from its default (2) or was changed since the start (1).`,
      since,
      until: '2.10.0',
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
      readonly write?: (controller: Controller, value: ValueOf<M> & Partial<ValueOf<F>>) => void;
    },
): Topic {
  const members = {
    ...required,
    ...mapMembers(further, (member) => ({ ...member, optional: true as const })),
  };
  return {
    path,
    ...about(options),
    command: { ...commandOf(members, options), ...(options.write ? { write: options.write } : {}) },
  };
}

/** A one-shot act with an empty payload. */
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
  const { doc, since, until, writableSince, generations, needs, entities } = options;
  return {
    doc,
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
    ...(writableSince ? { writableSince } : {}),
    ...(generations ? { generations } : {}),
    ...(needs ? { needs } : {}),
    ...(entities ? { entities } : {}),
  };
}

function stateOf<T>(member: Member<unknown>, options: StateOptions<T>): State {
  const { example, read, heartbeat, restartCounter, poll } = options;
  return {
    check: (value) => member.check(value, 'report'),
    json: member.json,
    // The members of a row say what its example is; that they are JSON, all of them, the compiler can't see.
    example: example as Json,
    ...(read ? { read } : {}),
    ...(heartbeat ? { heartbeat } : {}),
    ...(restartCounter ? { restartCounter } : {}),
    ...(poll ? { poll } : {}),
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

function commandData(options: CommandOptions): CommandOptions {
  const { applied, hint, flash, actsWhenEqual, sharesState, initial } = options;
  return {
    ...(applied ? { applied } : {}),
    ...(hint ? { hint } : {}),
    ...(flash ? { flash } : {}),
    ...(actsWhenEqual ? { actsWhenEqual } : {}),
    ...(sharesState ? { sharesState } : {}),
    ...(initial === undefined ? {} : { initial }),
  };
}

/** What is written has no members beyond the known ones, at any depth. */
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
