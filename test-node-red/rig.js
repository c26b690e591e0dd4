// Mosquitto, the daemon and a headless Node-RED on free loopback ports, and an onlooker at the broker.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const nodeRed = join(import.meta.dirname, 'node_modules/node-red/red.js');

/** Waits for a condition, looking again and again; throws when it does not come true within `ms`. */
export async function until(condition, what, ms = 10_000) {
  const end = performance.now() + ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > end)
      throw new Error(`waited ${ms} ms in vain for ${typeof what === 'function' ? what() : what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

/** A program with its output; `says` waits for a line of it. */
function start(name, command, args, options = {}) {
  // Nothing of the caller's settings (MQTT_URL, …) may reach what is tested.
  const child = spawn(command, args, { ...options, env: { PATH: process.env.PATH, ...options.env } });
  const program = { name, child, output: '' };
  const closed = new Promise((done) => child.once('close', done));
  child.once('error', (error) => {
    program.output += error.message;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      program.output += text;
    });
  }
  program.says = (pattern, ms = 20_000) =>
    until(
      () => {
        if (pattern.test(program.output)) return true;
        if (child.exitCode !== null) throw new Error(`${name} ended:\n${program.output}`);
        return false;
      },
      () => `${pattern} of ${name}:\n${program.output}`,
      ms,
    );
  program.stop = async (signal = 'SIGTERM', ms = 5_000) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const kill = setTimeout(() => child.kill('SIGKILL'), ms);
    await closed;
    clearTimeout(kill);
  };
  return program;
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** The path of Mosquitto, or undefined. */
export const mosquitto = ['mosquitto', '/usr/sbin/mosquitto'].find((name) => !spawnSync(name, ['-h']).error);

/** Everything that runs, ended by `close` in reverse order. */
export class Rig {
  #folder = mkdtempSync(join(tmpdir(), 'evse-node-red-'));
  #programs = [];

  start(...args) {
    const program = start(...args);
    this.#programs.push(program);
    return program;
  }

  /** A new folder below that of this rig. */
  folder(name) {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    return folder;
  }

  /** A broker; once more after it was stopped, at the same address and with nothing retained. */
  async broker() {
    this.port ??= await freePort();
    const file = join(this.#folder, 'mosquitto.conf');
    const lines = [`listener ${this.port} 127.0.0.1`, 'allow_anonymous true', 'persistence false'];
    writeFileSync(file, `user root\nlog_dest stderr\n${lines.join('\n')}\n`);
    const broker = this.start('mosquitto', mosquitto, ['-c', file]);
    await broker.says(/running/);
    return broker;
  }

  async daemon(...args) {
    const main = join(root, 'dist/main.js');
    const options = ['--mqtt-url', `mqtt://127.0.0.1:${this.port}`, '--log-format', 'json', ...args];
    const daemon = this.start('daemon', process.execPath, [main, ...options]);
    await daemon.says(/connected to the broker/);
    return daemon;
  }

  /** Node-RED with the example flow; only the broker and the environment of the tab are replaced. */
  async nodeRed(env) {
    const adminPort = await freePort();
    const home = this.folder('node-red');
    const flow = JSON.parse(readFileSync(join(root, 'examples/node-red/flow.json'), 'utf8'));
    for (const node of flow) {
      if (node.type === 'mqtt-broker') Object.assign(node, { broker: '127.0.0.1', port: String(this.port) });
      for (const variable of node.env ?? []) variable.value = String(env[variable.name] ?? variable.value);
    }
    writeFileSync(join(home, 'flows.json'), JSON.stringify(flow));
    const settings = join(this.#folder, 'settings.cjs');
    writeFileSync(settings, `module.exports = ${JSON.stringify(settingsFor(adminPort))};\n`);
    const program = this.start('node-red', process.execPath, [nodeRed, '-s', settings, '-u', home], {
      env: { HOME: this.#folder },
    });
    await program.says(/Connected to broker/);
    return {
      program,
      /** Presses the button of an inject node. */
      async press(id) {
        const answer = await fetch(`http://127.0.0.1:${adminPort}/inject/${id}`, { method: 'POST' });
        if (!answer.ok) throw new Error(`inject ${id}: HTTP ${answer.status}`);
      },
    };
  }

  async close() {
    for (const program of this.#programs.reverse()) await program.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function settingsFor(uiPort) {
  return {
    uiHost: '127.0.0.1',
    uiPort,
    disableEditor: true,
    flowFile: 'flows.json',
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false, ui: false },
    functionExternalModules: false,
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false },
      modules: { allowInstall: false },
    },
    logging: { console: { level: 'info', metrics: false, audit: false } },
  };
}

/** The house: publishes, and keeps what it sees in order. */
export class Onlooker {
  seen = [];
  newest = new Map();

  static async at(port) {
    const { connectAsync } = createRequire(join(root, 'package.json'))('mqtt');
    const onlooker = new Onlooker();
    // With MQTT 5 and "retain as published" the flag of live messages is seen too.
    onlooker.client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
    });
    onlooker.client.on('message', (topic, bytes, { retain }) => {
      const payload = bytes.toString();
      onlooker.seen.push({ topic, payload, retain, at: performance.now() });
      onlooker.newest.set(topic, payload);
    });
    await onlooker.client.subscribeAsync('#', { qos: 1, rap: true });
    return onlooker;
  }

  tell(topic, payload, options = {}) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return this.client.publishAsync(topic, text, { qos: 1, ...options });
  }

  /** Waits until the newest message on `topic` is accepted by `test` (of the parsed JSON, or the text). */
  sees(topic, test, ms = 10_000) {
    const value = () => parsed(this.newest.get(topic));
    return until(
      () => value() !== undefined && test(value()),
      () => `${topic}: ${test}; it is ${JSON.stringify(value())}`,
      ms,
    );
  }

  /** What came on `topic` since `from`, a length of `seen`. */
  on(topic, from = 0) {
    return this.seen.slice(from).filter((message) => message.topic === topic);
  }

  close() {
    return this.client.endAsync();
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
