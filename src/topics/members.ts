import * as v from 'valibot';

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
 * One member of a topic's payload: what a charger may report and what may be written, which is often narrower.
 * `words` finish the sentence "expected …".
 */
export interface Member<T> {
  readonly state: v.GenericSchema<unknown, T>;
  /** The same as `state` for the many that are right: no words, no garbage. */
  readonly fits: (input: unknown) => boolean;
  readonly write: v.GenericSchema<unknown, T>;
  readonly words: string;
  readonly json: JsonSchema;
  readonly unit?: string;
  /** Absent where no command of a charger has such a member. */
  readonly wire?: Wire;
  /** Older or other chargers report the topic without this member. */
  readonly optional?: true;
}

type Check = (input: unknown) => boolean;

/** A value as it is shown in an error: as JSON, cut where it gets long. */
export function show(input: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(input);
  } catch {
    text = undefined;
  }
  if (text === undefined) return 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function leaf<T>(
  words: string,
  json: JsonSchema,
  state: Check,
  write: Check = state,
  unit?: string,
): Member<T> {
  const schema = (check: Check) =>
    v.custom<T>(check, (issue) => `expected ${words}, got ${show(issue.input)}`);
  return {
    state: schema(state),
    fits: state,
    write: schema(write),
    words,
    json,
    ...(unit === undefined ? {} : { unit }),
  };
}

const within = (input: unknown, min: number, max: number) =>
  Number.isInteger(input) && (input as number) >= min && (input as number) <= max;

/** `true` or `false`, never 0 or 1 (charger-wire 3.3). */
export function bool(): Member<boolean> {
  const member = leaf<boolean>('true or false', { type: 'boolean' }, (input) => typeof input === 'boolean');
  return { ...member, wire: { type: 'bool' } };
}

/** A whole number in min..max when written; a charger may report any whole number. */
export function int(min: number, max: number, unit?: string): Member<number> {
  const words = `a whole number ${min}..${max}${unit ? ` ${unit}` : ''}`;
  const json = { type: 'integer', minimum: min, maximum: max };
  const member = leaf<number>(words, json, Number.isInteger, (input) => within(input, min, max), unit);
  return { ...member, wire: { type: integerType(min, max) } };
}

/** The smallest of the charger's integer types that holds min..max. */
function integerType(min: number, max: number): 'u8' | 'u16' | 'u32' | 'i16' | 'i32' {
  if (min < 0) return min >= -32_768 && max <= 32_767 ? 'i16' : 'i32';
  if (max <= 255) return 'u8';
  return max <= 65_535 ? 'u16' : 'u32';
}

/** A charging current in mA: 0 (blocked) or 6000..32000 (evse-api, contract 4.3). */
export function current(): Member<number> {
  const json = { type: 'integer', oneOf: [{ const: 0 }, { minimum: 6000, maximum: 32000 }] };
  const write: Check = (input) => input === 0 || within(input, 6000, 32000);
  const member = leaf<number>('0 or 6000..32000 mA', json, Number.isInteger, write, 'mA');
  return { ...member, wire: { type: 'u16' } };
}

/** Any number, or null where the charger has no value. */
export function measured(unit?: string): Member<number | null> {
  const check: Check = (input) => input === null || typeof input === 'number';
  const member = leaf<number | null>('a number or null', { type: ['number', 'null'] }, check, check, unit);
  return { ...member, wire: { type: 'float' } };
}

/** A text of at most `max` bytes. */
export function text(max: number): Member<string> {
  const fits: Check = (input) => typeof input === 'string' && Buffer.byteLength(input) <= max;
  const words = `a text of at most ${max} bytes`;
  const member = leaf<string>(words, { type: 'string', maxLength: max }, (i) => typeof i === 'string', fits);
  return { ...member, wire: { type: 'text', max } };
}

/** One of a few words. */
export function oneOf<const W extends string>(...allowed: readonly W[]): Member<W> {
  const words = `one of ${allowed.map((word) => `"${word}"`).join(', ')}`;
  return leaf(words, { type: 'string', enum: allowed }, (input) => allowed.includes(input as W));
}

/** `null` or what `member` takes. */
export function nullable<T>(member: Member<T>): Member<T | null> {
  const words = `null or ${member.words}`;
  const check = (schema: v.GenericSchema) => (input: unknown) => input === null || v.is(schema, input);
  const json = { anyOf: [{ type: 'null' }, member.json] };
  return leaf(words, json, check(member.state), check(member.write), member.unit);
}

/** An array of `item`; exactly `length` long when written (if given), of any length when reported. */
export function array<T>(item: Member<T>, length?: number, unit = item.unit): Member<T[]> {
  const ofItems = (schema: v.GenericSchema) => (input: unknown) =>
    Array.isArray(input) && input.every((element) => v.is(schema, element));
  const state = ofItems(item.state);
  const write = ofItems(item.write);
  const exactly = length === undefined ? '' : `${length} `;
  const json = {
    type: 'array',
    items: item.json,
    ...(length === undefined ? {} : { minItems: length, maxItems: length }),
  };
  const member = leaf<T[]>(
    `an array of ${exactly}times ${item.words}`,
    json,
    state,
    (input) => write(input) && (length === undefined || (input as unknown[]).length === length),
    unit,
  );
  return item.wire && length !== undefined
    ? { ...member, wire: { type: 'tuple', of: item.wire, length } }
    : member;
}

/** Any JSON, passed on as it is. */
export function anything(): Member<unknown> {
  return leaf('any JSON', {}, () => true);
}

/** A member that not every charger reports. */
export function optional<T>(member: Member<T>): Member<T> {
  return { ...member, optional: true };
}

/** What the LED in the button can be told to show (evse-api indicator_led). */
export function ledIndication(): Member<number> {
  const ranges = [
    [-1, 255],
    [1001, 1003],
    [2001, 2010],
  ] as const;
  const write: Check = (input) => ranges.some(([min, max]) => within(input, min, max));
  const json = { type: 'integer', anyOf: ranges.map(([minimum, maximum]) => ({ minimum, maximum })) };
  const member = leaf<number>('-1..255, 1001..1003 or 2001..2010', json, Number.isInteger, write);
  return { ...member, wire: { type: 'i16', min: -1, max: 2010 } };
}

/** A hue in degrees. The charger itself takes 360 as well (charger-wire 2.1). */
export function hue(): Member<number> {
  return { ...int(0, 359, '°'), wire: { type: 'u16', max: 360 } };
}
