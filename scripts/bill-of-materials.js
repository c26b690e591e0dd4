// Which packages a bundle holds, their licences, and a software bill of materials (CycloneDX 1.5).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The packages whose code is in the bundles, by esbuild's own account, sorted by name. */
export function packagesOf(metafiles, root) {
  const folders = new Set();
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders]
    .map((folder) => describe(join(root, folder)))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'));
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)(\.(md|txt|mit))?$/i.test(one));
  if (typeof license !== 'string') throw new Error(`${name} names no licence`);
  return {
    name,
    version,
    license,
    text: file === undefined ? undefined : readFileSync(join(folder, file), 'utf8'),
  };
}

/** The licences of all packages as one text for people. */
export function licences(packages) {
  const parts = packages.map(({ name, version, license, text }) =>
    [`${name} ${version} (${license})`, '', text?.trim() ?? 'The package has no licence file.', ''].join(
      '\n',
    ),
  );
  return [
    `This program contains ${packages.length} packages of others, under these licences.`,
    '',
    ...parts,
  ].join('\n');
}

/** The same as CycloneDX 1.5. It has no time and no serial number, so that equal bundles have equal lists. */
export function sbom({ name, version }, packages) {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: component('application', { name, version, license: 'MIT' }) },
    components: packages.map((one) => component('library', one)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component(type, { name, version, license }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const known = /^[A-Za-z0-9.-]+$/.test(license);
  return {
    type,
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: [known ? { license: { id: license } } : { expression: license }],
  };
}
