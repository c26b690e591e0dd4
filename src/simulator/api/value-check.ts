import type { Json } from '../../base/json.js';
import type { Wire } from '../../topics/members.js';
import { type Place, problem, reasons } from './error-texts.js';
import type { Node } from './parser.js';

/** A document that a command takes: its members in the charger's order. */
export type WireMembers = Readonly<Record<string, Wire>>;
/** A JSON object as a command keeps it. */
export type Document = { readonly [member: string]: Json };

/** A value that passed the check, or the lines that say what is wrong with it. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly string[] };

const RANGES = {
  u8: [0, 255],
  u16: [0, 65_535],
  u32: [0, 4_294_967_295],
  i16: [-32_768, 32_767],
  i32: [-2_147_483_648, 2_147_483_647],
} as const;

/** How many members and elements a document of these members can hold at most. */
export function roomFor(members: WireMembers): number {
  const wires = Object.values(members);
  return wires.length + wires.reduce((sum, wire) => sum + (wire.type === 'tuple' ? wire.length : 0), 0);
}

/**
 * Checks a whole document as the charger does (charger-wire 3.3): exactly the known keys, and null keeps what
 * `last` has. A document of one member may be the bare value of it.
 */
export function checkDocument(node: Node, members: WireMembers, last: Document): Checked<Document> {
  if (node.kind === 'null') return { value: last };
  const problems: string[] = [];
  const entries = Object.entries(members);
  const [only] = entries;
  if (node.kind !== 'object') {
    if (entries.length !== 1 || !only) return { problems: [problem(ROOT, reasons.type('an object', node))] };
    const [key, wire] = only;
    const value = checkValue(node, wire, last[key] ?? null, { inferred: true, path: [key] }, problems);
    return problems.length > 0 ? { problems } : { value: { [key]: value } };
  }
  const value: Record<string, Json> = {};
  for (const [key, wire] of entries) {
    const member = node.members.get(key);
    if (!member) problems.push(problem(ROOT, reasons.missing(key)));
    else value[key] = checkValue(member, wire, last[key] ?? null, { inferred: false, path: [key] }, problems);
  }
  for (const key of node.members.keys()) {
    if (!Object.hasOwn(members, key)) problems.push(problem(ROOT, reasons.unknown(key)));
  }
  return problems.length > 0 ? { problems } : { value };
}

/** Checks what is written to the one place `path` of a document, whose other members stay as in `last`. */
export function checkMember(
  node: Node,
  path: readonly string[],
  members: WireMembers,
  last: Document,
): Checked<Document> {
  const [key = '', index, ...deeper] = path;
  const place = { inferred: false, path: path.map((part) => (isIndex(part) ? Number(part) : part)) };
  const wire = !isIndex(key) && Object.hasOwn(members, key) ? members[key] : undefined;
  const problems: string[] = [];
  if (wire && index === undefined) {
    const value = checkValue(node, wire, last[key] ?? null, place, problems);
    return problems.length > 0 ? { problems } : { value: { ...last, [key]: value } };
  }
  const elements = last[key];
  const isElement =
    wire?.type === 'tuple' && index !== undefined && isIndex(index) && Number(index) < wire.length;
  if (!isElement || deeper.length > 0 || !Array.isArray(elements)) {
    return { problems: [problem(place, reasons.noSuchMember())] };
  }
  const value = checkValue(node, wire.of, elements[Number(index)] ?? null, place, problems);
  return problems.length > 0
    ? { problems }
    : { value: { ...last, [key]: elements.with(Number(index), value) } };
}

/** Whether a segment of a path is an index of an array (charger-wire 3.5). */
export function isIndex(segment: string): boolean {
  return /^\d+$/.test(segment);
}

/** The problems of the payload of an action, which must be one of the empty values (charger-wire 3.3). */
export function checkEmpty(node: Node): readonly string[] {
  const isEmpty =
    node.kind === 'null' ||
    (node.kind === 'boolean' && !node.value) ||
    ((node.kind === 'integer' || node.kind === 'decimal') && node.value === 0) ||
    (node.kind === 'text' && node.value === '') ||
    (node.kind === 'array' && node.items.length === 0) ||
    (node.kind === 'object' && node.members.size === 0);
  return isEmpty ? [] : [problem(ROOT, reasons.falsy())];
}

const ROOT: Place = { inferred: false, path: [] };

function checkValue(node: Node, wire: Wire, last: Json, place: Place, problems: string[]): Json {
  if (node.kind === 'null') return last;
  const fail = (reason: string) => {
    problems.push(problem(place, reason));
    return last;
  };
  switch (wire.type) {
    case 'bool':
      return node.kind === 'boolean' ? node.value : fail(reasons.type('a boolean', node));
    case 'float':
      return node.kind === 'integer' || node.kind === 'decimal'
        ? node.value
        : fail(reasons.type('a number', node));
    case 'text': {
      if (node.kind !== 'text') return fail(reasons.type('a string', node));
      const bytes = Buffer.byteLength(node.value);
      return bytes <= wire.max ? node.value : fail(reasons.textLength(wire.max, bytes));
    }
    case 'tuple': {
      if (node.kind !== 'array') return fail(reasons.type('an array', node));
      if (node.items.length !== wire.length) return fail(reasons.tupleLength(wire.length, node.items.length));
      // Documents are JSON all the way down.
      const before = Array.isArray(last) ? (last as readonly Json[]) : [];
      return node.items.map((item, at) => {
        return checkValue(
          item,
          wire.of,
          before[at] ?? null,
          { ...place, path: [...place.path, at] },
          problems,
        );
      });
    }
    default: {
      const [min, max] = RANGES[wire.type];
      if (node.kind !== 'integer' || node.value < min || node.value > max)
        return fail(reasons.integer(min, max, node));
      if (wire.min !== undefined && node.value < wire.min)
        return fail(reasons.bound(node.value, 'min', wire.min));
      if (wire.max !== undefined && node.value > wire.max)
        return fail(reasons.bound(node.value, 'max', wire.max));
      return node.value;
    }
  }
}
