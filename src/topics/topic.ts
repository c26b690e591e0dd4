import * as v from 'valibot';
import type { Json } from '../base/json.js';
import type { Controller } from '../model/controller.js';
import type { Entity } from './entity.js';
import { type JsonSchema, type Member, show, type Wire } from './members.js';

export type Members = Readonly<Record<string, Member<unknown>>>;
type ValueOf<M extends Members> = { [K in keyof M]: M[K] extends Member<infer T> ? T : never };

/** What a topic shows. */
export interface State {
  /** Accepts what a charger may report: known members of the right type, further ones as they are. */
  readonly shape: v.GenericSchema;
  /** The same as `shape`, without words for what is wrong; it runs for every state. */
  readonly fits: (value: unknown) => boolean;
  readonly json: JsonSchema;
  readonly example: Json;
  /** How the model tells it; absent where the model has no such topic. */
  readonly read?: (controller: Controller) => unknown;
  /** `slow`: its counters always change; published at a limited rate and as a sign of life (contract 3). */
  readonly pace?: 'slow';
  /** `fast`: read at every poll; the rest takes turns. */
  readonly poll?: 'fast';
}

/** What can be written to a topic. */
export interface Command {
  /** Accepts what may be sent to the charger and nothing else. */
  readonly schema: v.GenericSchema;
  readonly json: JsonSchema;
  /** Names of the members in the charger's order; empty for actions. */
  readonly members: readonly string[];
  /** How the charger's own API checks the members; `undefined` where it has no such member. */
  readonly wire: Readonly<Record<string, Wire | undefined>>;
  /** A one-shot act with an empty payload, as against a setting. */
  readonly action: boolean;
  /** Kept in flash: equal values are not sent, and frequent ones are slowed down (contract 4.9). */
  readonly flash?: true;
  /** Writing the present value still does something. */
  readonly actsWhenEqual?: true;
  /** Whether the charger has done what was written; default: its topic shows the written members. */
  readonly applied?: Applied;
  /** Why a charger may take a write and do nothing (contract 4.8). */
  readonly hint?: string;
  readonly write?: (controller: Controller, value: never) => void;
}

/** Looks by what the topics show whether `value` has been applied; undefined where that can't be told. */
export type Applied = (value: Json, shown: (path: string) => Json | undefined) => boolean | undefined;

/** One topic of the charger: one row, from which everything that knows the topic is made. */
export interface Topic {
  readonly path: string;
  readonly doc: string;
  /** Which chargers have it, where not all do. */
  readonly only?: string;
  readonly state?: State;
  readonly command?: Command;
  /** What it is in Home Assistant. */
  readonly entities?: readonly Entity[];
}

interface StateOptions<T> {
  readonly doc: string;
  readonly only?: string;
  readonly entities?: readonly Entity[];
  readonly example: T;
  readonly read?: (controller: Controller) => T;
  readonly pace?: 'slow';
  readonly poll?: 'fast';
}

interface Outcome {
  readonly applied?: Applied;
  readonly hint?: string;
}

interface SettingOptions<T> extends StateOptions<T>, Outcome {
  readonly write?: (controller: Controller, value: T) => void;
  readonly flash?: true;
  readonly actsWhenEqual?: true;
}

interface ActionOptions extends Outcome {
  readonly doc: string;
  readonly only?: string;
  readonly entities?: readonly Entity[];
  readonly write?: (controller: Controller) => void;
}

/** A topic that can be read. */
export function state<M extends Members>(path: string, members: M, options: StateOptions<ValueOf<M>>): Topic {
  return {
    path,
    ...common(options),
    state: stateOf(objectShape(members), objectFits(members), objectJson(members), options),
  };
}

/** A topic that can be read and is an array of `item`. */
export function list<T>(path: string, item: Member<T>, options: StateOptions<readonly T[]>): Topic {
  const shape = v.array(item.state, (issue) => `expected an array, got ${show(issue.input)}`);
  const fits = (value: unknown) => Array.isArray(value) && value.every(item.fits);
  return {
    path,
    ...common(options),
    state: stateOf(shape, fits, { type: 'array', items: item.json }, options),
  };
}

/** A topic that can be read and written. */
export function setting<M extends Members>(
  path: string,
  members: M,
  options: SettingOptions<ValueOf<M>>,
): Topic {
  return { ...state(path, members, options), command: commandOf(members, options) };
}

/** A topic that can only be written, as an object of which members may be left out. */
export function command<M extends Members, F extends Members>(
  path: string,
  required: M,
  further: F,
  options: {
    doc: string;
    only?: string;
    write?: (controller: Controller, value: ValueOf<M> & Partial<ValueOf<F>>) => void;
  },
): Topic {
  const members = { ...required, ...optionalMembers(further) };
  return { path, ...common(options), command: commandOf(members, options) };
}

/** A one-shot act with an empty payload. */
export function action(path: string, options: ActionOptions): Topic {
  return {
    path,
    ...common(options),
    command: {
      schema: v.custom(
        isEmptyPayload,
        (issue) => `expected an empty payload (null, "", false, 0, [] or {}), got ${show(issue.input)}`,
      ),
      json: { enum: [null, '', false, 0, [], {}] },
      members: [],
      wire: {},
      action: true,
      ...outcome(options),
      ...(options.write ? { write: options.write } : {}),
    },
  };
}

/** A member that is itself an object with just these members. */
export function object<M extends Members>(members: M): Member<ValueOf<M>> {
  const strict = objectWrite(members);
  return {
    state: objectShape(members) as v.GenericSchema<unknown, ValueOf<M>>,
    fits: objectFits(members),
    write: strict as v.GenericSchema<unknown, ValueOf<M>>,
    words: `an object with ${Object.keys(members).join(', ')}`,
    json: objectJson(members),
  };
}

/** All faults of a payload in one text, each with the member it is about (contract 4.4). */
export function faults(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues
    .map((issue) => {
      const path = v.getDotPath(issue);
      return path === null ? issue.message : `${path}: ${issue.message}`;
    })
    .join('; ');
}

type Common = Pick<Topic, 'doc' | 'only' | 'entities'>;

function common({ doc, only, entities }: Common): Common {
  return { doc, ...(only ? { only } : {}), ...(entities ? { entities } : {}) };
}

function stateOf<T>(
  shape: v.GenericSchema,
  fits: State['fits'],
  json: JsonSchema,
  options: StateOptions<T>,
): State {
  return {
    shape,
    fits,
    json,
    example: options.example as Json,
    ...(options.read ? { read: options.read } : {}),
    ...(options.pace ? { pace: options.pace } : {}),
    ...(options.poll ? { poll: options.poll } : {}),
  };
}

function commandOf<T>(
  members: Members,
  options: Pick<SettingOptions<T>, 'write' | 'flash' | 'actsWhenEqual'> & Outcome,
): Command {
  return {
    schema: objectWrite(members),
    json: { ...objectJson(members), additionalProperties: false },
    members: Object.keys(members),
    wire: mapMembers(members, (member) => member.wire),
    action: false,
    ...outcome(options),
    ...(options.flash ? { flash: options.flash } : {}),
    ...(options.actsWhenEqual ? { actsWhenEqual: options.actsWhenEqual } : {}),
    ...(options.write ? { write: options.write } : {}),
  };
}

function outcome({ applied, hint }: Outcome): Outcome {
  return { ...(applied ? { applied } : {}), ...(hint ? { hint } : {}) };
}

function objectShape(members: Members): v.GenericSchema {
  const entries = mapMembers(members, (member) =>
    member.optional ? v.optional(member.state) : member.state,
  );
  return v.pipe(
    plainObject(members),
    v.looseObject(entries, (issue) => objectFault(issue, members)),
  );
}

function objectFits(members: Members): (value: unknown) => boolean {
  const checks = Object.entries(members);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const object = value as Readonly<Record<string, unknown>>;
    return checks.every(([name, { fits, optional }]) => {
      const member = object[name];
      return member === undefined ? optional === true : fits(member);
    });
  };
}

function objectWrite(members: Members): v.GenericSchema {
  const entries = mapMembers(members, (member) =>
    member.optional ? v.optional(member.write) : member.write,
  );
  return v.pipe(
    plainObject(members),
    v.strictObject(entries, (issue) => objectFault(issue, members)),
  );
}

/** valibot takes an array for an object. */
function plainObject(members: Members) {
  return v.custom<object>(
    (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
    (issue) => `expected an object with ${Object.keys(members).join(', ')}, got ${show(issue.input)}`,
  );
}

function objectFault(issue: v.BaseIssue<unknown>, members: Members): string {
  const names = Object.keys(members);
  if (issue.expected === 'never') return `unknown member; known are ${names.join(', ')}`;
  const key = issue.path?.at(-1)?.key;
  const missing = typeof key === 'string' ? members[key] : undefined;
  return missing ? `missing; expected ${missing.words}` : `expected an object with ${names.join(', ')}`;
}

function objectJson(members: Members): JsonSchema {
  return {
    type: 'object',
    properties: mapMembers(members, ({ json, unit }) => (unit ? { ...json, unit } : json)),
    required: Object.keys(members).filter((name) => !members[name]?.optional),
  };
}

function mapMembers<R>(members: Members, map: (member: Member<unknown>) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, map(member)]));
}

function optionalMembers(members: Members): Members {
  return mapMembers(members, (member) => ({ ...member, optional: true as const }));
}

function isEmptyPayload(input: unknown): boolean {
  if (Array.isArray(input)) return input.length === 0;
  if (typeof input === 'object' && input !== null) return Object.keys(input).length === 0;
  return input === null || input === '' || input === false || input === 0;
}
