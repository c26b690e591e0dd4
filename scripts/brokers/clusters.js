// Brokers that stand in for each other: each starts its nodes on loopback ports, and says where a client finds them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { kinds } from './kinds.js';
import { freePorts, installed, reachable, started, until } from './processes.js';
import { nodeEnvironment, writeNode } from './rabbitmq.js';

/** Longest time until a node is there, ms. */
const START_MS = 60_000;

const NODES = ['one', 'two', 'three'];

async function areThere(ports, runs) {
  for (const [at, port] of ports.entries()) {
    if ((await until(() => reachable(port), START_MS)) === undefined)
      throw new Error(`node ${at + 1} does not start\n${runs[at]?.said.slice(-600)}`);
  }
}

function folderOf(folder, name) {
  const made = join(folder, name);
  mkdirSync(made, { recursive: true });
  return made;
}

async function mosquittos(folder) {
  const mosquitto = kinds.find(({ name }) => name === 'Mosquitto');
  const ports = await freePorts(2);
  const program = mosquitto.program();
  const nodes = ports.map((port, at) =>
    mosquitto.start(program, { port, folder: folderOf(folder, NODES[at]) }),
  );
  await areThere(ports, nodes);
  return { ports, nodes, others: [] };
}

/** Each has `missing` or undefined, and `start(tools, folder)`: its nodes, and the ports that the bridge gets. */
export const clusters = [
  {
    name: 'two Mosquittos, `MQTT_URL`',
    missing: () => (installed('mosquitto') ? undefined : 'apt-get install -y mosquitto'),
    async start(_tools, folder) {
      const made = await mosquittos(folder);
      return { ...made, bridge: made.ports };
    },
  },
  {
    name: 'two Mosquittos, HAProxy',
    missing: () =>
      installed('mosquitto') && installed('haproxy') ? undefined : 'apt-get install -y mosquitto haproxy',
    async start(_tools, folder) {
      const made = await mosquittos(folder);
      const [front] = await freePorts(1);
      const example = resolve(import.meta.dirname, '../../examples/haproxy/haproxy.cfg');
      const [a, b] = made.ports;
      const text = readFileSync(example, 'utf8')
        .replace(/bind \S+/, `bind 127.0.0.1:${front}`)
        .replace(/server first \S+/, `server first 127.0.0.1:${a}`)
        .replace(/server second \S+/, `server second 127.0.0.1:${b}`);
      const file = join(folder, 'haproxy.cfg');
      writeFileSync(file, text);
      const proxy = started(installed('haproxy'), ['-db', '-f', file]);
      await areThere([front], [proxy]);
      return { ...made, others: [proxy], bridge: [front] };
    },
  },
  {
    name: 'three NATS',
    missing: (tools) => (natsOf(tools) ? undefined : 'install Go, or apt-get install -y nats-server'),
    version: (tools) =>
      spawnSync(natsOf(tools), ['--version'], { encoding: 'utf8' }).stdout?.match(/v(\d\S*)/)?.[1],
    async start(tools, folder) {
      const ports = await freePorts(3);
      const clients = await freePorts(3);
      const routes = await freePorts(3);
      const nodes = NODES.map((name, at) => {
        const config = join(folder, `${name}.conf`);
        const all = routes.map((port) => `nats://127.0.0.1:${port}`).join(', ');
        writeFileSync(
          config,
          `listen: 127.0.0.1:${clients[at]}
server_name: ${name}
jetstream { store_dir: "${folderOf(folder, name)}" }
cluster { name: brokers, listen: 127.0.0.1:${routes[at]}, routes: [${all}] }
mqtt { listen: 127.0.0.1:${ports[at]}, stream_replicas: 3 }
`,
        );
        return started(natsOf(tools), ['-c', config]);
      });
      await areThere(ports, nodes);
      return { ports, nodes, others: [], bridge: ports };
    },
  },
  {
    name: 'three RabbitMQ',
    missing: () => (rabbit().program() ? undefined : rabbit().missing),
    version: () => rabbit().version(rabbit().program()),
    start: startRabbits,
  },
];

const rabbit = () => kinds.find(({ name }) => name === 'RabbitMQ');
const natsOf = (tools) => kinds.find(({ name }) => name.startsWith('NATS')).program(tools);

async function startRabbits(_tools, folder) {
  const ports = await freePorts(3);
  const program = rabbit().program();
  const [namesPort, ...more] = await freePorts(7);
  const names = started('epmd', ['-address', '127.0.0.1', '-port', String(namesPort)]);
  const cookie = { RABBITMQ_ERLANG_COOKIE: 'brokers' };
  const nodes = NODES.map((name, at) => {
    const own = folderOf(folder, name);
    writeNode({ folder: own, port: ports[at], second: more[at] });
    const peers = NODES.map(
      (peer, number) => `cluster_formation.classic_config.nodes.${number + 1} = ${peer}@localhost\n`,
    );
    writeFileSync(
      join(own, 'rabbitmq.conf'),
      `cluster_formation.peer_discovery_backend = classic_config\n${peers.join('')}`,
      { flag: 'a' },
    );
    const place = { folder: own, name, namesPort, distributionPort: more[3 + at] };
    return started(join(program, 'rabbitmq-server'), [], { ...nodeEnvironment(place), ...cookie });
  });
  await areThere(ports, nodes);
  return { ports, nodes, others: [names], bridge: ports };
}
