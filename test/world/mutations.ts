// npm run world:mutations                     every mutation, up to 3 000 seeds each; takes some minutes
// npm run world:mutations -- --only NAME      one of them
// npm run world:mutations -- --update         writes the table into docs/reliability.md
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transform } from 'esbuild';
import type { Mutation } from './_mutation.js';
import { MUTATIONS } from './_mutations.js';

/** What a run says of the first seed that fails: `seed N fails; …`, then what was wrong. */
const FAILED = /seed (\d+) fails[^\n]*\n {2}([\d.]+) ([^\n]*)/;

/** Characters of what was found that are shown in the table. */
const MAX_CELL = 100;

const INTRO = `
### Does it see?

For each fault the mend was taken out of the program, and worlds ran until a seed failed.
\`npm run world:mutations -- --update\` writes this table.

`;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = path.join(root, 'docs', 'reliability.md');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '3000' },
    jobs: { type: 'string', default: '1' },
    update: { type: 'boolean', default: false },
  },
});

const chosen = MUTATIONS.filter(
  ({ name }) => values.only === undefined || values.only.split(',').includes(name),
);
if (chosen.length === 0) throw new Error(`no mutation ${values.only}`);

interface Result {
  readonly mutation: Mutation;
  readonly seed: string | undefined;
  readonly violation: string;
}

const results: Result[] = [];
const scratch = await mkdtemp(path.join(tmpdir(), 'world-'));
try {
  await cp(path.join(root, 'build'), path.join(scratch, 'build'), { recursive: true });
  await cp(path.join(root, 'package.json'), path.join(scratch, 'package.json'));
  await symlink(path.join(root, 'node_modules'), path.join(scratch, 'node_modules'));
  for (const mutation of chosen) {
    const result = await tried(mutation);
    results.push(result);
    const what =
      result.seed === undefined ? `NOT SEEN ${result.violation}` : `seed ${result.seed}: ${result.violation}`;
    console.log(`${mutation.name}: ${what}`);
  }
} finally {
  await rm(scratch, { recursive: true });
}
const unseen = results.filter(({ seed }) => seed === undefined);
console.log(`${results.length} mutations, ${unseen.length} not seen`);
if (values.update) await update();
process.exitCode = unseen.length > 0 ? 1 : 0;

/** The first seed that fails with the mutation in the program; its files are put back afterwards. */
async function tried(mutation: Mutation): Promise<Result> {
  const files = new Set(mutation.edits.map(({ file }) => file));
  for (const file of files) {
    let source = await readFile(path.join(root, file), 'utf8');
    for (const edit of mutation.edits.filter((one) => one.file === file)) {
      if (source.split(edit.find).length !== 2)
        throw new Error(`${mutation.name} does not fit ${file} any more`);
      source = source.replace(edit.find, () => edit.replace);
    }
    const { code } = await transform(source, { loader: 'ts', target: 'node20', format: 'esm' });
    await writeFile(compiled(scratch, file), code);
  }
  const from = String(mutation.from ?? 1);
  const search = ['--first', '--from', from, '--seeds', values.seeds, '--jobs', values.jobs];
  const { said } = await world(search, mutation.faults);
  for (const file of files) await cp(compiled(root, file), compiled(scratch, file));
  const [, seed, , violation = ''] = FAILED.exec(said) ?? [];
  if (seed === undefined) return { mutation, seed, violation };
  // The same world must be well without the mutation.
  const { code } = await world(['--seed', seed], mutation.faults);
  if (code === 0) return { mutation, seed, violation };
  return { mutation, seed: undefined, violation: `seed ${seed} fails without it too` };
}

function compiled(at: string, file: string): string {
  return path.join(at, 'build', file.replace(/\.ts$/, '.js'));
}

/** Lets worlds run in the scratch copy; resolves to what that printed, and its exit code. */
function world(
  how: readonly string[],
  faults: readonly string[] | undefined,
): Promise<{ said: string; code: number | null }> {
  const program = path.join(scratch, 'build', 'test', 'world', 'run.js');
  const restriction = faults ? ['--faults', faults.join(',')] : [];
  const args = [program, ...how, ...restriction];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ said, code }));
  });
}

/** Puts the table between its marks on the page; where it has none yet, at its end. */
async function update(): Promise<void> {
  const [begin, end] = ['<!-- mutations: begin -->', '<!-- mutations: end -->'];
  const text = await readFile(page, 'utf8');
  const [before = '', rest] = text.split(begin);
  const after = rest?.split(end)[1] ?? '\n';
  const cell = (one: string) => one.replaceAll('|', '\\|').slice(0, MAX_CELL);
  const old = (rest?.split(end)[0] ?? '').split('\n');
  const rows = MUTATIONS.map(({ name, fault, faults }) => {
    const result = results.find(({ mutation }) => mutation.name === name);
    const known = old.find((row) => row.includes(`| \`${name}\` |`));
    if (!result) return known ?? `| ${fault} | \`${name}\` | not tried yet | |`;
    const only = faults ? ` (faults: ${faults.join(', ')})` : '';
    const seed = result.seed === undefined ? `**none of ${values.seeds}**` : `${result.seed}${only}`;
    return `| ${fault} | \`${name}\` | ${seed} | ${cell(result.violation)} |`;
  });
  const head = ['| fault | mutation | a seed that fails | what is found there |', '|---|---|---|---|'];
  const intro = rest === undefined ? INTRO : '';
  await writeFile(page, `${before}${intro}${begin}\n${[...head, ...rows].join('\n')}\n${end}${after}`);
}
