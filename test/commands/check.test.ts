import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/base/clock.js';
import { checkAll } from '../../src/commands/check.js';
import { checkHttp } from '../../src/commands/check-http.js';
import type { Step } from '../../src/commands/check-steps.js';
import { readConfig } from '../../src/config/index.js';
import { serverAddress } from '../../src/outlets/http/server-address.js';
import { freePort } from '../_ports.js';
import { main, Program } from '../_program.js';

const access = {
  'http.username': undefined,
  'http.password': undefined,
  'http.trustedProxies': [],
  'http.allowedHosts': [],
};

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  t.teardown(() => server.close());
  return port;
}

async function tried(port: number, asked = true, note?: string): Promise<string[]> {
  const lines: string[] = [];
  const tell = (result: Step['result'], text: string) =>
    lines.push(`${result} ${text.replaceAll(String(port), 'P')}`);
  await checkHttp({ host: '127.0.0.1', port, asked, note }, systemClock, tell);
  return lines;
}

test('the port of the page', async (t) => {
  t.deepEqual(await tried(await freePort()), [
    'ok the page and health checks can be served at http://127.0.0.1:P',
  ]);
  t.is((await tried(await freePort(), true, 'a note'))[0], 'note a note');
  const ours = createServer((_, response) => response.end('{"status":"ok","program":"evse-mqtt-bridge"}'));
  t.deepEqual(await tried(await listening(t, ours)), ['ok the page is served at http://127.0.0.1:P already']);
  const others = createServer((_, response) => response.end('<html>'));
  const busy =
    "can't listen on 127.0.0.1:P for the page and health checks (the port is in use): change HTTP_HOST and HTTP_PORT";
  const port = await listening(t, others);
  t.deepEqual(await tried(port), [`FAIL ${busy}`]);
  t.deepEqual(await tried(port, false), [`note there will be no page: ${busy}, or set HTTP_PORT=0`]);
  const rude = createTcpServer((socket) => socket.destroy());
  t.deepEqual(await tried(await listening(t, rude)), [`FAIL ${busy}`]);
});

test('where the page is to be served', (t) => {
  const of = (host: string, port?: number, more = {}) =>
    serverAddress({ ...access, 'http.host': host, 'http.port': port, ...more });
  t.deepEqual(of('127.0.0.1'), { host: '127.0.0.1', port: 8092, asked: false, note: undefined });
  t.is(of('127.0.0.1', 0), undefined);
  t.like(of('::1', 80), { host: '::1', port: 80, asked: true, note: undefined });
  t.like(of('0.0.0.0'), { host: '127.0.0.1' });
  t.regex(of('0.0.0.0')?.note ?? '', /HTTP_HOST=0\.0\.0\.0 is not obeyed/);
  t.like(of('0.0.0.0', 80, { 'http.username': 'u', 'http.password': 'p' }), {
    host: '0.0.0.0',
    note: undefined,
  });
});

async function all(env: Readonly<Record<string, string>>, signal = new AbortController().signal) {
  const config = await readConfig([], { HTTP_PORT: '0', ...env });
  const lines: string[] = [];
  const well = await checkAll(config, systemClock, signal, ({ result, text }) =>
    lines.push(`${result} ${text}`),
  );
  return { well, lines };
}

test('with the embedded broker and the model all is well', async (t) => {
  const { well, lines } = await all({ MQTT_EMBEDDED_PORT: String(await freePort()) });
  t.true(well, lines.join('\n'));
  t.is(lines.filter((line) => line.startsWith('ok')).length, 3, lines.join('\n'));
});

test('beside the running program its own broker is no fault', async (t) => {
  const port = String(await freePort());
  const program = new Program(t, ['--mqtt-embedded-port', port]);
  await program.says(/connected to the broker/);
  const { well, lines } = await all({ MQTT_EMBEDDED_PORT: port });
  t.true(well, lines.join('\n'));
  t.true(lines.some((line) => /^note warp: a bridge is running for it \(version \d/.test(line)));
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
});

test('somebody else on the port of the embedded broker is a fault', async (t) => {
  const port = await listening(
    t,
    createServer((_, response) => response.end()),
  );
  const { well, lines } = await all({ MQTT_EMBEDDED_PORT: String(port) });
  t.false(well);
  t.regex(lines.join('\n'), /^note MQTT_URL is not set, so the embedded broker is tested/);
  t.regex(lines.join('\n'), /\nFAIL broker .*does not speak MQTT/);
  t.regex(lines.join('\n'), /\nFAIL can't listen on .*use it with MQTT_URL=mqtt:/);
});

test('files for TLS without TLS are noted', async (t) => {
  const { lines } = await all({ MQTT_URL: `mqtt://127.0.0.1:${await freePort()}`, MQTT_CA_FILE: main });
  t.is(lines[0], 'note mqtt:// is not encrypted: MQTT_CA_FILE and the like have no effect');
});

test('several chargers are told in their order, after one look at the broker', async (t) => {
  const port = String(await freePort());
  const config = await readConfig([], { HTTP_PORT: '0', MQTT_EMBEDDED_PORT: port });
  const [one] = config.chargers;
  if (!one) return t.fail();
  const chargers = Array.from({ length: 25 }, (_, at) => ({ ...one, prefix: `c${at}` }));
  const lines: string[] = [];
  const signal = new AbortController().signal;
  t.true(await checkAll({ ...config, chargers }, systemClock, signal, ({ text }) => lines.push(text)));
  t.deepEqual(
    lines.filter((line) => line.includes('built-in model')).map((line) => line.split(':')[0]),
    chargers.map(({ prefix }) => prefix),
  );
  t.is(lines.filter((line) => line.includes(': connected')).length, 1);
});

test('stopped, it does not say that all is well', async (t) => {
  const { well } = await all({ MQTT_EMBEDDED_PORT: String(await freePort()) }, AbortSignal.abort());
  t.false(well);
});

test('the exit code, and a line per step', async (t) => {
  const env = { PATH: process.env.PATH ?? '', HTTP_PORT: '0', MQTT_EMBEDDED_PORT: String(await freePort()) };
  const check = (more = {}) =>
    spawnSync(process.execPath, [main, 'check'], { env: { ...env, ...more }, encoding: 'utf8' });
  const well = check();
  t.is(well.status, 0, well.stdout);
  for (const line of well.stdout.trim().split('\n')) t.regex(line, /^(ok {2}|note) \S/);
  const ill = check({ MQTT_URL: `mqtt://127.0.0.1:${await freePort()}` });
  t.is(ill.status, 1);
  t.regex(ill.stdout, /^FAIL broker mqtt:\/\/127\.0\.0\.1:\d+: nothing listens there/);
  t.is(check({ MQTT_CA_FILE: '/nowhere' }).status, 78);
});
