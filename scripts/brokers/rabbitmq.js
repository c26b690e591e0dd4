// RabbitMQ with its MQTT plugin, as the package of Debian has it: without the wrapper, which starts it as another user.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, started } from './processes.js';

const HOME = '/usr/lib/rabbitmq/lib';

function scripts() {
  const folder = existsSync(HOME)
    ? readdirSync(HOME).find((name) => name.startsWith('rabbitmq_server-'))
    : undefined;
  return folder && installed('epmd') ? join(HOME, folder, 'sbin') : undefined;
}

/** What a node and the tools for it need to know. Nodes that share `namesPort` and a cookie find each other. */
export const nodeEnvironment = ({ folder, name, namesPort, distributionPort }) => ({
  HOME: folder,
  ERL_EPMD_ADDRESS: '127.0.0.1',
  ERL_EPMD_PORT: String(namesPort),
  RABBITMQ_NODENAME: `${name}@localhost`,
  RABBITMQ_DIST_PORT: String(distributionPort),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
  RABBITMQ_LOG_BASE: join(folder, 'log'),
  RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
  RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
  RABBITMQ_CONF_ENV_FILE: '/dev/null',
  // Else a shell stands between us and the broker, and leaves it running when it is killed.
  RUNNING_UNDER_SYSTEMD: '1',
});

/** The files of a node: MQTT at `port`, AMQP at `second`. */
export function writeNode({ folder, port, second }) {
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${second}\nmqtt.listeners.tcp.1 = 127.0.0.1:${port}\nmqtt.allow_anonymous = true\nlog.console = true\nlog.file = false\n`,
  );
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_mqtt].\n');
}

export const rabbitmq = {
  name: 'RabbitMQ',
  lacks: ['retained'],
  missing: 'apt-get install -y rabbitmq-server',
  program: scripts,
  version: (program) => program.match(/rabbitmq_server-([\d.]+)/)?.[1],
  start(program, { port, second, third, fourth, folder }) {
    writeNode({ folder, port, second });
    const environment = nodeEnvironment({ folder, name: 'one', namesPort: fourth, distributionPort: third });
    const names = started('epmd', ['-address', '127.0.0.1', '-port', String(fourth)]);
    const broker = started(join(program, 'rabbitmq-server'), [], environment);
    return {
      get said() {
        return broker.said;
      },
      ended: broker.ended,
      signal: broker.signal,
      async end(signal) {
        await broker.end(signal);
        await names.end();
      },
    };
  },
};
