import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { root } from './_compose.js';

/** `file` and the files of the repository that it imports, and so on. */
function withImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const imports = readFileSync(join(root, file), 'utf8').matchAll(/^import [^;]*? from '(\.[^']+)'/gm);
  for (const [, path = ''] of imports) withImports(join(dirname(file), path), found);
  return found;
}

test('the image is built with everything that the bundler imports, and the engine is given it', (t) => {
  const needed = [...withImports('scripts/bundle.js')].sort();
  t.true(needed.length > 3);
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (.*) scripts\/$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  t.deepEqual(copied.sort(), needed);
  const given = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!scripts/'))
    .map((line) => line.slice(1));
  t.deepEqual(given.sort(), needed);
});
