import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Subject } from './_process.js';
import type { Stage } from './_stage.js';

const root = resolve(import.meta.dirname, '../..');

/** A bridge to measure. */
export interface Candidate {
  readonly name: string;
  /** Starts it between the chargers and the broker of `stage`. */
  start(stage: Stage, qos: number): Subject;
}

export interface CandidateOptions {
  /** Another checkout of this project, bundled, to be measured beside this one. */
  readonly also?: string | undefined;
}

/** What is measured side by side; the first is what the others are compared with. */
export function candidates({ also }: CandidateOptions): readonly Candidate[] {
  return [
    smallest,
    program('this bridge', root),
    ...(also === undefined ? [] : [program(also.split('/').at(-1) ?? also, resolve(also))]),
    ...(existsSync(NODE_RED) ? [nodeRed] : []),
  ];
}

/** As large a young generation for the others as this program chooses by itself, MB. */
const flags = (chargers: readonly unknown[]) => ({
  NODE_OPTIONS: `--max-semi-space-size=${chargers.length < 16 ? 1 : 4}`,
});

const smallest: Candidate = {
  name: 'smallest',
  start({ brokerPort, chargers }, qos) {
    const hosts = chargers.map(({ prefix, port }) => `${prefix}=127.0.0.1:${port}`);
    return new Subject(
      [resolve(import.meta.dirname, 'smallest.js'), `${brokerPort}`, `${qos}`, ...hosts],
      flags(chargers),
    );
  },
};

const program = (name: string, checkout: string): Candidate => ({
  name,
  start({ brokerPort, chargers }, qos) {
    const entries = chargers.map(({ prefix, port }) => ({
      prefix,
      charger: { url: `http://127.0.0.1:${port}` },
    }));
    const file = join(mkdtempSync(join(tmpdir(), 'evse-bench-')), 'config.json');
    writeFileSync(file, JSON.stringify({ chargers: entries }));
    return new Subject([join(checkout, 'dist/main.js'), '--config', file], {
      ...flags(chargers),
      MQTT_URL: `mqtt://127.0.0.1:${brokerPort}`,
      MQTT_QOS: `${qos}`,
      LOG_LEVEL: 'warn',
    });
  },
});

/** Where test-node-red has Node-RED after `npm ci --ignore-scripts --prefix test-node-red`. */
const NODE_RED = join(root, 'test-node-red/node_modules/node-red/red.js');

const TAKE_APART = `return [msg.payload.split('\\n').filter((line) => line !== '').map((line) => {
  const { topic, payload } = JSON.parse(line);
  return { topic: PREFIX + '/' + topic, payload: JSON.stringify(payload) };
})];`;

const AIM = `const at = msg.topic.indexOf('/');
if (!msg.topic.endsWith('_update')) return null;
return { method: 'PUT', url: HOSTS[msg.topic.slice(0, at)] + msg.topic.slice(at), payload: String(msg.payload) };`;

/** The same small bridge as a flow: per charger a WebSocket and a function, one MQTT node each way. */
const nodeRed: Candidate = {
  name: 'Node-RED',
  start({ brokerPort, chargers }, qos) {
    const folder = mkdtempSync(join(tmpdir(), 'evse-bench-node-red-'));
    const hosts = Object.fromEntries(
      chargers.map(({ prefix, port }) => [prefix, `http://127.0.0.1:${port}`]),
    );
    const common = { z: 'tab', wires: [] as string[][] };
    const flow = [
      { id: 'tab', type: 'tab', label: 'bench' },
      { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: `${brokerPort}`, protocolVersion: '5' },
      {
        ...common,
        id: 'out',
        type: 'mqtt out',
        broker: 'broker',
        topic: '',
        qos: `${qos}`,
        retain: 'true',
      },
      {
        ...common,
        id: 'in',
        type: 'mqtt in',
        broker: 'broker',
        topic: '+/evse/+',
        qos: '0',
        wires: [['aim']],
      },
      {
        ...common,
        id: 'aim',
        type: 'function',
        func: `const HOSTS = ${JSON.stringify(hosts)};\n${AIM}`,
        outputs: 1,
        wires: [['put']],
      },
      { ...common, id: 'put', type: 'http request', method: 'use', ret: 'txt' },
      ...chargers.flatMap(({ prefix, port }) => [
        {
          id: `client ${prefix}`,
          type: 'websocket-client',
          path: `ws://127.0.0.1:${port}/ws`,
          wholemsg: 'false',
        },
        {
          ...common,
          id: `ws ${prefix}`,
          type: 'websocket in',
          server: '',
          client: `client ${prefix}`,
          wires: [[`take ${prefix}`]],
        },
        {
          ...common,
          id: `take ${prefix}`,
          type: 'function',
          func: TAKE_APART.replace('PREFIX', `'${prefix}'`),
          outputs: 1,
          wires: [['out']],
        },
      ]),
    ];
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow));
    const settings = {
      httpAdminRoot: false,
      httpNodeRoot: false,
      disableEditor: true,
      flowFile: 'flows.json',
      credentialSecret: false,
      telemetry: { enabled: false, updateNotification: false },
      logging: { console: { level: 'warn', metrics: false, audit: false } },
    };
    writeFileSync(join(folder, 'settings.cjs'), `module.exports = ${JSON.stringify(settings)};\n`);
    return new Subject([NODE_RED, '-s', join(folder, 'settings.cjs'), '-u', folder], {
      ...flags(chargers),
      HOME: folder,
    });
  },
};
