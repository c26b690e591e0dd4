import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { CliCommand } from '../src/commands/index.js';
import { readConfig } from '../src/config/index.js';
import { config, toggle } from '../src/topics/entity-kinds.js';
import { setting } from '../src/topics/rows.js';
import { bool } from '../src/topics/scalars.js';
import type { Topic } from '../src/topics/topic.js';
import { FakeLog } from './_fakes.js';
import { root } from './_program.js';

// The code of the recipes in CONTRIBUTING.md: here it is compiled.

const rows: readonly Topic[] = [
  setting(
    'evse/energy_saving',
    { enabled: bool() },
    {
      doc: 'Whether the charger saves energy while no vehicle is connected.',
      since: '2.13.0',
      example: { enabled: false },
      entities: [
        toggle('energy_saving', ['Energy saving', 'Energie sparen'], 'enabled', { ...config, icon: 'leaf' }),
      ],
      flash: true,
    },
  ),
];

const status: CliCommand = {
  doc: 'prints the prefixes of the chargers',
  settings: ['charger'],
  examples: ['evse-mqtt-bridge --config config.yaml status'],
  options: { style: { doc: 'how they are printed', values: ['lines', 'json'] } },
  async run({ config, print }) {
    print(config.chargers.map(({ prefix }) => prefix).join('\n'));
    return 0;
  },
};

const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Code without comments and without the spaces that only order it. */
const bare = (code: string) =>
  code
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replaceAll('export ', '')
    .replaceAll(/\s+/g, '');

test('the code of the recipes is code that compiles', (t) => {
  const sources = bare(read('test/recipes.test.ts') + read('src/backend/backend.ts'));
  const recipes = [...read('CONTRIBUTING.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  t.true(recipes.length >= 3);
  for (const recipe of recipes) {
    for (const part of recipe.split(/\n(?=\w)/)) t.true(sources.includes(bare(part)), part);
  }
});

test('the command of the recipe does what it says', async (t) => {
  const lines: string[] = [];
  const config = await readConfig([], { MQTT_TOPIC_PREFIX: 'garage' });
  const code = await status.run({
    config,
    version: '0',
    log: new FakeLog(),
    signal: new AbortController().signal,
    print: (text) => lines.push(text),
    settings: { read: async () => config, onHangup: () => () => {} },
  });
  t.deepEqual([code, lines], [0, ['garage']]);
  t.is(rows[0]?.path, 'evse/energy_saving');
});
