// One candidate of bench/checkers.ts in a process of its own: node _checkers-process.js CANDIDATE STATES
import type { JsonSchema } from '../src/topics/members.js';

/** Whether a value is a state of the topic that the check was made for. */
type StateCheck = (value: unknown) => boolean;

/** The part of valibot that is used here. */
interface Valibot {
  looseObject(entries: Readonly<Record<string, unknown>>): unknown;
  array(item: unknown): unknown;
  optional(schema: unknown): unknown;
  union(schemas: readonly unknown[]): unknown;
  pipe(...parts: readonly unknown[]): unknown;
  number(): unknown;
  integer(): unknown;
  boolean(): unknown;
  string(): unknown;
  null(): unknown;
  unknown(): unknown;
  safeParse(schema: unknown, value: unknown): { readonly success: boolean };
}

/** The part of TypeBox that is used here: it compiles a schema to code. */
interface TypeBox {
  Compile(schema: JsonSchema): { Check(value: unknown): boolean };
}

/** A package that need not be installed, so that the compiler must not look for its types. */
const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

const [, , candidate = 'rows', count = '20000'] = process.argv;
const states = Number(count);

global.gc?.();
const heapBefore = process.memoryUsage().heapUsed;
const began = performance.now();
const { chargerTopics } = await import('../src/topics/index.js');
const rows = [...chargerTopics().values()].flatMap(({ state }) => (state ? [state] : []));
const make: Readonly<Record<string, () => Promise<(json: JsonSchema) => StateCheck>>> = {
  typebox: async () => {
    const { Compile } = await load<TypeBox>('typebox/compile');
    return (json) => {
      const compiled = Compile(reported(json));
      return (value) => compiled.Check(value);
    };
  },
  valibot: async () => {
    const v = await load<Valibot>('valibot');
    return (json) => {
      const schema = inValibot(v, json);
      return (value) => v.safeParse(schema, value).success;
    };
  },
};
const made = await make[candidate]?.();
const checks: StateCheck[] = rows.map((state) =>
  made ? made(state.json) : (value) => state.check(value) === undefined,
);
const loadMs = performance.now() - began;
global.gc?.();
const heapMb = (process.memoryUsage().heapUsed - heapBefore) / 1e6;

const examples = rows.map(({ example }) => example);
function run(rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < checks.length; at++) {
      if (!checks[at]?.(examples[at]))
        throw new Error(`an example is refused: ${JSON.stringify(examples[at])}`);
    }
  }
}
const rounds = Math.ceil(states / checks.length);
run(rounds);
global.gc?.();
const heap = process.memoryUsage().heapUsed;
const from = performance.now();
run(rounds);
const perState = rounds * checks.length;
console.log(
  JSON.stringify({
    loadMs,
    heapMb,
    nsPerState: ((performance.now() - from) * 1e6) / perState,
    bytesPerState: (process.memoryUsage().heapUsed - heap) / perState,
    rssMb: process.memoryUsage().rss / 1e6,
  }),
);

/** The schema without the bounds of writes: a charger may report any whole number. */
function reported(json: JsonSchema): JsonSchema {
  const { minimum: _, maximum: __, oneOf, enum: ___, maxLength: ____, items, properties, ...rest } = json;
  return {
    ...rest,
    ...(items ? { items: reported(items as JsonSchema) } : {}),
    ...(properties
      ? { properties: mapValues(properties as Readonly<Record<string, JsonSchema>>, reported) }
      : {}),
    ...(oneOf && !json.type ? { oneOf } : {}),
  };
}

function inValibot(v: Valibot, json: JsonSchema): unknown {
  const { type, anyOf, items, properties, required = [] } = json;
  if (type === 'object') {
    return v.looseObject(
      mapValues(properties as Readonly<Record<string, JsonSchema>>, (member, name) => {
        const schema = inValibot(v, member);
        return (required as readonly string[]).includes(name) ? schema : v.optional(schema);
      }),
    );
  }
  if (type === 'array') return v.array(inValibot(v, items as JsonSchema));
  if (type === 'integer') return v.pipe(v.number(), v.integer());
  if (type === 'number') return v.number();
  if (type === 'boolean') return v.boolean();
  if (type === 'string') return v.string();
  if (Array.isArray(type)) return v.union([v.number(), v.null()]);
  if (Array.isArray(anyOf)) return v.union(anyOf.map((part: JsonSchema) => inValibot(v, part)));
  return v.unknown();
}

function mapValues<T, R>(
  record: Readonly<Record<string, T>>,
  map: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
