// Runs single test files without a type check and without the bundle: esbuild only removes the types.
//   npm run test:one -- test/charger/write-queue.test.ts
//   npm run test:one -- test/model/led.test.ts --match='*standby*'
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const isTest = (argument) => argument.endsWith('.test.ts');
const files = process.argv.slice(2).filter(isTest);
const options = process.argv.slice(2).filter((argument) => !isTest(argument));

const missing = files.filter((file) => !existsSync(resolve(file)));
if (files.length === 0 || missing.length > 0) {
  for (const file of missing) console.error(`${file}: there is no such file`);
  console.error('usage: npm run test:one -- test/folder/subject.test.ts [options of ava]');
  process.exit(1);
}

const sources = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, folder, file)),
);
await build({
  entryPoints: sources,
  outdir: join(root, 'build'),
  outbase: root,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  logLevel: 'warning',
});

const built = files.map((file) =>
  relative(root, resolve(file)).replace(/^/, 'build/').replace(/\.ts$/, '.js'),
);
const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
const { status } = spawnSync(process.execPath, [ava, ...built, ...options], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
