import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { chargerTopics } from '../src/topics/index.js';
import { freePort } from '../test/_ports.js';
import { until } from '../test/_until.js';
import { BenchCharger } from './_charger.js';
import { median, pause, Subject, table } from './_process.js';

const root = resolve(import.meta.dirname, '../..');
const RATE = 50;

type Kind = 'ours' | 'smallest';

interface Round {
  readonly start: number;
  readonly idle: number;
  readonly anonIdle: number;
  readonly p50: number;
  readonly cpu: number;
  readonly writeP50: number;
  readonly perSecond: number;
  readonly cpuSaturated: number;
  readonly loaded: number;
  readonly anonLoaded: number;
  readonly lost: number;
}

interface Stage {
  readonly charger: BenchCharger;
  readonly chargerPort: number;
  readonly brokerPort: number;
  readonly home: MqttClient;
}

/** The bridge beside the smallest possible one, in turns, in one run. Returns a table to print. */
export async function benchBridge(short: boolean): Promise<string> {
  const rounds = short ? 1 : 5;
  const out: string[] = [];
  for (const qos of short ? [1] : [0, 1]) {
    const results: Record<Kind, Round[]> = { ours: [], smallest: [] };
    for (let round = 0; round < rounds; round++) {
      for (const kind of ['smallest', 'ours'] as const) results[kind].push(await measure(kind, qos, short));
    }
    out.push(`QoS ${qos}, medians of ${rounds} round(s) in turns\n${compare(results)}`);
  }
  return out.join('\n\n');
}

const shown: readonly [keyof Round, string][] = [
  ['start', 'process start to first retained state, ms'],
  ['p50', `charger to subscriber at ${RATE}/s, p50 ms`],
  ['cpu', `CPU per change at ${RATE}/s, ms`],
  ['writeP50', 'subscriber to charger, p50 ms'],
  ['perSecond', 'changes per second, as fast as they come'],
  ['cpuSaturated', 'CPU per change, as fast as they come, µs'],
  ['lost', 'changes lost'],
  ['idle', 'RSS idle, MB'],
  ['anonIdle', 'of which anonymous, MB'],
  ['loaded', 'RSS after the load, MB'],
  ['anonLoaded', 'of which anonymous, MB'],
];

function compare(results: Record<Kind, Round[]>): string {
  const rows = shown.map(([key, label]) => {
    const [small, ours] = (['smallest', 'ours'] as const).map((kind) =>
      median(results[kind].map((round) => round[key])),
    );
    const ratio = small && ours ? (ours / small).toFixed(2) : '';
    return [label, (small ?? 0).toFixed(2), (ours ?? 0).toFixed(2), ratio];
  });
  return table([['', 'smallest', 'this bridge', 'ratio'], ...rows]);
}

async function measure(kind: Kind, qos: number, short: boolean): Promise<Round> {
  const stage = await setUp();
  const subject = startSubject(kind, qos, stage);
  try {
    const start = await firstState(stage, subject);
    await pause(short ? 1_000 : 3_000);
    const idle = subject.memory();
    const paced = await pacedChanges(stage, subject, short ? 100 : 500);
    const writeP50 = await pacedWrites(stage, short ? 50 : 200);
    const flood = await floodOfChanges(stage, subject, short ? 20_000 : 100_000);
    const loaded = subject.memory();
    return {
      start,
      idle: idle.rss,
      anonIdle: idle.anon,
      ...paced,
      writeP50,
      ...flood,
      loaded: loaded.rss,
      anonLoaded: loaded.anon,
    };
  } finally {
    await subject.end();
    await stage.home.endAsync(true);
    await stage.charger.close();
    await stopBroker();
  }
}

let broker: ChildProcess | undefined;

async function setUp(): Promise<Stage> {
  const brokerPort = await freePort();
  const config = join(mkdtempSync(join(tmpdir(), 'evse-bench-')), 'mosquitto.conf');
  writeFileSync(
    config,
    `user root\nlistener ${brokerPort} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\n`,
  );
  broker = spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: 'ignore' });
  let home: MqttClient | undefined;
  await until(async () => {
    home = await connectAsync({
      host: '127.0.0.1',
      port: brokerPort,
      protocol: 'mqtt',
      reconnectPeriod: 0,
    }).catch(() => undefined);
    return home !== undefined;
  }, 'mosquitto (apt-get install -y mosquitto)');
  if (!home) throw new Error('no broker');
  const states = [...chargerTopics().values()].flatMap(({ path, state }) =>
    state ? [[path, state.example] as const] : [],
  );
  const charger = new BenchCharger(Object.fromEntries(states));
  return { charger, chargerPort: await charger.listen(), brokerPort, home };
}

async function stopBroker(): Promise<void> {
  const child = broker;
  if (!child) return;
  await new Promise((done) => {
    child.once('exit', done);
    child.kill('SIGTERM');
  });
}

function startSubject(kind: Kind, qos: number, { chargerPort, brokerPort }: Stage): Subject {
  const flags = { NODE_OPTIONS: '--max-semi-space-size=1' };
  if (kind === 'smallest') {
    const program = resolve(import.meta.dirname, 'smallest.js');
    return new Subject([program, `127.0.0.1:${chargerPort}`, String(brokerPort), 'warp', String(qos)], flags);
  }
  return new Subject([join(root, 'dist/main.js')], {
    ...flags,
    MQTT_URL: `mqtt://127.0.0.1:${brokerPort}`,
    CHARGER_URL: `http://127.0.0.1:${chargerPort}`,
    MQTT_QOS: String(qos),
    LOG_LEVEL: 'warn',
  });
}

async function firstState({ home }: Stage, subject: Subject): Promise<number> {
  let at = 0;
  const seen = new Set<string>();
  home.on('message', (topic) => {
    at ||= performance.now();
    seen.add(topic);
  });
  await home.subscribeAsync('warp/evse/#', { qos: 1 });
  await until(() => seen.size >= 20, 'the first states');
  home.removeAllListeners('message');
  return at - subject.startedAt;
}

const stateText = (current: number) =>
  `{"iec61851_state":2,"charger_state":3,"contactor_state":3,"contactor_error":0,"allowed_charging_current":${current},"error_state":0,"lock_state":0}`;

async function pacedChanges(
  { charger, home }: Stage,
  subject: Subject,
  count: number,
): Promise<{ p50: number; cpu: number }> {
  const sent = new Map<number, number>();
  const delays: number[] = [];
  home.on('message', (topic, payload) => {
    if (topic !== 'warp/evse/state') return;
    const { allowed_charging_current } = JSON.parse(payload.toString()) as {
      allowed_charging_current: number;
    };
    const at = sent.get(allowed_charging_current);
    if (at !== undefined) delays.push(performance.now() - at);
  });
  const cpu = subject.cpu();
  for (let current = 1; current <= count; current++) {
    sent.set(current, performance.now());
    charger.push('evse/state', stateText(current));
    await pause(1_000 / RATE);
  }
  await until(
    () => delays.length >= count,
    () => `all changes; ${delays.length} of ${count} came`,
  );
  home.removeAllListeners('message');
  return { p50: median(delays), cpu: (subject.cpu() - cpu) / count };
}

async function pacedWrites({ charger, home }: Stage, count: number): Promise<number> {
  const delays: number[] = [];
  let sent = 0;
  charger.onWrite = () => delays.push(performance.now() - sent);
  for (let at = 1; at <= count; at++) {
    sent = performance.now();
    home.publish('warp/evse/external_current_update', String(6000 + at), { qos: 0 });
    await until(() => delays.length >= at, 'the write');
    await pause(5);
  }
  return median(delays);
}

async function floodOfChanges(
  { charger, home }: Stage,
  subject: Subject,
  count: number,
): Promise<{ perSecond: number; cpuSaturated: number; lost: number }> {
  let received = 0;
  let last = 0;
  home.on('message', (topic) => {
    if (topic !== 'warp/evse/state') return;
    received += 1;
    last = performance.now();
  });
  const cpu = subject.cpu();
  const began = performance.now();
  last = began;
  for (let current = 1; current <= count; current++) {
    charger.push('evse/state', stateText(100_000 + current));
    // No more under way than a few hundred: the question is how fast it goes, not how much fits into buffers.
    while (current - received > 400 && performance.now() - last < 2_000)
      await new Promise((next) => setImmediate(next));
  }
  await until(() => received >= count || performance.now() - last > 1_000, 'the flood');
  home.removeAllListeners('message');
  const seconds = (last - began) / 1_000;
  return {
    perSecond: received / seconds,
    cpuSaturated: ((subject.cpu() - cpu) / received) * 1_000,
    lost: count - received,
  };
}
