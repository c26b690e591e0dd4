// What every run of the daemon loads, in one file: each file more costs its reading, resolving and linking at the start.
import { join } from 'node:path';

/** What the daemon imports on its way to the first state; with all that these import themselves. */
const CORE = [
  'backend/http/index',
  'base/clock',
  'base/errors',
  'base/log',
  'base/log-output',
  'commands/index',
  'commands/run',
  'config/command-line',
  'config/index',
  'outlets/homeassistant/discovery',
];

const ENTRY = 'entry-with-core';

/**
 * An esbuild plugin. esbuild puts into one chunk what the same entries reach, and each `import()` is an entry: here all
 * of them reach the whole core, and those of the core itself are one entry. No name is exported twice in `src/`
 * (test/floors.test.ts), so that one module can stand for several.
 */
export function coreChunk(root) {
  const src = join(root, 'src');
  const core = new Set(CORE.map((one) => join(src, `${one}.ts`)));
  const everything = CORE.map((one) => `export * from './${one}.js';`).join('\n');
  return {
    name: 'core-chunk',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, kind, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || !importer.startsWith(src)) return undefined;
        const file = join(resolveDir, path).replace(/\.js$/, '.ts');
        return { path: core.has(file) ? 'core' : file, namespace: ENTRY };
      });
      onResolve({ filter: /^core$/ }, ({ namespace }) =>
        namespace === ENTRY ? { path: 'core', namespace: ENTRY } : undefined,
      );
      onLoad({ filter: /.*/, namespace: ENTRY }, ({ path }) => ({
        contents: path === 'core' ? everything : `import 'core'; export * from ${JSON.stringify(path)};`,
        resolveDir: src,
      }));
    },
  };
}
