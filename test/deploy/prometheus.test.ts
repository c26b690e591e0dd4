import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { freePort } from '../_ports.js';
import { Program } from '../_program.js';
import { root } from './_compose.js';

const folder = join(root, 'examples/prometheus');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

test('rules and dashboard name only metrics that the bridge has', async (t) => {
  const port = await freePort();
  const args = ['--http-port', String(port), '--mqtt-embedded-port', String(await freePort())];
  const program = new Program(t, args);
  await program.says(/connected to the broker/);
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const known = new Set([...text.matchAll(/^# TYPE (evse_\w+)/gm)].map((match) => match[1] ?? ''));
  t.true(known.size > 8);
  for (const file of ['evse.rules.yml', 'evse.rules.test.yml', 'grafana-dashboard.json']) {
    // A name with a colon is one that the rules make.
    const named = [...read(file).matchAll(/(?<![\w:./])evse_[a-z0-9_]+(?!\w*[.:])/g)].map(([name]) => name);
    t.true(named.length > 5, file);
    for (const name of named) if (name !== 'evse_password') t.true(known.has(name), `${file}: ${name}`);
  }
});

test('every panel of the dashboard asks for something, at a place of its own', (t) => {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number }; targets: { expr: string }[] }[];
  };
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  t.is(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length);
  for (const { gridPos, targets } of panels) {
    t.true(gridPos.x + gridPos.w <= 24);
    t.true(targets.length > 0 && targets.every(({ expr }) => expr.includes('$charger')));
  }
});

test('promtool finds nothing wrong, and every alert is raised when it should', (t) => {
  const commands = [
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'evse.rules.yml'],
    ['test', 'rules', 'evse.rules.test.yml'],
  ];
  for (const args of commands) {
    const { error, status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
    if (error) {
      const text = 'promtool is not there: the rules were not tried (it is in the Debian package prometheus)';
      t.log(text);
      t.not(process.env.CI, 'true', text);
      t.pass();
      return;
    }
    t.is(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  }
});
