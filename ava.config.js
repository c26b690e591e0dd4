import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

// Files that take long, the longest first: one that began at the end would run there alone.
const SLOW = [
  'outlets/http/browser',
  'world/world',
  'model/invariants',
  'deploy/release',
  'model/firmware-traces',
  'backend/http/truth',
  'process',
  'deploy/stacks',
  'backend/http/strangers',
  'model/model-topics',
  'backend/contract',
  'model/scenarios',
  'program',
  'backend/http/lifetime',
  'backend/phase-switching',
  'fleet',
  'outlets/http/page',
];

const gone = SLOW.filter((name) => !existsSync(join(import.meta.dirname, 'test', `${name}.test.ts`)));
if (gone.length > 0) throw new Error(`ava.config.js names test files that do not exist: ${gone.join(', ')}`);

function turnOf(file) {
  const at = SLOW.findIndex((name) => file.endsWith(join('test', `${name}.test.js`)));
  return at < 0 ? SLOW.length : at;
}

export default {
  files: ['build/test/**/*.test.js'],
  timeout: '5m',
  // One more than there are processors: some files wait for a program, a broker or a browser.
  concurrency: availableParallelism() + 1,
  workerThreads: false,
  sortTestFiles: (one, other) => turnOf(one) - turnOf(other),
};
