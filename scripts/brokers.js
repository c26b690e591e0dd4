// Tries the bridge with every broker that can be had here, and writes the table of docs/brokers.md.
// usage: npm run brokers [-- --quick] [-- --only NAME,NAME] [-- --tools FOLDER]
//        npm run brokers -- --fail-over [--rounds 3] [--only NAME,NAME]: kills and freezes brokers that have others beside
//   --quick  only those that are fetched and tried quickly; writes nothing: for CI
//   --only   only these; of the page only their rows are written
//   --tools  where fetched brokers are kept; default a folder in that of temporary files
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFailOver } from './brokers/fail-over-table.js';
import { kinds, leftOut } from './brokers/kinds.js';
import { readTable, tableOf, writePart } from './brokers/page.js';
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

if (process.argv.includes('--fail-over')) {
  await writeFailOver(tools, Number(option('--rounds') ?? 3), only);
  process.exit();
}

/** Those that are here, or can be fetched, within two minutes, and that take no more than half a minute. */
const QUICK = ['Mosquitto', 'mochi-mqtt', 'embedded'];

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
const isSame = (fresh, old) => fresh.split(' ')[0] === old.split(' ')[0];
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

if (!quick) {
  const day = new Date().toISOString().slice(0, 10);
  const head = ['broker', ...COLUMNS.map(([, title]) => title), 'run on'];
  const old = only ? readTable('table').filter(([name]) => !rows.some(([fresh]) => isSame(fresh, name))) : [];
  const all = [...old, ...rows.map((cells) => [...cells, day])];
  const names = [...kinds.map(({ name }) => name), 'embedded'];
  const at = ([row]) => names.findIndex((name) => row.startsWith(name));
  writePart('table', tableOf([head, ...all.toSorted((a, b) => at(a) - at(b))]));
}
if (!quick && !only) {
  const lines = (list) => (list.length > 0 ? list.map((text) => `- ${text}`) : ['- nothing']);
  const without = [...missing, ...leftOut].map(([name, why]) => `${name}: ${why}`);
  writePart('notes', ['What `check` noted:', '', ...lines(notes), '', 'Left out:', '', ...lines(without)]);
}
// A trial that failed may have left connections behind, which would keep this process alive.
process.exit((quick || only) && failed > 0 ? 1 : 0);
