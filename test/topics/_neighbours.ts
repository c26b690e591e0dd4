import type { JsonSchema } from '../../src/topics/members.js';

/** Values at the edges of what a schema allows, and the ones just beyond. */
export interface Neighbours {
  readonly right: readonly unknown[];
  readonly wrong: readonly unknown[];
}

/** Values of other types than the one wanted; which of them are wrong is for the schema to say. */
const OTHERS: readonly unknown[] = [null, true, 'x', '7', 7.5, [], {}];

/** The neighbours of a member's schema, as far as the rows use JSON Schema. */
export function neighbours(schema: JsonSchema): Neighbours {
  const { type, minimum, maximum, enum: allowed, const: only, oneOf, anyOf, items, examples } = schema;
  if (Array.isArray(examples))
    return { right: examples, wrong: [...examples.map((one) => `${one}:G`), ...OTHERS] };
  if (only !== undefined) return { right: [only], wrong: around([only]) };
  if (Array.isArray(allowed)) return { right: allowed, wrong: around(allowed) };
  const alternatives = (oneOf ?? anyOf) as readonly JsonSchema[] | undefined;
  if (alternatives) {
    const all = alternatives.map((part) => neighbours({ ...(type ? { type } : {}), ...part }));
    return { right: all.flatMap(({ right }) => right), wrong: all.flatMap(({ wrong }) => wrong) };
  }
  if (type === 'array') return ofArray(schema, items as JsonSchema);
  if (type === 'object') return ofObject(schema);
  if (type === 'boolean') return { right: [true, false], wrong: [0, 1, 'true', ...OTHERS] };
  if (type === 'string') {
    const max = schema.maxLength as number;
    return { right: ['', 'x'.repeat(max)], wrong: ['x'.repeat(max + 1), 7, ...OTHERS] };
  }
  if (type === 'number' && typeof minimum === 'number' && typeof maximum === 'number') {
    return {
      right: [minimum, maximum, (minimum + maximum) / 2 + 0.5],
      wrong: [minimum - 1, maximum + 1, ...OTHERS],
    };
  }
  if (type === 'integer' && typeof minimum === 'number' && typeof maximum === 'number') {
    const beyond = [minimum - 1, maximum + 1, minimum + 0.5, String(minimum)];
    return { right: [minimum, maximum], wrong: [...beyond, ...OTHERS] };
  }
  if (Array.isArray(type)) return { right: [0, -1.5, null], wrong: OTHERS };
  return { right: [null, 7], wrong: [] };
}

function around(allowed: readonly unknown[]): unknown[] {
  const numbers = allowed.filter((value) => typeof value === 'number');
  return [...numbers.flatMap((value) => [value - 1, value + 1]), ...OTHERS];
}

function ofArray({ minItems, maxItems }: JsonSchema, items: JsonSchema): Neighbours {
  const item = neighbours(items);
  const length = (minItems as number | undefined) ?? 1;
  const of = (value: unknown, count = length) => Array.from({ length: count }, () => value);
  const [first] = item.right;
  return {
    right: item.right.map((value) => of(value)),
    wrong: [
      ...item.wrong.map((value) => [value, ...of(first, length - 1)]),
      ...(minItems === undefined ? [] : [of(first, length - 1)]),
      ...(maxItems === undefined ? [] : [of(first, (maxItems as number) + 1)]),
      ...OTHERS,
    ],
  };
}

function ofObject({ properties, required = [] }: JsonSchema): Neighbours {
  const members = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(
    ([name, schema]) => [name, neighbours(schema)] as const,
  );
  const whole = Object.fromEntries(members.map(([name, { right }]) => [name, right[0]]));
  return {
    right: [
      whole,
      ...members.flatMap(([name, { right }]) => right.map((value) => ({ ...whole, [name]: value }))),
    ],
    wrong: [
      ...members.flatMap(([name, { wrong }]) => wrong.map((value) => ({ ...whole, [name]: value }))),
      ...(required as readonly string[]).map((name) => {
        const { [name]: _, ...rest } = whole;
        return rest;
      }),
      { ...whole, surplus: 1 },
      ...OTHERS,
    ],
  };
}
