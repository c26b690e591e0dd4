import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readConfig } from '../../src/config/index.js';
import { rows } from '../../src/config/settings.js';
import { root } from './_compose.js';

const file = join(root, 'examples/systemd/evse-mqtt-bridge.service');
const unit = readFileSync(file, 'utf8');
const all = (name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

test('every variable is a setting or one of Node.js', (t) => {
  const known = new Set(['NODE_ENV', 'CONFIG_FILE']);
  for (const [, { env, secret }] of rows) known.add(env).add(secret ? `${env}_FILE` : env);
  const names = all('Environment')
    .flatMap((line) => line.split(' '))
    .map((pair) => pair.split('=')[0] ?? '');
  t.true(names.length >= 4);
  for (const name of names) t.true(known.has(name), name);
  for (const name of names.filter((one) => /PASSWORD/.test(one))) t.regex(name, /_FILE$/);
});

test('credentials are loaded for the files that are read', (t) => {
  const loaded = all('LoadCredential').map((line) => line.split(':')[0]);
  const read = [...unit.matchAll(/=%d\/(\w+)/g)].map(([, name]) => name);
  t.deepEqual(loaded, read);
});

test('it starts what is shipped, and does not start it again with a bad configuration', (t) => {
  t.regex(
    all('ExecStart')[0] ?? '',
    /^\/usr\/bin\/node --enable-source-maps \/opt\/evse-mqtt-bridge\/dist\/main\.js$/,
  );
  t.deepEqual([all('Restart'), all('RestartPreventExitStatus')], [['on-failure'], ['78']]);
});

test('several processes: each instance of the unit has its share, and systemd takes it', async (t) => {
  const dropIn = readFileSync(join(root, 'examples/systemd/shards.conf'), 'utf8');
  const known = new Set(rows.map(([, { env }]) => env));
  const lines = [...dropIn.matchAll(/^Environment=(\w+)=(.*)$/gm)];
  t.true(lines.length > 2);
  for (const [, name = ''] of lines) t.true(known.has(name), name);
  const folder = mkdtempSync(join(tmpdir(), 'evse-shards-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(folder, `${name}.yaml`), `prefix: ${name}\n`);
  const shares = await Promise.all(
    [0, 1, 2].map((instance) => {
      const env = Object.fromEntries(
        lines.map(([, name, value = '']) => [name, value.replace('%i', `${instance}`)]),
      );
      return readConfig([], { ...env, CHARGERS_DIR: folder });
    }),
  );
  t.deepEqual(shares.flatMap(({ chargers }) => chargers.map(({ prefix }) => prefix)).sort(), [
    'a',
    'b',
    'c',
    'd',
  ]);
  t.deepEqual(
    shares.map(({ values }) => values['http.port']),
    [8090, 8091, 8092],
  );
  const { error } = spawnSync('systemd-analyze', ['--version']);
  if (error) return missing(t);
  mkdirSync(join(folder, 'evse-mqtt-bridge@.service.d'));
  writeFileSync(join(folder, 'evse-mqtt-bridge@.service.d/shards.conf'), dropIn);
  const copy = join(folder, 'evse-mqtt-bridge@0.service');
  writeFileSync(join(folder, 'evse-mqtt-bridge@.service'), unit.replace('/usr/bin/node', process.execPath));
  const verify = spawnSync('systemd-analyze', ['verify', copy], {
    encoding: 'utf8',
    env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` },
  });
  t.is(verify.status, 0, verify.stderr);
  t.deepEqual(
    verify.stderr.split('\n').filter((line) => line.includes('evse-mqtt-bridge')),
    [],
  );
});

test('systemd finds nothing wrong with it, and little that it may do', (t) => {
  const { error } = spawnSync('systemd-analyze', ['--version']);
  if (error) return missing(t);
  const room = mkdtempSync(join(tmpdir(), 'evse-systemd-'));
  t.teardown(() => rmSync(room, { recursive: true }));
  const copy = join(room, 'evse-mqtt-bridge.service');
  writeFileSync(copy, unit.replace('/usr/bin/node', process.execPath));
  const verify = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
  t.is(verify.status, 0, verify.stderr);
  const about = verify.stderr.split('\n').filter((line) => line.includes('evse-mqtt-bridge'));
  t.deepEqual(about, []);
  const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=15', copy], {
    encoding: 'utf8',
  });
  t.is(security.status, 0, security.stdout);
});

function missing(t: ExecutionContext): void {
  const text =
    'systemd-analyze is not installed: the unit was not checked with it (apt-get install -y systemd)';
  t.log(text);
  t.not(process.env.CI, 'true', text);
}
