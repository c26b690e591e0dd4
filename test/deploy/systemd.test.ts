import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { rows } from '../../src/config/settings.js';
import { root } from './_compose.js';

const file = join(root, 'examples/systemd/evse-mqtt-bridge.service');
const unit = readFileSync(file, 'utf8');
const all = (name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

test('every variable is a setting or one of Node.js', (t) => {
  const known = new Set(['NODE_ENV', 'NODE_OPTIONS', 'CONFIG_FILE']);
  for (const [, { env, secret }] of rows) known.add(env).add(secret ? `${env}_FILE` : env);
  const names = all('Environment')
    .flatMap((line) => line.split(' '))
    .map((pair) => pair.split('=')[0] ?? '');
  t.true(names.length > 4);
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
