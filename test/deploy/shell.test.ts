import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { validate } from 'dockerfile-utils';
import { root } from './_compose.js';

const scripts = [
  '.ci/run',
  'examples/compose/setup.sh',
  'home-assistant-app/evse_mqtt_bridge/run.sh',
  'home-assistant-app/pack.sh',
  'scripts/container-check',
  'scripts/first-hour',
  'scripts/image',
  'scripts/image-check',
  'scripts/package',
  'scripts/package-check',
  'scripts/release',
];

for (const file of ['Dockerfile', 'home-assistant-app/evse_mqtt_bridge/Dockerfile']) {
  test(`${file} has no fault that a linter sees`, (t) => {
    const text = readFileSync(join(root, file), 'utf8');
    t.deepEqual(
      validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`),
      [],
    );
    t.true(validate(text.replace(/^FROM/m, 'FORM')).length > 0, 'the linter sees a fault');
  });
}

test('shell scripts can be started', (t) => {
  for (const file of scripts) t.is(statSync(join(root, file)).mode & 0o100, 0o100, file);
});

test('shellcheck finds nothing', (t) => {
  const { error, status, stdout } = spawnSync('shellcheck', scripts, { cwd: root, encoding: 'utf8' });
  if (error) {
    const text =
      'shellcheck is not installed: the shell scripts were not checked (apt-get install -y shellcheck)';
    t.log(text);
    t.not(process.env.CI, 'true', text);
    return;
  }
  t.is(status, 0, stdout);
});
