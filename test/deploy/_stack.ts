import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../_ports.js';
import { until } from '../_until.js';
import { type Compose, folder, mountsOf, readStack, root, type Service } from './_compose.js';

const PATH = `${process.env.PATH ?? ''}:/usr/sbin`;
const isRoot = process.getuid?.() === 0;

/**
 * Stands in for the container engine while setup.sh runs: the same commands, here, with the mounted folder's real
 * name. Only root can give files away.
 */
const ENGINE = `#!/bin/sh
set -e
while [ "$1" != sh ]; do
  if [ "$1" = --volume ]; then folder=\${2%:*}; fi
  shift
done
[ "$(id -u)" = 0 ] || own='chown() { :; };'
exec sh -ec "$own $(printf %s "$3" | sed "s#/broker\\$#$folder#")"
`;

/** A copy of a stack in a folder of its own. Paths inside containers become paths there. */
export class Room {
  readonly path: string;
  readonly compose: Compose;

  constructor(stack: string) {
    const parent = mkdtempSync(join(tmpdir(), 'evse-stack-'));
    cpSync(join(folder, 'setup.sh'), join(parent, 'setup.sh'));
    this.path = join(parent, stack);
    cpSync(join(folder, stack), this.path, {
      recursive: true,
      filter: (source) => !/\/(secrets|\.env)$/.test(source),
    });
    this.compose = readStack(stack);
  }

  service(name: string): Service {
    const service = this.compose.services[name];
    if (!service) throw new Error(`no service ${name}`);
    return service;
  }

  /** Runs setup.sh; returns what it said. */
  setUp(): string {
    const engine = join(this.path, '../engine');
    writeFileSync(engine, ENGINE, { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync('../setup.sh', {
      cwd: this.path,
      env: { PATH, ENGINE: engine },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`setup.sh ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** Secrets that let the configuration be read, for tests without a broker. */
  fakeSecrets(): void {
    mkdirSync(join(this.path, 'secrets/broker'), { recursive: true });
    for (const { file } of Object.values(this.compose.secrets ?? {})) {
      writeFileSync(join(this.path, file), 'not a secret');
    }
  }

  secret(name: string): string {
    return readFileSync(join(this.path, 'secrets', `${name}_password`), 'utf8').trim();
  }

  mode(file: string): string {
    return (statSync(join(this.path, file)).mode & 0o777).toString(8);
  }

  /** A text with the paths that `service` sees replaced by paths in this room, and the broker by that at `port`. */
  translate(service: Service, text: string, port: number): string {
    let result = text.replaceAll('mosquitto:1883', `127.0.0.1:${port}`);
    for (const { source, target, bound } of mountsOf(this.compose, service)) {
      const here = bound ? join(this.path, source) : join(this.path, 'volumes', source);
      if (!bound) mkdirSync(here, { recursive: true });
      result = result.replaceAll(new RegExp(`${target}(?=[/\\s"')]|$)`, 'g'), here);
    }
    return result;
  }

  /** The bridge's environment; a configuration file is laid beside it with translated paths. */
  bridgeEnvironment(port: number): Record<string, string> {
    const bridge = this.service('bridge');
    const entries = Object.entries(bridge.environment ?? {}).map(([name, value]) => {
      const here = this.translate(bridge, value, port);
      if (name !== 'CONFIG_FILE') return [name, here] as const;
      const copy = here.replace(/\.yaml$/, '.here.yaml');
      writeFileSync(copy, this.translate(bridge, readFileSync(here, 'utf8'), port));
      return [name, copy] as const;
    });
    return Object.fromEntries(entries);
  }

  remove(): void {
    rmSync(join(this.path, '..'), { recursive: true, force: true });
  }
}

/** A program of a stack, and how to end it. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said = '';

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, args, { env: { PATH, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text) => {
        this.said += text;
      });
    }
    this.ended = new Promise((done) => this.child.once('close', (code) => done(code)));
  }

  stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** Starts Mosquitto with the stack's own files. */
export async function startBroker(room: Room): Promise<{ port: number; broker: Running }> {
  const port = await freePort();
  const service = room.service('mosquitto');
  const config = join(room.path, 'here.conf');
  const text = room.translate(service, readFileSync(join(room.path, 'broker/mosquitto.conf'), 'utf8'), port);
  const here = text.replace(/^listener 1883$/m, `listener ${port} 127.0.0.1`);
  writeFileSync(config, `${isRoot ? 'user root\n' : ''}${here}`);
  const broker = new Running('mosquitto', ['-c', config]);
  await until(
    () => reachable(port),
    () => `mosquitto on port ${port}: ${broker.said}`,
  );
  return { port, broker };
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** Starts the bundle as the container does, its health server on a free port. */
export async function startBridge(
  room: Room,
  port: number,
): Promise<{ bridge: Running; probe(): Promise<number | null> }> {
  const health = { HTTP_HOST: '127.0.0.1', HTTP_PORT: String(await freePort()) };
  const env = { ...room.bridgeEnvironment(port), ...health };
  const bridge = new Running(process.execPath, [join(root, 'dist/main.js')], env);
  return {
    bridge,
    probe: () => new Running(process.execPath, [join(root, 'dist/probe.js')], health).ended,
  };
}

/** Runs the broker's health check of the compose file; resolves to its exit code. */
export function checkBroker(room: Room, port: number): Promise<number | null> {
  const service = room.service('mosquitto');
  const [kind, command = ''] = service.healthcheck?.test ?? [];
  if (kind !== 'CMD-SHELL') throw new Error(`unexpected health check: ${kind}`);
  const here = room.translate(service, command, port).replace('-h 127.0.0.1', `-h 127.0.0.1 -p ${port}`);
  return new Running('sh', ['-c', here]).ended;
}
