import { unexpected } from './issues.js';
import type { JsonSchema, Member, Wire } from './members.js';

type Test = (value: unknown) => boolean;

interface Form {
  readonly words: string;
  readonly json: JsonSchema;
  /** What a charger may report. */
  readonly reported: Test;
  /** What may be written, if that is narrower. */
  readonly written?: Test;
  /** What a wrong value was probably meant to be. */
  readonly hint?: (value: unknown) => string | undefined;
  readonly unit?: string | undefined;
  readonly wire?: Wire;
}

function leaf<T>({ words, json, reported, written = reported, hint, unit, wire }: Form): Member<T> {
  return {
    check(value, use) {
      if (use === 'write' ? written(value) : reported(value)) return undefined;
      return unexpected(words, value, hint?.(value));
    },
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

/** As `int`, where the charger itself refuses a number out of range instead of ignoring it (charger-wire 3.3). */
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
    hint: (value) =>
      typeof value === 'number' && value >= 6 && value <= 32
        ? `${value} A is ${Math.round(value * 1_000)}`
        : undefined,
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

/** A number in min..max when written; a charger may report any, or null where it has none. */
export function float(min: number, max: number, unit?: string): Member<number | null> {
  const member = leaf<number | null>({
    words: `a number ${min}..${max}${unit ? ` ${unit}` : ''}`,
    json: { type: 'number', minimum: min, maximum: max },
    reported: (value) => value === null || typeof value === 'number',
    written: (value) => typeof value === 'number' && value >= min && value <= max,
    unit,
    wire: { type: 'float' },
  });
  return { ...member, reportJson: { type: ['number', 'null'] } };
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

/** `min` to `max` bytes in hex, separated by colons: a tag's id, a MAC address. */
export function hexBytes(min: number, max: number): Member<string> {
  const pattern = `^([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){${min - 1},${max - 1}})$`;
  const written = new RegExp(pattern);
  const example = Array.from({ length: min }, (_, at) => `${at}A`).join(':');
  return leaf({
    words: `bytes in hex, separated by colons (${example})`,
    json: { type: 'string', pattern, examples: [example] },
    reported: (value) => typeof value === 'string',
    written: (value) => typeof value === 'string' && written.test(value),
    wire: { type: 'text', max: max * 3 - 1 },
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

/** Any JSON, passed on as it is. */
export function anything(): Member<unknown> {
  return leaf({ words: 'any JSON', json: {}, reported: () => true });
}

/** The indications that the LED in the button can show (evse-api indicator_led). */
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
