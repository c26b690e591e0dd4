import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { freePort } from './_ports.js';
import { main, Program, root } from './_program.js';
import { until } from './_until.js';

// What the program is as a process: how it starts, what signals do, and what a reader of its log can't do.

test('a Node.js that is too old is one sentence; package.json asks for the same', async (t) => {
  const preload = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.9' } })`;
  const program = new Program(t, [], {}, preload);
  t.is(await program.ended, 1);
  t.regex(program.err, /^evse-mqtt-bridge needs Node\.js 20\.19 or newer, and this is 20\.18\.9: see .*\n$/);
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  t.is(engines.node, '>=20.19');
});

/** Sends a signal the moment somebody listens to it, which is when a program can first hear it. */
const AT_ONCE = (signal: string) => `
  const { on } = process;
  process.on = function (event, listener) {
    const result = on.call(this, event, listener);
    if (event === '${signal}') process.kill(process.pid, '${signal}');
    return result;
  };`;

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} is heard before anything is loaded, and ends with 0`, async (t) => {
    const port = String(await freePort());
    const program = new Program(t, ['--mqtt-embedded-port', port], {}, AT_ONCE(signal));
    t.is(await program.ended, 0, program.out);
    t.false(program.out.includes('online'), 'nothing was started');
  });
}

test('SIGHUP does not end it', async (t) => {
  const program = new Program(t, ['--mqtt-embedded-port', String(await freePort())]);
  await program.says(/connected to the broker/);
  program.child.kill('SIGHUP');
  await program.says(/the settings were read again: no charger has changed/);
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
});

test('SIGUSR1 opens no debugger', async (t) => {
  const program = new Program(t, ['--mqtt-embedded-port', String(await freePort())]);
  await program.says(/connected to the broker/);
  program.child.kill('SIGUSR1');
  // A signal that was sent later is heard later.
  program.child.kill('SIGHUP');
  await program.says(/the settings were read again/);
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
  t.notRegex(program.err, /Debugger listening/);
});

/** The port of a broker that takes connections and never says anything. */
async function silentBroker(): Promise<{ port: number; close: () => void }> {
  const port = await freePort();
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return { port, close: () => server.close() };
}

test('a second signal ends it at once', async (t) => {
  const { port, close } = await silentBroker();
  const preload = `process.on('SIGUSR2', () => {
    process.emit('SIGTERM');
    process.emit('SIGTERM');
  })`;
  const program = new Program(t, ['--mqtt-url', `mqtt://127.0.0.1:${port}`], {}, preload);
  await program.says(/nothing real is switched/);
  program.child.kill('SIGUSR2');
  t.is(await program.ended, 1);
  close();
});

const alive = async (port: number): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined))?.status === 200;

test('a reader of the log that goes away does not end it', async (t) => {
  const [port, http] = [await freePort(), await freePort()];
  const args = ['--mqtt-embedded-port', String(port), '--log-level', 'debug'];
  const program = new Program(t, args, { HTTP_PORT: String(http) });
  await program.says(/connected to the broker/);
  program.child.stdout?.destroy();
  program.child.stderr?.destroy();
  for (let line = 0; line < 3; line++) {
    program.child.kill('SIGHUP');
    t.true(await alive(http));
  }
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
});

test('a reader of the log that is stuck neither blocks it nor keeps it from ending', async (t) => {
  const [port, http] = [await freePort(), await freePort()];
  const fifo = join(mkdtempSync(join(tmpdir(), 'evse-fifo-')), 'log');
  t.is(spawnSync('mkfifo', [fifo]).status, 0);
  // A pipe that is full from the start, and open at both ends.
  const script = `exec 3<>"$1"; dd if=/dev/zero bs=64k count=1 >&3 2>/dev/null; shift; exec "$@" >&3`;
  const args = ['-c', script, 'sh', fifo, process.execPath, main, '--mqtt-embedded-port', String(port)];
  const env = { PATH: process.env.PATH ?? '', HTTP_PORT: String(http) };
  const child = spawn('bash', args, { env, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal)));
  await until(() => alive(http), 'the program to live');
  child.kill('SIGTERM');
  t.is(await ended, 0);
});

test('a variable of a library does not print the password', async (t) => {
  const { port, close } = await silentBroker();
  const env = { DEBUG: '*', MQTT_USERNAME: 'bob', MQTT_PASSWORD: 'Hunter2Sec' };
  const program = new Program(t, ['--mqtt-url', `mqtt://127.0.0.1:${port}`], env);
  await program.says(/nothing real is switched/);
  program.child.kill('SIGTERM');
  await program.ended;
  t.false(`${program.out}${program.err}`.includes('Hunter2Sec'));
  close();
});

test('many chargers: no warning of Node.js', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'evse-many-')), 'config.json');
  const gone = await freePort();
  const chargers = Array.from({ length: 14 }, (_, at) => ({
    prefix: `c${at}`,
    charger: at % 2 === 0 ? { url: `http://127.0.0.1:${gone}` } : {},
  }));
  writeFileSync(file, JSON.stringify({ chargers, mqtt: { embedded: { port: await freePort() } } }));
  const program = new Program(t, ['--config', file]);
  await until(
    () => program.out.split('connected to the broker').length > chargers.length,
    () => program.out,
  );
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
  t.is(program.err, '');
});

test('what is printed may be cut off by its reader', (t) => {
  const { status, stderr } = spawnSync('bash', [
    '-c',
    `set -o pipefail; "$0" "$1" topics | head -1`,
    process.execPath,
    main,
  ]);
  t.is(status, 0);
  t.is(stderr.toString(), '');
});

test('a process that may open no more files says which limit to raise', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evse-files-'));
  const file = join(folder, 'config.yaml');
  const chargers = Array.from({ length: 40 }, (_, at) => `  - {prefix: c${at}}\n`).join('');
  const port = await freePort();
  writeFileSync(file, `http: {port: 0}\nmqtt: {embedded: {port: ${port}}}\nchargers:\n${chargers}`);
  const child = spawn('sh', ['-c', `ulimit -n 50; exec "${process.execPath}" "${main}" --config "${file}"`]);
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  const told = /may open no more files and connections: raise its limit \(LimitNOFILE=/;
  await until(
    () => told.test(out),
    () => out,
  );
  t.false(out.includes('this is a bug'));
});
