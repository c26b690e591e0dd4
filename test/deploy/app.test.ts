import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { type Config, readConfig } from '../../src/config/index.js';

import { prefixKind } from '../../src/config/kinds.js';
import { rows } from '../../src/config/settings.js';

import { root } from './_compose.js';

type Tree = { readonly [name: string]: Tree | readonly Tree[] | string | boolean };

const app = join(root, 'home-assistant-app/evse_mqtt_bridge');
const readYaml = (file: string) => parse(readFileSync(join(app, file), 'utf8')) as Tree;
const manifest = readYaml('config.yaml');
const schema = manifest.schema as Tree;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** Every option by its key, and what it may be; `chargers` counts as its entries. */
function leaves(tree: Tree, path = ''): (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([name, part]) => {
    const key = path === '' ? name : `${path}.${name}`;
    if (Array.isArray(part)) return part.flatMap((entry: Tree) => leaves(entry, `${key}[]`));
    return typeof part === 'object' ? leaves(part as Tree, key) : [[key, String(part)] as const];
  });
}

/** Reads options the way the app does: from a file of JSON, with what run.sh puts into the environment. */
async function readOptions(options: unknown, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  const room = mkdtempSync(join(tmpdir(), 'evse-app-'));
  try {
    const file = join(room, 'options.json');
    writeFileSync(file, JSON.stringify(options));
    return await readConfig(['--config', file], env);
  } finally {
    rmSync(room, { recursive: true });
  }
}

test('the page is in the sidebar, at the port where run.sh serves it', (t) => {
  t.true(manifest.ingress as unknown as boolean);
  const [, port = ''] = /HTTP_PORT=(\d+)/.exec(readFileSync(join(app, 'run.sh'), 'utf8')) ?? [];
  t.is(String(manifest.ingress_port), port);
  t.true(String(manifest.watchdog).includes(`[PORT:${port}]`));
});

test('every option is a setting, with its kind and its choices', (t) => {
  const own = ['chargers[].prefix', 'chargers[].name'];
  const found = leaves(schema);
  t.true(found.length > 8);
  for (const [path, type] of found.filter(([path]) => !own.includes(path))) {
    const key = path.replace('chargers[].', '');
    const [, setting] = rows.find(([name]) => name === key) ?? [];
    if (!setting) {
      t.fail(`${path} is not a setting`);
      continue;
    }
    t.is(/^password/.test(type), setting.secret === true, path);
    t.is(/^bool/.test(type), setting.kind.flag === true, path);
    const choices = /^list\((.+)\)$/.exec(type)?.[1];
    if (choices) t.is(choices.replaceAll('|', ', '), setting.kind.words, path);
  }
});

test('types are those that the Supervisor knows', (t) => {
  const known = /^(bool|url|str|password|match\(.+\)|list\(.+\))\??$/;
  for (const [path, type] of leaves(schema)) t.regex(type, known, path);
});

test('prefixes that the form takes are prefixes for the bridge', (t) => {
  const patterns = leaves(schema).filter(([path]) => /prefix$/.test(path));
  t.is(patterns.length, 2);
  for (const [path, type] of patterns) {
    const pattern = new RegExp(/^match\((.*)\)$/.exec(type)?.[1] ?? '$^');
    for (const text of ['warp', 'garage/left', 'w', 'a b', '', '/warp', 'warp/', '$SYS', 'a+b', 'a/#']) {
      t.is(pattern.test(text), prefixKind.read(text) !== undefined, `${path}: "${text}"`);
    }
  }
});

test('the options that the app starts with are a configuration, and change no default', async (t) => {
  const { values, chargers } = await readOptions(manifest.options);
  const plain = await readConfig([], {});
  t.deepEqual(values, plain.values);
  t.deepEqual(chargers, plain.chargers);
  const preset = leaves(manifest.options as Tree).map(([path]) => path);
  for (const [path, type] of leaves(schema))
    if (!type.endsWith('?')) t.true(preset.includes(path), `${path} is required and has no preset`);
});

test('filled-in options are a configuration', async (t) => {
  const { values, chargers, secrets } = await readOptions({
    chargers: [
      { prefix: 'garage/left', name: 'Left bay', charger: { url: 'http://192.168.1.20' } },
      { prefix: 'garage/right', charger: { url: 'https://w2.lan', username: 'me', password: 'hush' } },
    ],
    homeassistant: { prefix: 'ha', language: 'de' },
    policy: { readOnly: true },
    log: { level: 'debug' },
  });
  t.like(values, {
    'homeassistant.prefix': 'ha',
    'homeassistant.language': 'de',
    'policy.readOnly': true,
    'log.level': 'debug',
  });
  t.deepEqual(
    chargers.map(({ prefix, name, values: own }) => [
      prefix,
      name,
      own['charger.url'],
      own['charger.username'],
    ]),
    [
      ['garage/left', 'Left bay', 'http://192.168.1.20', undefined],
      ['garage/right', undefined, 'https://w2.lan', 'me'],
    ],
  );
  t.deepEqual([...secrets], ['hush']);
});

for (const language of ['en', 'de']) {
  test(`translations/${language}.yaml names every option`, (t) => {
    const names = (tree: Tree): Tree =>
      Object.fromEntries(
        Object.entries(tree).map(([name, part]) => {
          const inner = (Array.isArray(part) ? part[0] : part) as Tree | string;
          return [name, typeof inner === 'object' ? names(inner) : ''];
        }),
      );
    const translated = (tree: Tree): Tree =>
      Object.fromEntries(
        Object.entries(tree as Record<string, Tree>).map(([key, { name, fields }]) => {
          t.is(typeof name, 'string', key);
          return [key, fields ? translated(fields as Tree) : ''];
        }),
      );
    t.deepEqual(translated(readYaml(`translations/${language}.yaml`).configuration as Tree), names(schema));
  });
}

test('one version everywhere', (t) => {
  t.is(manifest.version, version);
  t.true(readFileSync(join(app, 'Dockerfile'), 'utf8').includes(`io.hass.version="${version}"`));
  t.true(readFileSync(join(app, 'CHANGELOG.md'), 'utf8').includes(`## ${version}\n`));
});

test('the files that the app store looks for', (t) => {
  t.is(typeof (parse(readFileSync(join(root, 'repository.yaml'), 'utf8')) as Tree).name, 'string');
  for (const file of ['README.md', 'DOCS.md', 'run.sh']) t.true(statSync(join(app, file)).size > 100, file);
  t.is(statSync(join(app, 'run.sh')).mode & 0o111, 0o111);
  const icon = readFileSync(join(app, 'icon.png'));
  t.deepEqual([icon.readUInt32BE(16), icon.readUInt32BE(20)], [128, 128]);
});

test('run.sh hands over the broker that Home Assistant knows', async (t) => {
  const room = mkdtempSync(join(tmpdir(), 'evse-app-'));
  t.teardown(() => rmSync(room, { recursive: true }));
  const print = 'console.log(JSON.stringify([process.argv.slice(1), process.env]))';
  writeFileSync(join(room, 'node'), `#!/bin/sh\nexec '${process.execPath}' -e '${print}' -- "$@"\n`, {
    mode: 0o755,
  });
  const bashio = `
    bashio::services() { case $2 in host) echo core-mosquitto;; port) echo 1883;; ssl) echo $SSL;;
      username) echo addons;; password) echo 'p $1"x';; esac; }
    bashio::var.true() { [ "$1" = true ]; }
    . "$RUN"`;
  const run = (ssl: string): [string[], NodeJS.ProcessEnv] => {
    const env = { PATH: `${room}:${process.env.PATH}`, RUN: join(app, 'run.sh'), SSL: ssl };
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', bashio], { env, encoding: 'utf8' });
    t.is(stderr, '');
    return JSON.parse(stdout);
  };
  const [args, env] = run('false');
  t.deepEqual(args.slice(-2), ['--config', '/data/options.json']);
  const { values } = await readOptions(manifest.options, env);
  t.like(values, {
    'mqtt.url': ['mqtt://core-mosquitto:1883'],
    'mqtt.username': 'addons',
    'mqtt.password': 'p $1"x',
    'http.port': 8092,
    'http.host': '0.0.0.0',
    'http.trustedProxies': ['172.30.32.2'],
  });
  t.is(values['http.password']?.length, 32);
  t.not(run('false')[1].HTTP_PASSWORD, env.HTTP_PASSWORD, 'another one each time');
  t.is(run('true')[1].MQTT_URL, 'mqtts://core-mosquitto:1883');
  t.regex(String(manifest.watchdog), /\[PORT:8092\]\/livez$/);
});
