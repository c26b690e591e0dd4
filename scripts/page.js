// Bundles the page (src/outlets/http/browser) for the browser, and puts its files, compressed, into the module that the
// server reads them from.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What the page may weigh, compressed, bytes. */
const MAX_BYTES = 60 * 1024;

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** An esbuild plugin that fills src/outlets/http/page-assets.ts; esbuild's account of the page goes into `metafiles`. */
export function pagePlugin(root, metafiles) {
  return {
    name: 'page',
    setup({ onLoad }) {
      onLoad({ filter: /outlets\/http\/page-assets\.ts$/ }, async () => {
        const { files, metafile } = await makePage(root);
        metafiles.push(metafile);
        return { contents: moduleOf(files), loader: 'js' };
      });
    },
  };
}

/** The page's files by name, compressed. Throws where they weigh too much. */
export async function makePage(root) {
  const browser = join(root, 'src/outlets/http/browser');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { page: join(browser, 'main.tsx') },
    outdir: '/',
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
    tsconfig: join(browser, 'tsconfig.json'),
  });
  const style = await build({
    absWorkingDir: root,
    entryPoints: { page: join(browser, 'page.css') },
    outdir: '/',
    bundle: true,
    write: false,
    minify: true,
    logLevel: 'warning',
  });
  const files = new Map([
    ['index.html', readFileSync(join(browser, 'index.html'))],
    ['icon.svg', readFileSync(join(browser, 'icon.svg'))],
    ...[...outputFiles, ...style.outputFiles].map((file) => [file.path.slice(1), Buffer.from(file.contents)]),
  ]);
  const compressed = new Map([...files].map(([name, content]) => [name, gzipSync(content, { level: 9 })]));
  const bytes = [...compressed.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > MAX_BYTES) throw new Error(`the page weighs ${bytes} bytes compressed; at most ${MAX_BYTES}`);
  return { files: compressed, metafile };
}

function moduleOf(files) {
  const entries = [...files].map(([name, gzip]) => {
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    const etag = `"${createHash('sha256').update(gzip).digest('base64url').slice(0, 16)}"`;
    return `[${JSON.stringify(name)}, {type: ${JSON.stringify(type)}, etag: ${JSON.stringify(etag)}, gzip: Buffer.from(${JSON.stringify(gzip.toString('base64'))}, 'base64')}]`;
  });
  return `export const assets = new Map([${entries.join(',\n')}]);`;
}
