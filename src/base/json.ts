/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [member: string]: Json;
}

/** The deepest nesting of JSON that is accepted: functions that go through a value need stack for each level. */
const MAX_DEPTH = 500;

/**
 * The JSON value of `text`; undefined if `text` is not JSON, or is nested deeper than MAX_DEPTH levels. So deep a value
 * could overflow the stack and end the program.
 */
export function parseJson(text: string): Json | undefined {
  // Each level takes two characters, so a shorter text can't be too deep.
  if (text.length > 2 * MAX_DEPTH && isDeeperThan(MAX_DEPTH, text)) return undefined;
  try {
    // JSON.parse returns nothing else.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ARRAY_BEGIN = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT_BEGIN = 0x7b;
const OBJECT_END = 0x7d;

/** Whether `text`, as far as it is JSON, is nested deeper than `levels`. Brackets inside strings do not count. */
export function isDeeperThan(levels: number, text: string): boolean {
  // Most texts are one flat object, which two searches recognise faster than the loop.
  if (levels > 0 && !text.includes('[') && !text.includes('{', 1)) return false;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (code === BACKSLASH) at += 1;
    } else if (code === ARRAY_BEGIN || code === OBJECT_BEGIN) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === ARRAY_END || code === OBJECT_END) depth -= 1;
  }
  return false;
}

/** Whether `value` is a JSON object: no array, not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of an object; an empty object for any other value. */
export function membersOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : NOTHING;
}

/** The value inside `value` at `path`, whose steps are names of members or indices; undefined if there is none. */
export function valueAt(value: Json | undefined, path: readonly (string | number)[]): Json | undefined {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    // `length` is an own property of an array, but no element.
    if (step === 'length' && Array.isArray(found)) return undefined;
    // Own members of a JSON array or object are JSON.
    found = (found as Readonly<Record<string | number, Json>>)[step];
  }
  return found;
}

/** Whether both are the same JSON value; the order of members does not matter. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const members = Object.entries(a);
  return (
    members.length === Object.keys(b).length &&
    members.every(([name, member]) => Object.hasOwn(b, name) && equal(member, valueAt(b, [name])))
  );
}

/** Whether `value` has every member of the object `part` with the same value, or is equal to `part`. */
export function includes(value: Json | undefined, part: Json): boolean {
  if (!isObject(part) || !isObject(value)) return equal(value, part);
  return Object.entries(part).every(([name, member]) => equal(valueAt(value, [name]), member));
}

const NOTHING: JsonObject = Object.freeze({});
