import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { chargerTopics } from '../src/topics/index.js';
import { freePort } from '../test/_ports.js';
import { until } from '../test/_until.js';
import { BenchCharger } from './_charger.js';

/** What stands on both sides of the bridge under measurement: a broker, somebody who listens, and chargers. */
export interface Stage {
  readonly brokerPort: number;
  /** Somebody who listens; after a restart of the broker another one, without subscriptions. */
  readonly home: MqttClient;
  readonly chargers: readonly StageCharger[];
  /** Ends the broker and starts it again, with nothing kept. Resolves to when it was there again, by performance.now. */
  restartBroker(): Promise<number>;
  close(): Promise<void>;
}

export interface StageCharger {
  readonly prefix: string;
  readonly server: BenchCharger;
  readonly port: number;
}

/** A Mosquitto of its own and chargers with the prefixes `warp`, `warp1`, `warp2`, … */
export async function openStage(count = 1): Promise<Stage> {
  const brokerPort = await freePort();
  let broker = startBroker(brokerPort);
  let home = await connected(brokerPort);
  const endBroker = async () => {
    await home.endAsync(true);
    const ended = new Promise((done) => broker.once('exit', done));
    broker.kill('SIGTERM');
    await ended;
  };
  const chargers = await Promise.all(Array.from({ length: count }, (_, at) => openCharger(at)));
  return {
    brokerPort,
    get home() {
      return home;
    },
    chargers,
    async restartBroker() {
      await endBroker();
      broker = startBroker(brokerPort);
      home = await connected(brokerPort);
      return performance.now();
    },
    async close() {
      for (const { server } of chargers) await server.close();
      await endBroker();
    },
  };
}

function startBroker(port: number): ChildProcess {
  const config = join(mkdtempSync(join(tmpdir(), 'evse-bench-')), 'mosquitto.conf');
  writeFileSync(
    config,
    `user root\nlistener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\n`,
  );
  return spawn('/usr/sbin/mosquitto', ['-c', config], { stdio: 'ignore' });
}

async function connected(port: number): Promise<MqttClient> {
  let home: MqttClient | undefined;
  await until(async () => {
    home = await connectAsync({ host: '127.0.0.1', port, protocol: 'mqtt', reconnectPeriod: 0 }).catch(
      () => undefined,
    );
    return home !== undefined;
  }, 'mosquitto (apt-get install -y mosquitto)');
  if (!home) throw new Error('no broker');
  // What is measured must not wait for the broker's TCP to acknowledge the packet before.
  if (home.stream instanceof Socket) home.stream.setNoDelay(true);
  return home;
}

async function openCharger(at: number): Promise<StageCharger> {
  // Each topic is read once after the dump, four a second: with these alone that is over in 10 s.
  const states = [...chargerTopics().values()].flatMap(({ path, state }) =>
    state && /^(evse|info)\//.test(path) ? [[path, state.example] as const] : [],
  );
  const server = new BenchCharger(Object.fromEntries(states));
  // Devices of the same serial number would be one for Home Assistant, and quarrel about its document.
  const serial = `b${at}`;
  const name = { name: `warp2-${serial}`, type: 'warp2', display_type: 'WARP2 Charger', uid: serial };
  server.push('info/name', JSON.stringify(name));
  return { prefix: at === 0 ? 'warp' : `warp${at}`, server, port: await server.listen() };
}

/** `evse/state` of a charger that charges with `current` mA. */
export const stateText = (current: number): string =>
  `{"iec61851_state":2,"charger_state":3,"contactor_state":3,"contactor_error":0,"allowed_charging_current":${current},"error_state":0,"lock_state":0}`;
