// The brokers that are tried: how each is fetched, and how it is started on a loopback port with a folder of its own.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crateProgram, goProgram, pythonProgram } from './fetching.js';
import { javaKinds } from './java-kinds.js';
import { installed, started } from './processes.js';
import { rabbitmq } from './rabbitmq.js';

/**
 * Each has `program(tools)`, which resolves what to start or is undefined where it can't be had, `missing`, which says
 * what to do then, and `start(program, { port, folder })`. `lacks` are the columns in which it is known to do less,
 * `clientVersion` is the version of MQTT for who looks on where 3.1.1 would not do.
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
    name: 'NATS',
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
    program: (tools) => pythonProgram(tools, 'amqtt'),
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
  rabbitmq,
  ...javaKinds,
  {
    name: 'rumqttd',
    clientVersion: 5,
    missing: 'install Rust and Cargo',
    program: (tools) => crateProgram(tools, 'rumqttd', ['--no-default-features']),
    version: (program) =>
      spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.match(/(\d+\.\S+)/)?.[1],
    start(program, { port, folder }) {
      const config = join(folder, 'rumqttd.toml');
      writeFileSync(config, rumqttdConfig(port));
      return started(program, ['-c', config]);
    },
  },
];

/** The limits of its own example; a listener speaks one version of MQTT. */
const rumqttdConfig = (port) => `id = 0
[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "v5"
listen = "127.0.0.1:${port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 20480
max_inflight_count = 100
dynamic_filters = true
`;

/** What this script does not try, and why. */
export const leftOut = [
  ['EMQX, VerneMQ, NanoMQ', 'are in no package list of Debian, Go, Maven, PyPI, Cargo'],
];
