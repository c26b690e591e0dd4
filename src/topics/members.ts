import { type Check, type Issue, MAX_FAULTS, unexpected, within } from './issues.js';

/** JSON Schema (draft 2020-12) of one member or topic; what the written reference shows. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * How the charger's own API checks a member of a write: by its type, and by bounds if it has any (charger-wire 3.3 and
 * 3.4). The controller behind it may still ignore a value that passes.
 */
export type Wire =
  | { readonly type: 'bool' | 'float' }
  | { readonly type: 'u8' | 'u16' | 'u32' | 'i16' | 'i32'; readonly min?: number; readonly max?: number }
  | { readonly type: 'text'; readonly max: number }
  | { readonly type: 'tuple'; readonly of: Wire; readonly length: number };

/**
 * One member of a topic's payload. This one description gives the check of reports, the check of writes, the words of
 * errors, the JSON Schema, and the TypeScript type.
 */
export interface Member<T> {
  readonly check: Check;
  /** Completes the sentence "expected …". */
  readonly words: string;
  /** What may be written; a charger may report more. */
  readonly json: JsonSchema;
  /** What a charger may report, if that is more than `json` says: null for a number that it does not know. */
  readonly reportJson?: JsonSchema;
  readonly unit?: string;
  /** Absent where no command of a charger has such a member. */
  readonly wire?: Wire;
  /** Older or other chargers report the topic without this member. */
  readonly optional?: true;
  /** Never shown: not in an answer, not in the log. */
  readonly secret?: true;
  /** The type of the values, for the compiler alone: it is never set. */
  readonly type?: T;
}

export type Members = Readonly<Record<string, Member<unknown>>>;

/** The TypeScript type of an object with these members. */
export type ValueOf<M extends Members> = { [K in Required<M>]: TypeOf<M[K]> } & {
  [K in Exclude<keyof M, Required<M>>]?: TypeOf<M[K]>;
};
type TypeOf<M> = M extends Member<infer T> ? T : never;
type Required<M extends Members> = {
  [K in keyof M]: M[K] extends { readonly optional: true } ? never : K;
}[keyof M];

/** `null` or what `member` takes. */
export function nullable<T>(member: Member<T>): Member<T | null> {
  const words = `null or ${member.words}`;
  return {
    check: (value, use) =>
      value === null || member.check(value, use) === undefined ? undefined : unexpected(words, value),
    words,
    json: { anyOf: [{ type: 'null' }, member.json] },
    ...(member.unit === undefined ? {} : { unit: member.unit }),
  };
}

/** An array of `item`, at most `max` of them when written and any number when reported. */
export function upTo<T>(max: number, item: Member<T>): Member<T[]> {
  const any = array(item);
  const words = `an array of at most ${max} times ${item.words}`;
  return {
    ...any,
    check: (value, use) =>
      use === 'write' && Array.isArray(value) && value.length > max
        ? unexpected(words, value)
        : any.check(value, use),
    words,
    json: { ...any.json, maxItems: max },
  };
}

/** An array of `item`; exactly `length` long when written (if given), of any length when reported. */
export function array<T>(item: Member<T>, length?: number, unit = item.unit): Member<T[]> {
  const words = `an array of ${length === undefined ? 'any number of' : length} times ${item.words}`;
  return {
    check: (value, use) => {
      if (!Array.isArray(value)) return unexpected(words, value);
      if (use === 'write' && length !== undefined && value.length !== length) return unexpected(words, value);
      let faults: Issue[] | undefined;
      for (let at = 0; at < value.length; at++) {
        const wrong = item.check(value[at], use);
        if (!wrong) continue;
        faults ??= [];
        faults.push(...within(at, wrong));
        if (faults.length > MAX_FAULTS) break;
      }
      return faults;
    },
    words,
    json: {
      type: 'array',
      items: item.json,
      ...(length === undefined ? {} : { minItems: length, maxItems: length }),
    },
    ...(unit === undefined ? {} : { unit }),
    ...(item.wire && length !== undefined ? { wire: { type: 'tuple', of: item.wire, length } as const } : {}),
  };
}

interface Part {
  readonly name: string;
  readonly member: Member<unknown>;
}

/** An object with these members. A charger may report further members; a write must not have any. */
export function object<M extends Members>(members: M): Member<ValueOf<M>> {
  const parts: readonly Part[] = Object.entries(members).map(([name, member]) => ({ name, member }));
  const names = Object.keys(members);
  const words = names.length === 0 ? 'an object' : `an object with ${names.join(', ')}`;
  return {
    check: (value, use) => {
      if (!isPlainObject(value)) return unexpected(words, value);
      let faults: readonly Issue[] | undefined;
      // Every state is checked here. A for...of loop would create an object for each step.
      for (let at = 0; at < parts.length; at++) {
        // The loop stays within the list.
        const { name, member } = parts[at] as Part;
        const inner = value[name];
        const wrong = inner === undefined ? missing(member) : member.check(inner, use);
        if (wrong) faults = [...(faults ?? []), ...within(name, wrong)];
      }
      if (use === 'report') return faults;
      const surplus = Object.keys(value).filter((name) => !Object.hasOwn(members, name));
      if (surplus.length === 0) return faults;
      const text = `unknown member; known are ${names.join(', ')}`;
      return [...(faults ?? []), ...surplus.slice(0, MAX_FAULTS + 1).map((at) => ({ at, text }))];
    },
    words,
    json: objectJson(members, ({ json }) => json),
    ...(parts.some(({ member }) => member.reportJson)
      ? { reportJson: objectJson(members, ({ json, reportJson = json }) => reportJson) }
      : {}),
  };
}

function objectJson(members: Members, jsonOf: (member: Member<unknown>) => JsonSchema): JsonSchema {
  return {
    type: 'object',
    properties: mapMembers(members, (member) =>
      member.unit ? { ...jsonOf(member), unit: member.unit } : jsonOf(member),
    ),
    required: Object.keys(members).filter((name) => !members[name]?.optional),
  };
}

function missing({ optional, words }: Member<unknown>): readonly Issue[] | undefined {
  return optional ? undefined : [{ at: '', text: `missing; expected ${words}` }];
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What `map` makes of each member, by its name. */
export function mapMembers<R>(
  members: Members,
  map: (member: Member<unknown>, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, map(member, name)]));
}

/** A member that not every charger reports. */
export function optional<T>(member: Member<T>): Member<T> & { readonly optional: true } {
  return { ...member, optional: true };
}

/** A member that is never shown again, such as a password. */
export function secret<T>(member: Member<T>): Member<T> {
  return {
    ...member,
    // The wrong value is not shown: it may be a mistyped password.
    check: (value, use) =>
      member.check(value, use) ? [{ at: '', text: `expected ${member.words}` }] : undefined,
    json: { ...member.json, writeOnly: true },
    secret: true,
  };
}
