// The brokers that are tried: how each is fetched, and how it is started on a loopback port with a folder of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, started } from './processes.js';

/** Longest time for fetching one broker, ms. */
const FETCH_MS = 300_000;

const fetched = (command, args, env = {}) =>
  spawnSync(command, args, { env: { ...process.env, ...env }, timeout: FETCH_MS, stdio: 'ignore' }).status ===
  0;

/** A program of a Go module, built into `tools`. */
function goProgram(tools, name, module) {
  const file = join(tools, name);
  if (!existsSync(file) && installed('go')) fetched('go', ['install', module], { GOBIN: tools });
  return existsSync(file) ? file : undefined;
}

/**
 * Each has `program(tools)`, which resolves what to start or is undefined where it can't be had, `missing`, which says
 * what to do then, and `start(program, { port, folder })`.
 */
export const kinds = [
  {
    name: 'Mosquitto',
    missing: 'apt-get install -y mosquitto',
    program: () => installed('mosquitto'),
    version: (program) =>
      spawnSync(program, ['-h'], { encoding: 'utf8' }).stdout?.match(/version (\S+)/)?.[1],
    start(program, { port, folder }) {
      const config = join(folder, 'mosquitto.conf');
      writeFileSync(
        config,
        `user root\nlistener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${folder}/\nautosave_on_changes true\nautosave_interval 1\n`,
      );
      return started(program, ['-c', config]);
    },
  },
  {
    name: 'NATS, JetStream',
    missing: 'install Go, or apt-get install -y nats-server',
    program: (tools) =>
      goProgram(tools, 'nats-server', 'github.com/nats-io/nats-server/v2@latest') ?? installed('nats-server'),
    version: (program) =>
      spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.match(/v(\d\S*)/)?.[1],
    start(program, { port, folder, second }) {
      const config = join(folder, 'nats.conf');
      writeFileSync(
        config,
        `listen: 127.0.0.1:${second}\nserver_name: one\njetstream { store_dir: "${folder}/store" }\nmqtt { listen: 127.0.0.1:${port} }\n`,
      );
      return started(program, ['-c', config]);
    },
  },
  {
    name: 'mochi-mqtt',
    missing: 'install Go',
    program: (tools) => goProgram(tools, 'cmd', 'github.com/mochi-mqtt/server/v2/cmd@latest'),
    version: () => '2',
    start: (program, { port, second, third }) =>
      started(program, [
        '-tcp',
        `127.0.0.1:${port}`,
        '-ws',
        `127.0.0.1:${second}`,
        '-info',
        `127.0.0.1:${third}`,
      ]),
  },
  {
    name: 'amqtt',
    missing: 'install Python 3 with venv',
    program(tools) {
      const folder = join(tools, 'amqtt');
      const file = join(folder, 'bin/amqtt');
      if (!existsSync(file) && installed('python3')) {
        fetched('python3', ['-m', 'venv', folder]);
        fetched(join(folder, 'bin/pip'), ['install', '-q', 'amqtt']);
      }
      return existsSync(file) ? file : undefined;
    },
    version: (program) =>
      spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.match(/(\d+\.\S+)/)?.[1],
    start(program, { port, folder }) {
      const config = join(folder, 'amqtt.yaml');
      writeFileSync(
        config,
        `listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:${port}\nplugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n`,
      );
      return started(program, ['-c', config]);
    },
  },
];

/** What this script does not try, and why. */
export const leftOut = [
  ['RabbitMQ', 'its start script leaves the broker running when it is killed'],
  [
    'HiveMQ CE, Artemis, Moquette',
    'need a JVM and a start script of their own; `docs/brokers.md` says what was seen in November 2026',
  ],
  ['rumqttd', 'takes over a quarter of an hour to build'],
  ['EMQX, VerneMQ, NanoMQ', 'are in no package list of Debian, Go, Maven, PyPI'],
];
