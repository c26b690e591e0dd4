import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { parse } from 'yaml';
import { bridgeTopics, modelTopics } from '../../../src/topics/index.js';
import { render } from './_render.js';

// The blueprint and the dashboard for Home Assistant. `npm run check:homeassistant` also loads the blueprint.

const root = resolve(import.meta.dirname, '../../../..');
const ajv = new Ajv2020({ strict: false, allErrors: true, allowUnionTypes: true });

const schemas = JSON.parse(readFileSync(join(root, 'test/data/home-assistant-yaml.schema.json'), 'utf8')) as {
  readonly $defs: Readonly<Record<'blueprint' | 'dashboard', object>>;
};
const fits = (name: 'blueprint' | 'dashboard') => ajv.compile({ ...schemas, $ref: `#/$defs/${name}` });

/** `!input name` becomes an object, as Home Assistant reads it. */
const input = { tag: '!input', resolve: (name: string) => ({ input: name }) };

function read(file: string): Record<string, unknown> {
  const text = readFileSync(join(root, 'examples/home-assistant', file), 'utf8');
  // Both files are objects; the schemas look at the rest.
  return parse(text, { customTags: [input] }) as Record<string, unknown>;
}

const blueprint = read('blueprints/pv-surplus.yaml');
const dashboard = read('dashboard.yaml');

test('the blueprint and the dashboard fit the schema of Home Assistant', (t) => {
  for (const [name, file] of [
    ['blueprint', blueprint],
    ['dashboard', dashboard],
  ] as const) {
    const valid = fits(name);
    t.true(valid(file), `${name}: ${ajv.errorsText(valid.errors)}`);
  }
});

test('what Home Assistant would not take does not fit', (t) => {
  const wrong = (name: 'blueprint' | 'dashboard', from: object, text: string, other: string) => {
    const changed: unknown = JSON.parse(JSON.stringify(from).replace(text, other));
    t.notDeepEqual(changed, from, text);
    t.false(fits(name)(changed), `${text} → ${other}`);
  };
  wrong('blueprint', blueprint, '"domain":"automation"', '"domain":"lights"');
  wrong('blueprint', blueprint, '"selector":{"entity"', '"selector":{"thing"');
  wrong('blueprint', blueprint, '"triggers"', '"tiggers"');
  wrong('blueprint', blueprint, '"mode":"single"', '"mode":"once"');
  wrong('dashboard', dashboard, '"type":"gauge"', '"type":"meter"');
  wrong('dashboard', dashboard, '"hours_to_show":6', '"hours":6');
  wrong('dashboard', dashboard, '"entity":"sensor.warp_abcd_power"', '"entity":"power"');
});

test('every input of the blueprint is used, and no other', (t) => {
  const { input: declared } = blueprint.blueprint as { readonly input: object };
  const { blueprint: _, ...body } = blueprint;
  const used = [...JSON.stringify(body).matchAll(/\{"input":"(\w+)"\}/g)].map(([, name]) => name);
  t.deepEqual([...new Set(used)].sort(), Object.keys(declared).sort());
});

test('every entity of the dashboard is one that the bridge announces', (t) => {
  const entities = [...modelTopics().values(), ...bridgeTopics].flatMap((row) => row.entities ?? []);
  const known = new Set(entities.map(({ platform, key }) => `${platform}.warp_abcd_${key}`));
  const shown = [...JSON.stringify(dashboard).matchAll(/"([a-z_]+\.warp_abcd_\w+)"/g)].map(
    ([, id = '']) => id,
  );
  t.true(shown.length > 10);
  t.deepEqual(
    shown.filter((id) => !known.has(id)),
    [],
  );
});

const { target } = blueprint.variables as { readonly target: string };

/** What the blueprint sets when these are so. */
function targetOf(now: {
  spare?: number;
  present: number;
  unchanged_s?: number;
  measured?: boolean;
  phases?: string;
}) {
  const inputs = { phases: '3', maximum: 16, margin: 200, pause: 120, patience: 300 };
  return Number(render(target, { ...inputs, spare: 0, unchanged_s: 9999, measured: true, ...now }));
}

test('the blueprint starts with a margin and after a pause', (t) => {
  t.is(targetOf({ present: 0, spare: 4339 }), 0);
  t.is(targetOf({ present: 0, spare: 4340 }), 6);
  t.is(targetOf({ present: 0, spare: 9000, unchanged_s: 119 }), 0);
  t.is(targetOf({ present: 0, spare: 1600, phases: '1' }), 6);
});

test('the blueprint follows in whole amperes up to the highest current', (t) => {
  t.is(targetOf({ present: 6, spare: 4140 }), 6);
  t.is(targetOf({ present: 6, spare: 6899 }), 9);
  t.is(targetOf({ present: 9, spare: 6900 }), 10);
  t.is(targetOf({ present: 16, spare: 22_000 }), 16);
  t.is(targetOf({ present: 6, spare: 2300, phases: '1' }), 10);
});

test('the blueprint stops only when 6 A were too much for a while', (t) => {
  t.is(targetOf({ present: 12, spare: 4139 }), 6);
  t.is(targetOf({ present: 6, spare: 0, unchanged_s: 299 }), 6);
  t.is(targetOf({ present: 6, spare: 0, unchanged_s: 300 }), 0);
  t.is(targetOf({ present: 0, spare: 0 }), 0);
});

test('the blueprint allows at most 6 A while the grid is not measured, and starts nothing', (t) => {
  t.is(targetOf({ present: 16, spare: 20_000, measured: false }), 6);
  t.is(targetOf({ present: 0, spare: 20_000, measured: false }), 0);
});
