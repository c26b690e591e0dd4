import { type Check, type Issue, unexpected, within } from './issues.js';

/** JSON Schema (draft 2020-12) of one member or topic; what the written reference shows. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * How the charger's own API checks a member of a write: by type, with bounds only where it has some of its own
 * (charger-wire 3.3 and 3.4). What it lets through, the controller behind it may still ignore.
 */
export type Wire =
  | { readonly type: 'bool' | 'float' }
  | { readonly type: 'u8' | 'u16' | 'u32' | 'i16' | 'i32'; readonly min?: number; readonly max?: number }
  | { readonly type: 'text'; readonly max: number }
  | { readonly type: 'tuple'; readonly of: Wire; readonly length: number };

/**
 * One member of a topic's payload. The check of what is reported, that of what is written, their words, the JSON
 * Schema and the TypeScript type all come from this one description.
 */
export interface Member<T> {
  readonly check: Check;
  /** Finishes the sentence "expected …". */
  readonly words: string;
  /** What may be written; a charger may report more. */
  readonly json: JsonSchema;
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
export type ValueOf<M extends Members> = { [K in keyof M]: M[K] extends Member<infer T> ? T : never };

type Test = (value: unknown) => boolean;

interface Form {
  readonly words: string;
  readonly json: JsonSchema;
  /** What a charger may report. */
  readonly reported: Test;
  /** What may be written, if that is narrower. */
  readonly written?: Test;
  readonly unit?: string | undefined;
  readonly wire?: Wire;
}

function leaf<T>({ words, json, reported, written = reported, unit, wire }: Form): Member<T> {
  return {
    check: (value, use) =>
      (use === 'write' ? written(value) : reported(value)) ? undefined : unexpected(words, value),
    words,
    json,
    ...(unit === undefined ? {} : { unit }),
    ...(wire === undefined ? {} : { wire }),
  };
}

const between = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;

/** `true` or `false`, never 0 or 1 (charger-wire 3.3). */
export function bool(): Member<boolean> {
  return leaf({
    words: 'true or false',
    json: { type: 'boolean' },
    reported: (value) => typeof value === 'boolean',
    wire: { type: 'bool' },
  });
}

/** A whole number in min..max when written; a charger may report any whole number. */
export function int(min: number, max: number, unit?: string): Member<number> {
  return leaf({
    words: `a whole number ${min}..${max}${unit ? ` ${unit}` : ''}`,
    json: { type: 'integer', minimum: min, maximum: max },
    reported: Number.isInteger,
    written: (value) => between(value, min, max),
    unit,
    wire: { type: integerType(min, max) },
  });
}

/** The same where the charger itself refuses what is outside, instead of ignoring it (charger-wire 3.3). */
export function boundedInt(min: number, max: number, unit?: string): Member<number> {
  return { ...int(min, max, unit), wire: { type: integerType(min, max), min, max } };
}

/** The smallest of the charger's integer types that holds min..max. */
function integerType(min: number, max: number): 'u8' | 'u16' | 'u32' | 'i16' | 'i32' {
  if (min < 0) return min >= -32_768 && max <= 32_767 ? 'i16' : 'i32';
  if (max <= 255) return 'u8';
  return max <= 65_535 ? 'u16' : 'u32';
}

/** The charger's own integer types; a name says the bits, `u` that there are no negative ones. */
export const u8 = (unit?: string): Member<number> => int(0, 255, unit);
export const u16 = (unit?: string): Member<number> => int(0, 65_535, unit);
export const u32 = (unit?: string): Member<number> => int(0, 4_294_967_295, unit);
export const i16 = (unit?: string): Member<number> => int(-32_768, 32_767, unit);

/** One of a few whole numbers when written; a charger may report any whole number. */
export function intOf(...allowed: readonly number[]): Member<number> {
  return leaf({
    words: allowed.join(' or '),
    json: { type: 'integer', enum: allowed },
    reported: Number.isInteger,
    written: (value) => typeof value === 'number' && allowed.includes(value),
    wire: { type: integerType(Math.min(...allowed), Math.max(...allowed)) },
  });
}

/** A charging current in mA: 0 (blocked) or 6000..32000 (evse-api, contract 4.3). */
export function current(): Member<number> {
  return leaf({
    words: '0 or 6000..32000 mA',
    json: { type: 'integer', oneOf: [{ const: 0 }, { minimum: 6000, maximum: 32000 }] },
    reported: Number.isInteger,
    written: (value) => value === 0 || between(value, 6000, 32000),
    unit: 'mA',
    wire: { type: 'u16' },
  });
}

/** Any number, or null where the charger has no value. */
export function measured(unit?: string): Member<number | null> {
  return leaf({
    words: 'a number or null',
    json: { type: ['number', 'null'] },
    reported: (value) => value === null || typeof value === 'number',
    unit,
    wire: { type: 'float' },
  });
}

/** A text of at most `max` bytes. */
export function text(max: number): Member<string> {
  return leaf({
    words: `a text of at most ${max} bytes`,
    json: { type: 'string', maxLength: max },
    reported: (value) => typeof value === 'string',
    written: (value) => typeof value === 'string' && Buffer.byteLength(value) <= max,
    wire: { type: 'text', max },
  });
}

/** One of a few words. */
export function oneOf<const W extends string>(...allowed: readonly W[]): Member<W> {
  return leaf({
    words: `one of ${allowed.map((word) => `"${word}"`).join(', ')}`,
    json: { type: 'string', enum: allowed },
    reported: (value) => allowed.some((word) => word === value),
  });
}

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

/** An array of `item`; exactly `length` long when written (if given), of any length when reported. */
export function array<T>(item: Member<T>, length?: number, unit = item.unit): Member<T[]> {
  const words = `an array of ${length === undefined ? '' : `${length} `}times ${item.words}`;
  return {
    check: (value, use) => {
      if (!Array.isArray(value)) return unexpected(words, value);
      if (use === 'write' && length !== undefined && value.length !== length) return unexpected(words, value);
      let faults: readonly Issue[] | undefined;
      for (let at = 0; at < value.length; at++) {
        const wrong = item.check(value[at], use);
        if (wrong) faults = [...(faults ?? []), ...within(at, wrong)];
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

/** An object with these members. A charger may report more of them, written are just these. */
export function object<M extends Members>(members: M): Member<ValueOf<M>> {
  const entries: readonly (readonly [string, Member<unknown>])[] = Object.entries(members);
  const names = entries.map(([name]) => name);
  const words = `an object with ${names.join(', ')}`;
  return {
    check: (value, use) => {
      if (!isPlainObject(value)) return unexpected(words, value);
      let faults: readonly Issue[] | undefined;
      for (const [name, member] of entries) {
        const inner = value[name];
        const wrong = inner === undefined ? missing(member) : member.check(inner, use);
        if (wrong) faults = [...(faults ?? []), ...within(name, wrong)];
      }
      if (use === 'report') return faults;
      const surplus = Object.keys(value).filter((name) => !Object.hasOwn(members, name));
      if (surplus.length === 0) return faults;
      const text = `unknown member; known are ${names.join(', ')}`;
      return [...(faults ?? []), ...surplus.map((at) => ({ at, text }))];
    },
    words,
    json: {
      type: 'object',
      properties: mapMembers(members, ({ json, unit }) => (unit ? { ...json, unit } : json)),
      required: names.filter((name) => !members[name]?.optional),
    },
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

/** Any JSON, passed on as it is. */
export function anything(): Member<unknown> {
  return leaf({ words: 'any JSON', json: {}, reported: () => true });
}

/** A member that not every charger reports. */
export function optional<T>(member: Member<T>): Member<T> {
  return { ...member, optional: true };
}

/** A member that nobody may read again: a password. */
export function secret<T>(member: Member<T>): Member<T> {
  return {
    ...member,
    // What was written instead may be a mistyped password.
    check: (value, use) =>
      member.check(value, use) ? [{ at: '', text: `expected ${member.words}` }] : undefined,
    json: { ...member.json, writeOnly: true },
    secret: true,
  };
}

/** What the LED in the button can be told to show (evse-api indicator_led). */
export function ledIndication(): Member<number> {
  const ranges = [
    [-1, 255],
    [1001, 1003],
    [2001, 2010],
  ] as const;
  return leaf({
    words: '-1..255, 1001..1003 or 2001..2010',
    json: { type: 'integer', anyOf: ranges.map(([minimum, maximum]) => ({ minimum, maximum })) },
    reported: Number.isInteger,
    written: (value) => ranges.some(([min, max]) => between(value, min, max)),
    wire: { type: 'i16', min: -1, max: 2010 },
  });
}

/** A hue in degrees. The charger itself takes 360 as well (charger-wire 2.1). */
export function hue(): Member<number> {
  return { ...int(0, 359, '°'), wire: { type: 'u16', max: 360 } };
}
