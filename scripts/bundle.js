// Bundles the program into dist/: one entry for the daemon, one for the container's health check, and the
// parts that a run may not need as chunks of their own, loaded on first use. Beside them the licences of what is
// bundled, and a list of it (SBOM).
//
// node scripts/bundle.js                  into dist/, unless nothing has changed since the last time
// node scripts/bundle.js --single FILE    everything in one file that runs by itself
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { licences, packagesOf, sbom } from './bill-of-materials.js';
import { coreChunk } from './core-chunk.js';
import { leanPackages } from './lean-packages.js';
import { pagePlugin } from './page.js';

const root = resolve(import.meta.dirname, '..');
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What esbuild says of the page, which is bundled for the browser within the bundle. */
const pageMetafiles = [];

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  plugins: [leanPackages, pagePlugin(root, pageMetafiles)],
  define: { 'process.env.EVSE_MQTT_BRIDGE_VERSION': JSON.stringify(version) },
  // CommonJS packages inside an ES module bundle ask for Node's own modules with require().
  banner: { js: "import{createRequire as _cr}from'node:module';const require=_cr(import.meta.url);" },
};

const [flag, file] = process.argv.slice(2);
if (flag === '--single' && file !== undefined) await bundleSingle(resolve(file));
else if (flag === undefined) await bundleParts();
else {
  console.error('usage: node scripts/bundle.js [--single FILE]');
  process.exitCode = 1;
}

async function bundleSingle(outfile) {
  mkdirSync(dirname(outfile), { recursive: true });
  const { metafile } = await build({ ...common, entryPoints: ['src/main.ts'], outfile });
  const packages = packagesOf([metafile, ...pageMetafiles], root);
  const notice = licences(packages).replaceAll('*/', '* /');
  writeFileSync(outfile, `${readFileSync(outfile, 'utf8')}\n/*\n${notice}*/\n`, { mode: 0o755 });
}

/** A build that is cut short, or fails, leaves the last one in place: the new one is made beside it. */
async function bundleParts() {
  const dist = join(root, 'dist');
  const stamp = join(dist, 'inputs.sha256');
  const inputs = digestOfInputs();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return;
  removeLeftovers();
  const fresh = join(root, `dist.new-${process.pid}`);
  const stale = join(root, `dist.old-${process.pid}`);
  try {
    const { metafile } = await build({
      ...common,
      entryPoints: { main: 'src/main.ts', probe: 'src/probe.ts' },
      outdir: fresh,
      chunkNames: 'parts/[name]-[hash]',
      splitting: true,
      sourcemap: true,
      sourcesContent: false,
      plugins: [coreChunk(root), ...common.plugins],
    });
    const packages = packagesOf([metafile, ...pageMetafiles], root);
    writeFileSync(join(fresh, 'LICENSES.txt'), licences(packages));
    writeFileSync(join(fresh, 'sbom.cdx.json'), sbom({ name, version }, packages));
    writeFileSync(join(fresh, 'inputs.sha256'), inputs);
    if (existsSync(dist)) renameSync(dist, stale);
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(stale, { recursive: true, force: true });
  }
}

/** What builds have left behind that were ended from outside, by Ctrl-C for example. */
function removeLeftovers() {
  for (const name of readdirSync(root)) {
    const pid = /^dist\.(?:new|old)-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(root, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Changes with everything that the bundle is made of. */
function digestOfInputs() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const others = [
    'package.json',
    'package-lock.json',
    'scripts/bundle.js',
    'scripts/bill-of-materials.js',
    'scripts/core-chunk.js',
    'scripts/lean-packages.js',
    'scripts/page.js',
  ];
  for (const path of [...sources, ...others.map((other) => join(root, other))]) {
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}
