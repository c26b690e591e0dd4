import type { Node, ParseFault } from './parser.js';

/** Where in a payload a problem is: keys and indices from the root, and whether the root was a bare value. */
export interface Place {
  readonly inferred: boolean;
  readonly path: readonly (string | number)[];
}

/** After about this many characters no further problems are listed (charger-wire 3.6). */
const MAX_TEXT = 1_000;

const KINDS: Readonly<Record<Node['kind'], string>> = {
  null: 'null',
  boolean: 'a boolean',
  integer: 'a whole number',
  decimal: 'a number with a decimal point or exponent',
  text: 'a string',
  array: 'an array',
  object: 'an object',
};

/** Reasons, in our own words, one for every class of the charger's (charger-wire 3.6). */
export const reasons = {
  type: (expected: string, got: Node) => `wrong JSON type: expected ${expected}, got ${KINDS[got.kind]}`,
  integer: (min: number, max: number, got: Node) =>
    `expected a whole number of ${min}..${max}, got ${got.kind === 'integer' ? got.value : KINDS[got.kind]}`,
  bound: (value: number, direction: 'min' | 'max', bound: number) =>
    direction === 'min'
      ? `${value} is below the minimum of ${bound}`
      : `${value} is above the maximum of ${bound}`,
  textLength: (most: number, got: number) => `string too long: at most ${most} bytes, got ${got}`,
  tupleLength: (expected: number, got: number) => `array has ${got} elements, expected ${expected}`,
  missing: (key: string) => `missing key '${key}'`,
  unknown: (key: string) => `unknown key '${key}'`,
  noSuchMember: () => 'there is no such member or element',
  falsy: () => 'takes nothing but null, "", false, 0, [] or {}',
  actionSuffix: () => 'an action has no members',
  busy: (seconds: number) => `the main loop did not take the command within ${seconds} s`,
} as const;

/** One line about one problem: its place, then the reason. */
export function problem({ inferred, path }: Place, reason: string): string {
  const tokens = path.map((part) => `[${JSON.stringify(part)}]`);
  return [...(inferred ? ['(inferred)'] : []), ...tokens, reason].join(' ');
}

/** The body of a refusal: one problem per line, cut where it gets long. */
export function problemText(problems: readonly string[]): string {
  const lines: string[] = [];
  let length = 0;
  for (const line of problems) {
    if (length + line.length > MAX_TEXT) return [...lines, 'further problems are not listed'].join('\n');
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n');
}

const PARSE_FAULTS: Readonly<Record<ParseFault, string>> = {
  empty: 'it is empty',
  incomplete: 'it ends too early',
  invalid: 'it is no valid JSON',
  'too deep': 'it is nested too deep',
  'no memory': 'it has more members or elements than there is memory for, perhaps unknown keys',
};

/** The body of a refusal of something that is not JSON. */
export function parseText(fault: ParseFault, bytes: number): string {
  return `payload can't be read: ${PARSE_FAULTS[fault]} (${bytes} bytes)`;
}
