import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePort } from './_ports.js';
import { Program } from './_program.js';
import { Onlooker } from './mqtt/_brokers.js';

// Chargers that come and go while the program runs (contract 2, CHARGERS_DIR).

async function running(t: ExecutionContext, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'evse-fleet-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  const port = await freePort();
  const args = ['--mqtt-embedded-port', String(port), '--log-format', 'json'];
  const program = new Program(t, args, { CHARGERS_DIR: folder });
  await program.says(/embedded broker/);
  const onlooker = await Onlooker.at(t, port);
  /** The log lines about the settings, in their order. */
  const told = () =>
    program.out
      .split('\n')
      .filter((line) => line.includes('settings were read again'))
      .map((line) => JSON.parse(line).message as string);
  return { folder, write, program, onlooker, told };
}

test('a charger comes, changes and goes; the others do not notice', async (t) => {
  const { folder, write, program, onlooker, told } = await running(t, { 'a.yaml': 'prefix: a\n' });
  await onlooker.sees('a/bridge/state', 'online');

  write('b.yaml', 'prefix: b\n');
  await onlooker.sees('b/bridge/state', 'online');
  await program.says(/started: b/);

  write('b.yaml', 'prefix: b\nname: Garage\n');
  await program.says(/started again with other settings: b/);
  await onlooker.sees('b/bridge/state', 'online');

  rmSync(join(folder, 'b.yaml'));
  await program.says(/stopped: b/);
  await onlooker.sees('b/bridge/state', 'offline');

  t.deepEqual(
    onlooker.seen.filter(({ topic }) => topic === 'a/bridge/state').map(({ payload }) => payload),
    ['online'],
    'a has never gone away',
  );
  t.true(
    told().every((line) => !/: a\b/.test(line)),
    told().join('\n'),
  );
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
  await onlooker.sees('a/bridge/state', 'offline');
});

test('faulty settings change nothing and are told; mended ones are taken', async (t) => {
  const { write, program, onlooker, told } = await running(t, { 'a.yaml': 'prefix: a\n' });
  await onlooker.sees('a/bridge/state', 'online');
  write('b.yaml', 'prefix: a\n');
  await program.says(
    /faulty, so nothing changes: .*b\.yaml\.prefix: .*already the prefix of another charger/,
  );
  write('b.yaml', 'prefix: b\n');
  await onlooker.sees('b/bridge/state', 'online');
  t.is(onlooker.newest.get('a/bridge/state'), 'online');
  t.is(told().length, 2);
});

test('a charger that cannot be made ends no other, and is tried again', async (t) => {
  const { folder, write, program, onlooker } = await running(t, { 'a.yaml': 'prefix: a\n' });
  await onlooker.sees('a/bridge/state', 'online');
  // Neither JSON nor to be moved aside, although the folder and the file pass the check of the settings.
  const state = join(folder, 'b.state');
  writeFileSync(state, 'no JSON');
  mkdirSync(`${state}.unreadable`);
  write('b.yaml', `prefix: b\nmodel: {stateFile: "${state}"}\n`);
  await program.says(/a charger was not started: b: MODEL_STATE_FILE .*can't be moved aside/);
  write('c.yaml', 'prefix: c\n');
  await onlooker.sees('c/bridge/state', 'online');
  t.is(onlooker.newest.get('a/bridge/state'), 'online');
  writeFileSync(state, '{}');
  program.child.kill('SIGHUP');
  await onlooker.sees('b/bridge/state', 'online');
  t.is(program.child.exitCode, null);
});

test('a folder that is replaced is watched on', async (t) => {
  const { folder, write, program, onlooker } = await running(t, { 'a.yaml': 'prefix: a\n' });
  await onlooker.sees('a/bridge/state', 'online');
  renameSync(folder, `${folder}.old`);
  t.teardown(() => rmSync(`${folder}.old`, { recursive: true, force: true }));
  mkdirSync(folder);
  write('a.yaml', 'prefix: a\n');
  await program.says(/the settings were read again: no charger has changed/);
  write('b.yaml', 'prefix: b\n');
  await onlooker.sees('b/bridge/state', 'online');
  t.is(onlooker.newest.get('a/bridge/state'), 'online');
});

test('an empty folder: the program waits for the first charger', async (t) => {
  const { write, program, onlooker } = await running(t, {});
  await program.says(/no charger/);
  write('first.yaml', 'prefix: first\n');
  await onlooker.sees('first/bridge/state', 'online');
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
});

test('a secret that comes later is not shown either', async (t) => {
  const { write, program } = await running(t, { 'a.yaml': 'prefix: a\n' });
  write('b.yaml', 'prefix: b\ncharger: {url: "http://127.0.0.1:9", username: me, password: hush-hush}\n');
  await program.says(/started: b/);
  await program.says(/charger offline/);
  t.false(program.out.includes('hush-hush'));
});

test('SIGHUP reads the settings file again; what holds for all takes effect at the next start', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evse-fleet-'));
  const file = join(folder, 'config.yaml');
  const port = await freePort();
  const text = (rest: string) => `mqtt: {embedded: {port: ${port}}}\n${rest}`;
  writeFileSync(file, text('chargers: [{prefix: a}]\n'));
  const program = new Program(t, ['--config', file]);
  await program.says(/\[?a\]?.*connected to the broker/);
  const onlooker = await Onlooker.at(t, port);
  await onlooker.sees('a/bridge/state', 'online');
  writeFileSync(file, text('policy: {readOnly: true}\nchargers: [{prefix: a}, {prefix: b}]\n'));
  program.child.kill('SIGHUP');
  await onlooker.sees('b/bridge/state', 'online');
  await program.says(/policy\.readOnly: the change takes effect at the next start/);
  t.is(onlooker.newest.get('a/bridge/state'), 'online');
});
