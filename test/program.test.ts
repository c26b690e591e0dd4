import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { bridgeTopicTexts } from '../src/topics/bridge-topic-texts.js';
import { allTopics } from '../src/topics/index.js';
import { freePort } from './_ports.js';
import { Program, root } from './_program.js';
import { until } from './_until.js';
import { brokerFor, brokers, Onlooker } from './mqtt/_brokers.js';

test('--version and --help', async (t) => {
  const version = new Program(t, ['--version']);
  t.is(await version.ended, 0);
  t.is(version.out.trim(), JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  const help = new Program(t, ['--help']);
  t.is(await help.ended, 0);
  t.regex(help.out, /--mqtt-url/);
});

test('a bad configuration: every fault, exit 78, no secret', async (t) => {
  const env = { MQTT_PORT: 'x', CHARGER_PASSWORD: 'hush', MQTT_PASWORD: 'hush' };
  const program = new Program(t, ['--mqtt-qos', '7'], env);
  t.is(await program.ended, 78);
  for (const name of ['--mqtt-qos', 'MQTT_PORT', 'CHARGER_USERNAME', 'MQTT_PASSWORD'])
    t.true(program.err.includes(name), name);
  t.false(`${program.out}${program.err}`.includes('hush'));
});

test('a busy port: one line that says what to set, exit 1', async (t) => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const program = new Program(t, ['--mqtt-embedded-port', String(port)]);
  t.is(await program.ended, 1);
  t.regex(program.out, new RegExp(`127\\.0\\.0\\.1:${port} .*in use.*MQTT_URL=.*MQTT_EMBEDDED_PORT`));
  t.false(program.out.includes('stack'), 'it is no bug');
  server.close();
});

test('a busy port for health checks: one line before anything is started, no bug', async (t) => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const args = ['--http-port', String(port), '--mqtt-embedded-port', String(await freePort())];
  const program = new Program(t, [...args, '--log-format', 'json']);
  t.is(await program.ended, 1);
  const lines = program.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.regex(lines.at(-1).message, new RegExp(`^can't listen on 127\\.0\\.0\\.1:${port} .*in use.*HTTP_PORT$`));
  t.false(program.out.includes('charger online'));
  server.close();
});

test('a YAML file is read by the program as it ships', async (t) => {
  const program = new Program(t, [
    'topics',
    '--format',
    'mosquitto-acl',
    '--config',
    join(root, 'config/garage.yaml'),
  ]);
  t.is(await program.ended, 0, program.err);
  t.regex(program.out, /topic readwrite garage\/left\/#/);
});

test('what a command prints for a file has no line of the log in it', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'evse-printed-'));
  writeFileSync(join(path, 'charges-2026.jsonl'), 'no charge\n');
  const program = new Program(t, ['sessions', '--sessions-file', join(path, 'charges.jsonl')]);
  t.is(await program.ended, 1);
  t.regex(program.out, /^charger,start,[^\n]*\n$/);
  t.regex(program.err, /line 1: this line is not a finished charge/);
});

test('topics prints the reference, the schemas and access rules', async (t) => {
  const json = new Program(t, ['topics', '--format', 'json']);
  t.is(await json.ended, 0);
  t.true('evse/external_current' in JSON.parse(json.out).topics);
  const acl = new Program(t, ['topics', '--format', 'mosquitto-acl', '--mqtt-topic-prefix', 'garage']);
  await acl.ended;
  t.regex(acl.out, /topic write garage\/evse\/external_current_update/);
  const wrong = new Program(t, ['topics', '--format', 'xml']);
  t.is(await wrong.ended, 78);
});

test('alone: embedded broker, model, all topics, a write, a clean end with 0', async (t) => {
  const port = await freePort();
  const program = new Program(t, [
    '--mqtt-embedded-port',
    String(port),
    '--model-time-scale',
    '50',
    '--log-format',
    'json',
  ]);
  await program.says(/connected to the broker/);
  const home = await Onlooker.at(t, port);
  await home.sees('warp/bridge/state', 'online');
  home.client.publish('warp/simulator/vehicle_update', '{"connected":true,"requesting":true}');
  await home.sees('warp/evse/state', /"charger_state":3/);
  home.client.publish('warp/evse/external_current_update', '0');
  await home.sees('warp/evse/state', /"charger_state":1,.*"allowed_charging_current":0/);
  t.regex(home.newest.get('warp/bridge/info') ?? '', /\(simulated\)/);
  const ours = [...bridgeTopicTexts, ...allTopics().rows].map(({ path }) => `warp/${path}`);
  const untold = [...home.newest.keys()].filter((topic) => /\/bridge\//.test(topic) && !ours.includes(topic));
  t.deepEqual(untold, [], 'docs/codes.md has every topic of the bridge');
  for (const { path, retained } of bridgeTopicTexts) {
    const seen = home.seen.filter(({ topic }) => topic === `warp/${path}`);
    t.true(seen.length > 0, path);
    if (!retained)
      t.false(
        seen.some(({ retain }) => retain),
        path,
      );
  }
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
  t.is(program.out.split('\n').filter((line) => line.includes('evse/external_current set to')).length, 1);
  t.false(program.out.includes('somebody else published on'), 'it knows its own farewell');
});

test("the model's settings survive a restart with MODEL_STATE_FILE", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'evse-flash-')), 'flash.json');
  const port = await freePort();
  const args = ['--mqtt-embedded-port', String(port), '--model-state-file', file];
  for (const life of [1, 2]) {
    const program = new Program(t, args);
    await program.says(/connected to the broker/);
    const home = await Onlooker.at(t, port);
    await home.sees('warp/bridge/state', 'online');
    if (life === 1) home.client.publish('warp/evse/global_current_update', '13000');
    await home.sees('warp/evse/global_current', '{"current":13000}');
    program.child.kill('SIGINT');
    t.is(await program.ended, 0);
  }
});

for (const kind of brokers.filter(({ name }) => name === 'mosquitto')) {
  test(`${kind.name}: killed without warning, the last will says offline`, async (t) => {
    const broker = await brokerFor(t, kind);
    const program = new Program(t, [], { MQTT_URL: `mqtt://127.0.0.1:${broker.port}` });
    const home = await Onlooker.at(t, broker.port);
    await home.sees('warp/bridge/state', 'online');
    program.child.kill('SIGKILL');
    await home.sees('warp/bridge/state', 'offline');
    t.pass();
    await broker.stop();
  });
}

test('health: ready only while the broker is there; the probe of the container asks whether the program lives', async (t) => {
  const [port, http] = [await freePort(), await freePort()];
  const embedded = brokers[0];
  if (!embedded) return t.fail();
  let broker = await brokerFor(t, embedded, { port });
  const env = { MQTT_URL: `mqtt://127.0.0.1:${port}`, HTTP_PORT: String(http) };
  const program = new Program(t, [], env);
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${http}${path}`).catch(() => undefined);
    return answer?.status;
  };
  await until(async () => (await ask('/readyz')) === 200, 'readiness');
  t.is(await ask('/livez'), 200);
  for (const odd of ['/nonsense', '//', '//[', '/%00', '/livez/../x']) t.is(await raw(http, odd), 404, odd);
  const metrics = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  t.regex(metrics, /evse_charger_up\{charger="warp"\} 1/);
  t.regex(metrics, /evse_allowed_charging_current_milliamperes\{charger="warp"\} 32000/);
  t.is(await probe(env), 0);
  await broker.stop();
  await until(async () => (await ask('/readyz')) === 503, 'unreadiness');
  t.is(await ask('/livez'), 200);
  t.is(await probe(env), 0, 'no reason to restart the container');
  broker = await brokerFor(t, embedded, { port });
  await until(async () => (await ask('/readyz')) === 200, 'readiness again');
  program.child.kill('SIGTERM');
  t.is(await program.ended, 0);
  t.is(await probe(env), 1);
  t.is(await probe({ HTTP_PORT: '0' }), 0, 'nothing to ask');
  await broker.stop();
});

test('the probe reads its variables as the program does', async (t) => {
  const http = createHttp((_, response) => response.end('{}'));
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  t.teardown(() => http.close());
  const { port } = http.address() as { port: number };
  const HTTP_PORT = String(port);
  for (const HTTP_HOST of ['', '0.0.0.0', '[::1]', ' 127.0.0.1'])
    t.is(await probe({ HTTP_PORT, HTTP_HOST }), 0, HTTP_HOST);
  // Port 80 is where an empty one would lead.
  for (const unset of ['', 'tcp://10.0.0.1:80'])
    t.notRegex((await asked({ HTTP_PORT: unset })).err, /:80$|Error/m, unset);
});

const probe = async (env: Readonly<Record<string, string>>) => (await asked(env)).code;

async function asked(env: Readonly<Record<string, string>>): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, [join(root, 'dist/probe.js')], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (text) => {
    err += text;
  });
  return new Promise((done) => child.once('close', (code) => done({ code, err })));
}

/** The status of a GET for exactly this path. */
function raw(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const question = get({ host: '127.0.0.1', port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    question.on('error', reject);
  });
}
