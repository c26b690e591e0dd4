// Bundles the program into dist/: one entry for the daemon, one for the container's health check, and the
// parts that a run may not need as chunks of their own, loaded on first use.
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const root = new URL('..', import.meta.url).pathname;
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });

await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts', probe: 'src/probe.ts' },
  outdir: 'dist',
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.EVSE_MQTT_BRIDGE_VERSION': JSON.stringify(version) },
  // CommonJS packages inside an ES module bundle ask for Node's own modules with require().
  banner: { js: "import{createRequire as _cr}from'node:module';const require=_cr(import.meta.url);" },
});
