// Tries the bridge with every broker that can be had here, and writes the table of docs/brokers.md.
// usage: npm run brokers [-- --quick] [-- --only NAME,NAME] [-- --tools FOLDER]
//   --quick  only those that are installed and start quickly; fetches nothing and writes nothing: for CI
//   --only   only these, and writes nothing
//   --tools  where fetched brokers are kept; default a folder in that of temporary files
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { kinds, leftOut } from './brokers/kinds.js';
import { within } from './brokers/processes.js';
import { tryBroker } from './brokers/trial.js';

const quick = process.argv.includes('--quick');
const option = (name) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? (process.argv[at + 1] ?? '') : undefined;
};
const only = option('--only')?.split(',');
const tools = resolve(option('--tools') ?? join(tmpdir(), 'evse-mqtt-bridge-brokers'));
mkdirSync(tools, { recursive: true });

/** In the quick form nothing is fetched. */
const QUICK = ['Mosquitto', 'embedded'];

/** Longest time for one broker, ms. */
const TRIAL_MS = 300_000;

const COLUMNS = [
  ['version', 'agreed'],
  ['limits', 'limits'],
  ['retained', 'retained, by `warp/#`'],
  ['discovery', 'documents for Home Assistant'],
  ['write', 'a write is answered within'],
  ['response', 'and on its response topic'],
  ['will', 'last will after kill -9'],
  ['liveRetain', 'a live write with the retain flag'],
  ['replayed', 'a retained write at the next start'],
  ['guard', '`offline` written by somebody else'],
  ['restart', 'broker restarted: writes answered after'],
  ['kill', 'broker killed: writes answered after'],
  ['check', '`check` says'],
];

const all = [...kinds, { name: 'embedded', isOurs: true, program: () => 'embedded', version: () => '' }];
const rows = [];
const notes = [];
const missing = [];
let failed = 0;
let passed = 0;
for (const kind of all) {
  if (quick && !QUICK.includes(kind.name)) continue;
  if (only && !only.includes(kind.name)) continue;
  const begun = performance.now();
  const program = kind.program(tools);
  const fetched = Math.round((performance.now() - begun) / 1_000);
  if (program === undefined) {
    missing.push([kind.name, `not here: ${kind.missing}`]);
    continue;
  }
  try {
    const seen = await within(TRIAL_MS, tryBroker(kind, program));
    const tried = Math.round((performance.now() - begun) / 1_000) - fetched;
    const lacks = kind.lacks ?? [];
    const bad = COLUMNS.filter(([column]) => seen[column]?.includes('**') && !lacks.includes(column));
    if (bad.length === 0) passed += 1;
    else failed += 1;
    rows.push([
      `${kind.name} ${kind.version(program) ?? ''}`.trim(),
      ...COLUMNS.map(([column]) => seen[column] ?? '–'),
    ]);
    console.log(`${kind.name}: fetched in ${fetched} s, tried in ${tried} s`);
    for (const note of seen.notes) notes.push(`${kind.name}: ${note}`);
    console.log(
      `${bad.length === 0 ? 'ok  ' : 'seen'} ${kind.name}: ${COLUMNS.map(([column]) => `${column} ${seen[column]}`).join(', ')}`,
    );
  } catch (error) {
    failed += 1;
    missing.push([kind.name, `failed here: ${String(error.message).split('\n')[0]}`]);
    console.log(`FAIL ${kind.name}: ${error.message}`);
  }
}
for (const [name, why] of [...missing, ...leftOut]) console.log(`left out: ${name}: ${why}`);
console.log(`brokers: ${passed} passed, ${failed} failed`);

if (!quick && !only) {
  const file = resolve(import.meta.dirname, '../docs/brokers.md');
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const table = [
    line(['broker', ...COLUMNS.map(([, title]) => title)]),
    line(['---', ...COLUMNS.map(() => '---')]),
    ...rows.map(line),
    '',
    `Run on ${new Date().toISOString().slice(0, 10)}. What \`check\` noted:`,
    '',
    ...(notes.length > 0 ? notes.map((note) => `- ${note}`) : ['- nothing']),
    '',
    'Left out:',
    '',
    ...[...missing, ...leftOut].map(([name, why]) => `- ${name}: ${why}`),
  ].join('\n');
  const text = readFileSync(file, 'utf8');
  const [before, rest = ''] = text.split('<!-- table -->\n');
  const [, after = ''] = rest.split('<!-- /table -->\n');
  writeFileSync(file, `${before}<!-- table -->\n${table}\n<!-- /table -->\n${after}`);
}
if (quick || only) process.exitCode = failed === 0 ? 0 : 1;
