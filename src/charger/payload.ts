import { Refused } from '../base/errors.js';
import { isDeeperThan, isObject, type Json, parseJson, valueAt } from '../base/json.js';
import { issueText, show } from '../topics/issues.js';
import type { Command, State, Topic } from '../topics/topic.js';

/** The largest request that any WARP charger takes, in bytes (charger-wire 4.3). */
export const MAX_WRITE = 10_240;

/** The largest state that is passed on, characters. The largest of a real charger are about 10 kB. */
const MAX_STATE = 65_536;

/** The deepest nesting that is accepted, levels. No charger's JSON parser accepts more (charger-wire 3.2). */
const MAX_DEPTH = 10;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The complete value to write for a payload. A bare value becomes the only member of its topic, and members that were
 * left out keep their `present` value (contract 4.2). With `inside`, the path to a part of the value, the payload
 * replaces only that part. Throws Refused `too_large`, or `invalid` with every fault.
 */
export function wantedValue(
  row: Topic,
  payload: Uint8Array,
  present: Json | undefined,
  inside: readonly string[] = [],
): Json {
  const { command } = row;
  const value = parsed(row, payload);
  if (command && inside.length > 0) {
    const whole = Array.isArray(present) ? present : filled(command, {}, present);
    return complete(command, replaced(whole, inside, value), undefined);
  }
  if (command) return complete(command, value, present);
  // A write to a topic without a row is checked by the charger itself. But null would make it repeat its last write.
  if (
    value === null ||
    (isObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isNull))
  )
    throw new Refused('invalid', 'null is never forwarded: the charger would repeat its last write');
  return value;
}

/** Parses the payload of a write: JSON; for actions it may also be empty. Throws Refused. */
function parsed({ command, state }: Topic, payload: Uint8Array): Json {
  if (payload.byteLength > MAX_WRITE) {
    throw new Refused('too_large', `payload of ${payload.byteLength} bytes; at most ${MAX_WRITE} are taken`);
  }
  if (payload.byteLength === 0 && command?.action) return null;
  const expected = () => (command ? exampleOf(command, state?.example ?? command.example) : 'JSON');
  if (payload.byteLength === 0) throw new Refused('invalid', `empty payload; expected ${expected()}`);
  const text = textOf(payload);
  if (text === undefined)
    throw new Refused('invalid', `not JSON: expected ${expected()}, got bytes that are not UTF-8`);
  if (isDeeperThan(MAX_DEPTH, text))
    throw new Refused('invalid', `nested deeper than ${MAX_DEPTH} levels; expected ${expected()}`);
  const value = parseJson(text);
  if (value !== undefined && hasFiniteNumbers(value)) return value;
  if (value !== undefined) throw new Refused('invalid', 'a number in it is too large for any charger');
  const got = command?.secret ? '' : `, got ${show(text)}`;
  throw new Refused('invalid', `not JSON: expected ${expected()}${got}`);
}

const isNull = (value: Json): boolean => value === null;

/** JSON.parse makes Infinity of a number that is too large, and JSON.stringify would make null of that. */
function hasFiniteNumbers(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasFiniteNumbers);
}

function textOf(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload);
  } catch {
    return undefined;
  }
}

/** An example of what can be written, in both forms if there are two (object and bare value). */
function exampleOf(command: Command, example: Json | undefined): string {
  if (command.action) return 'null or an empty payload';
  if (Array.isArray(example)) return `e.g. ${JSON.stringify(example)}`;
  if (!isObject(example)) return `an object with ${command.members.join(', ')}`;
  const [only, ...more] = command.members;
  const bare = only !== undefined && more.length === 0 ? ` or ${JSON.stringify(example[only])}` : '';
  return `e.g. ${JSON.stringify(example)}${bare}`;
}

/** Throws Refused `invalid` with every fault. */
function complete(command: Command, payload: Json, present: Json | undefined): Json {
  const value = command.action ? payload : filled(command, payload, present);
  const issues = command.check(value);
  if (issues) throw new Refused('invalid', issueText(issues));
  return inOrder(command, value);
}

function filled(command: Command, payload: Json, present: Json | undefined): Json {
  const [only, ...more] = command.members;
  if (!isObject(payload)) return only !== undefined && more.length === 0 ? { [only]: payload } : payload;
  if (more.length === 0 || !isObject(present)) return payload;
  const kept = command.members.filter((name) => !(name in payload) && name in present);
  return { ...payload, ...Object.fromEntries(kept.map((name) => [name, present[name] as Json])) };
}

/** `whole` with `value` in the place of the part at `inside`; a member that it lacks is added. */
function replaced(whole: Json, inside: readonly string[], value: Json): Json {
  const [step, ...deeper] = inside;
  if (step === undefined) return value;
  const part = valueAt(whole, [step]);
  if (Array.isArray(whole) && part !== undefined)
    return whole.with(Number(step), replaced(part, deeper, value));
  if (isObject(whole)) return { ...whole, [step]: replaced(part ?? {}, deeper, value) };
  throw new Refused('invalid', `there is no ${inside.join('/')}`);
}

/** The members in the charger's own order, in which it shows them too. */
function inOrder({ members }: Command, value: Json): Json {
  if (!isObject(value) || members.length === 0) return value;
  return Object.fromEntries(
    members.filter((name) => name in value).map((name) => [name, value[name] as Json]),
  );
}

/**
 * Checks what a charger reported. Returns the text to publish, compact and in the charger's own key order and
 * number format, or throws an Error that says what is wrong. `known` is the parsed text, if somebody has it already.
 */
export function checkState(text: string, state: State | undefined, known: Json | undefined): string {
  if (text.length > MAX_STATE)
    throw new Error(`${text.length} characters long; at most ${MAX_STATE} are passed on`);
  if (isDeeperThan(MAX_DEPTH, text)) throw new Error(`nested deeper than ${MAX_DEPTH} levels`);
  const value = known ?? parseJson(text);
  if (value === undefined) throw new Error(`not JSON: ${show(text)}`);
  const issues = state?.check(value);
  if (issues) throw new Error(issueText(issues));
  if (state?.redact) return JSON.stringify(state.redact(value));
  return /[\t\n\r ]/.test(text) ? JSON.stringify(value) : text;
}
