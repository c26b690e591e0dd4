import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../_ports.js';
import { authority, client, early, expired, good, other } from '../mqtt/_certificates.js';
import { type FaultCase, must } from './_case.js';
import { Broker, Lab, Process, pause } from './_lab.js';

const main = resolve(import.meta.dirname, '../../../dist/main.js');

interface TlsCase {
  readonly name: string;
  readonly fault: string;
  /** Lines of mosquitto.conf beside the certificate; `server` is the pair that it shows. */
  readonly server?: { readonly cert: string; readonly key: string };
  readonly lines?: (folder: string) => readonly string[];
  readonly env: (port: number, folder: string) => Readonly<Record<string, string>>;
  /** What must be said, and what must not. */
  readonly says: RegExp;
  /** It is a bad configuration: exit 78. */
  readonly bad?: true;
}

const CA = (folder: string) => ({ MQTT_CA_FILE: join(folder, 'ca.pem') });

const TLS: readonly TlsCase[] = [
  {
    name: 'tls-no-ca',
    fault: 'MQTT_CA_FILE is missing',
    env: (port) => ({ MQTT_URL: `mqtts://127.0.0.1:${port}` }),
    says: /MQTT_CA_FILE/,
  },
  {
    name: 'tls-expired',
    fault: "the broker's certificate has expired",
    server: expired,
    env: (port, folder) => ({ MQTT_URL: `mqtts://127.0.0.1:${port}`, ...CA(folder) }),
    says: /expired: renew it|clock/,
  },
  {
    name: 'tls-early',
    fault: "the broker's certificate is not valid yet",
    server: early,
    env: (port, folder) => ({ MQTT_URL: `mqtts://127.0.0.1:${port}`, ...CA(folder) }),
    says: /not valid yet|clock/,
  },
  {
    name: 'tls-name',
    fault: "the broker's certificate is for another name",
    server: other,
    env: (port, folder) => ({ MQTT_URL: `mqtts://127.0.0.1:${port}`, ...CA(folder) }),
    says: /not for 127\.0\.0\.1|such a name/,
  },
  {
    name: 'tls-client',
    fault: 'the broker asks for a client certificate',
    lines: (folder) => ['require_certificate true', `cafile ${join(folder, 'ca.pem')}`],
    env: (port, folder) => ({ MQTT_URL: `mqtts://127.0.0.1:${port}`, ...CA(folder) }),
    says: /MQTT_CERT_FILE/,
  },
  {
    name: 'tls-plain',
    fault: 'mqtts:// on a port without TLS',
    env: (port) => ({ MQTT_URL: `mqtts://127.0.0.1:${port + 1}` }),
    says: /does not speak TLS/,
  },
  {
    name: 'tls-mqtt',
    fault: 'mqtt:// on a port with TLS',
    env: (port) => ({ MQTT_URL: `mqtt://127.0.0.1:${port}` }),
    says: /mqtts:\/\//,
  },
  {
    name: 'tls-key',
    fault: 'the key belongs to another certificate',
    env: (port, folder) => ({
      MQTT_URL: `mqtts://127.0.0.1:${port}`,
      ...CA(folder),
      MQTT_CERT_FILE: join(folder, 'client.pem'),
      MQTT_KEY_FILE: join(folder, 'wrong.key'),
    }),
    says: /MQTT_KEY_FILE/,
    bad: true,
  },
  {
    name: 'tls-ca',
    fault: 'MQTT_CA_FILE is no PEM file',
    env: (port, folder) => ({
      MQTT_URL: `mqtts://127.0.0.1:${port}`,
      MQTT_CA_FILE: join(folder, 'garbage.pem'),
    }),
    says: /MQTT_CA_FILE/,
    bad: true,
  },
];

/** One run against a broker with TLS; the next port is one without. */
async function tls({ fault, server = good, lines, env, says, bad }: TlsCase): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'evse-faults-'));
  const files = {
    'ca.pem': authority,
    'server.pem': server.cert,
    'server.key': server.key,
    'client.pem': client.cert,
    'wrong.key': generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey,
    'garbage.pem': 'hello',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`);
  const port = await freePort();
  const config = [
    'user root',
    'log_dest stderr',
    'persistence false',
    'per_listener_settings false',
    'allow_anonymous true',
    `listener ${port} 127.0.0.1`,
    `certfile ${join(folder, 'server.pem')}`,
    `keyfile ${join(folder, 'server.key')}`,
    ...(lines?.(folder) ?? []),
    `listener ${port + 1} 127.0.0.1`,
  ];
  writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`);
  const broker = new Process('mosquitto', ['-c', join(folder, 'mosquitto.conf')]);
  const bridge = new Process(process.execPath, [main], { ...env(port, folder), HTTP_PORT: '0' });
  try {
    if (bad) must((await bridge.ended) === 78, `${fault}: it ended otherwise: ${bridge.said}`);
    const begun = performance.now();
    while (!says.test(bridge.said)) {
      must(performance.now() < begun + 15_000, `${fault}: it said ${bridge.said}`);
      await pause(50);
    }
    const line = bridge.lines.find((one) => says.test(one)) ?? '';
    must(!/error:0[0-9A-F]{7}|node:internal/.test(bridge.said), `${fault}: it printed ${bridge.said}`);
    return line
      .replace(/^\S+ +\S+ +/, '')
      .replaceAll(folder, '…')
      .slice(0, 200);
  } finally {
    await bridge.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface DiskCase {
  readonly name: string;
  readonly fault: string;
  /** What lies at the place of MODEL_STATE_FILE. */
  readonly prepare: (file: string) => void;
  /** The code with which it ends at the start, or undefined where it runs. */
  readonly exit?: number;
}

const DISK: readonly DiskCase[] = [
  ...(
    [
      ['nothing', ''],
      ['garbage', 'garbage'],
      ['a torn file', '{"version":1,"global'],
      ['NUL bytes', '\0'.repeat(500)],
      ['100 000 brackets', '['.repeat(100_000)],
      ['null', 'null'],
      ['a number', '42'],
      ['wrong types', '{"global_current":"x","auto_start":[]}'],
      ['a prototype', '{"__proto__":{"x":1}}'],
    ] as const
  ).map(
    ([what, text]): DiskCase => ({
      name: `disk-${what.replaceAll(' ', '-')}`,
      fault: `MODEL_STATE_FILE has ${what} in it`,
      prepare: (file) => writeFileSync(file, text),
    }),
  ),
  {
    name: 'disk-folder',
    fault: 'MODEL_STATE_FILE is in a folder that is not there',
    prepare: (file) => rmSync(join(file, '..'), { recursive: true }),
    exit: 78,
  },
  {
    name: 'disk-device',
    fault: 'MODEL_STATE_FILE is a folder',
    prepare: (file) => mkdirSync(file),
    exit: 78,
  },
];

async function disk({ fault, prepare, exit }: DiskCase): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'evse-faults-'));
  const file = join(folder, 'state', 'flash.json');
  mkdirSync(join(folder, 'state'));
  prepare(file);
  const broker = await Broker.open();
  const env = {
    MQTT_URL: `mqtt://127.0.0.1:${broker.port}`,
    MODEL_STATE_FILE: file,
    HTTP_PORT: '0',
    LOG_FORMAT: 'json',
  };
  let bridge = new Process(process.execPath, [main], env);
  try {
    if (exit !== undefined) {
      must((await bridge.ended) === exit, `${fault}: it ended otherwise: ${bridge.said}`);
      must(/MODEL_STATE_FILE/.test(bridge.said), `${fault}: it said ${bridge.said}`);
      return `exit ${exit}, one sentence`;
    }
    const write = async (payload: string) => {
      const { Listener } = await import('./_lab.js');
      const listener = await Listener.at(broker.port, 'warp/evse/global_current');
      const begun = performance.now();
      while (listener.newest.get('warp/evse/global_current') === undefined) {
        must(performance.now() < begun + 15_000, `${fault}: it does not start: ${bridge.said}`);
        await pause(50);
      }
      if (payload !== '')
        await listener.client.publishAsync('warp/evse/global_current_update', payload, { qos: 1 });
      await pause(1_500);
      await listener.close();
      return listener.newest.get('warp/evse/global_current');
    };
    await write('13000');
    must((await bridge.stop()) === 0, `${fault}: it did not end with 0`);
    must(
      existsSync(file) && readFileSync(file, 'utf8').includes('13000'),
      `${fault}: no good file afterwards`,
    );
    bridge = new Process(process.execPath, [main], env);
    const kept = await write('');
    must(kept === '{"current":13000}', `${fault}: after a restart it shows ${kept}`);
    return 'it starts; a setting survives the next restart';
  } finally {
    await bridge.stop();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** TLS, files and the embedded broker. */
export const settingCases: readonly FaultCase[] = [
  ...TLS.map(
    (one): FaultCase => ({
      name: one.name,
      fault: one.fault,
      run: async () => ({ happened: await tls(one) }),
    }),
  ),
  ...DISK.map(
    (one): FaultCase => ({
      name: one.name,
      fault: one.fault,
      run: async () => ({ happened: await disk(one) }),
    }),
  ),
  {
    name: 'embedded-raw',
    fault: '500 connections with random bytes at the embedded broker',
    run: async () => {
      const { connect } = await import('node:net');
      const lab = await Lab.open();
      const port = await freePort();
      try {
        const bridge = lab.startBridge({ MQTT_URL: '', MQTT_EMBEDDED_PORT: String(port) });
        while (!bridge.said.includes('connected to the broker')) await pause(50);
        for (let n = 0; n < 500; n++) {
          const socket = connect(port, '127.0.0.1');
          socket.on('error', () => {});
          socket.write(Buffer.from(Array.from({ length: 200 }, (_, at) => (n * 31 + at * 7) & 255)));
          if (n % 50 === 49) await pause(20);
          setTimeout(() => socket.destroy(), 500);
        }
        await pause(1_500);
        const { Listener } = await import('./_lab.js');
        const listener = await Listener.at(port).catch(() => undefined);
        must(listener === undefined || listener.newest.size >= 0, 'unreachable');
        await listener?.close();
        must((await lab.ready()) === 200, 'it is not ready');
        return { happened: 'it stayed ready' };
      } finally {
        await lab.close();
      }
    },
  },
];
