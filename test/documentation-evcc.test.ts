import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { allTopics } from '../src/topics/index.js';

// The examples of docs/evcc.md, held against what evcc requires and played as evcc plays them.

const text = readFileSync(resolve(import.meta.dirname, '../../docs/evcc.md'), 'utf8');

/** One of evcc's plugins; only the members that the examples use. */
interface Plugin {
  readonly source: string;
  readonly topic?: string;
  readonly jq?: string;
  readonly payload?: string;
  readonly if?: Plugin;
  readonly else?: Plugin;
}

interface EvccCharger {
  readonly type: string;
  readonly template?: string;
  readonly [member: string]: unknown;
}

const chargers = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(
  ([, block = '']) => (parse(block) as { chargers: EvccCharger[] }).chargers,
);

/** What evcc's templates require; without it evcc ends at its start. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'tinkerforge-warp': ['host', 'port', 'topic'],
  'tinkerforge-warp3': ['host', 'port', 'topic'],
  'tinkerforge-warp-ws': ['uri'],
};

for (const [template, members] of Object.entries(REQUIRED)) {
  test(`the example for ${template} has what the template requires, and nothing unknown`, (t) => {
    const found = chargers.find((one) => one.template === template);
    t.truthy(found);
    const { name: _, type, template: __, ...rest } = found ?? { type: '', name: '' };
    t.is(type, 'template');
    t.deepEqual(Object.keys(rest), members);
  });
}

const custom = chargers.find(({ type }) => type === 'custom');

/** All plugins of the custom charger, also those inside others. */
function pluginsIn(value: unknown): Plugin[] {
  if (Array.isArray(value)) return value.flatMap(pluginsIn);
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(pluginsIn);
  return 'source' in value ? [value as Plugin, ...inside] : inside;
}

test('every topic of the custom charger exists, and can be written where it is written', (t) => {
  const plugins = pluginsIn(custom).filter(({ source }) => source === 'mqtt');
  t.true(plugins.length >= 12);
  for (const { topic = '', payload } of plugins) {
    const name = topic.replace(/^warp\//, '').replace(/_update$/, '');
    const row = allTopics().get(name);
    t.truthy(row, topic);
    t.is(topic.endsWith('_update'), payload !== undefined, topic);
    if (payload !== undefined) t.truthy(row?.command, topic);
  }
});

/** The Go templates of the payloads. */
const TEMPLATES: Readonly<Record<string, (value: number) => string>> = {
  '0': () => '0',
  '{{ mul .maxcurrent 1000 }}': (value) => String(value * 1000),
  '{{ mulf .maxcurrentmillis 1000 | int }}': (value) => String(Math.trunc(value * 1000)),
};

/** What `plugin` publishes when evcc sets `value`. */
function published(plugin: Plugin | undefined, value: number | boolean): string[] {
  if (plugin === undefined || plugin.source === 'sleep') return [];
  if (plugin.source === 'ifelse') return published(value ? plugin.if : plugin.else, value);
  const template = TEMPLATES[plugin.payload ?? ''];
  if (!template) throw new Error(`the test does not know the payload ${plugin.payload}`);
  return [template(Number(value))];
}

test('the custom charger charges with what evcc has set, also after enable', (t) => {
  const { enable, maxcurrent, maxcurrentmillis } = custom as unknown as Record<string, Plugin>;
  const set = (current: number, on: boolean) =>
    [...published(maxcurrent, current), ...published(enable, on)].at(-1);
  t.is(set(16, true), '16000');
  t.is(set(6, true), '6000');
  t.is(set(16, false), '0');
  t.deepEqual(published(maxcurrentmillis, 12.5), ['12500']);
});

test('the example for the state of the custom charger knows each IEC 61851 state', (t) => {
  const jq = pluginsIn(custom?.status).find(({ topic }) => topic === 'warp/evse/state')?.jq ?? '';
  const [list = '', member = ''] = jq.split('[.');
  t.deepEqual(JSON.parse(list), ['A', 'B', 'C', 'E', 'F']);
  t.is(member, 'iec61851_state]');
});
