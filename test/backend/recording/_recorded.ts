import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { HttpBackend } from '../../../src/backend/http/index.js';
import { Blanking } from '../../../src/backend/recording/blanking.js';
import { ChargerRecorder, RecordingBackend } from '../../../src/backend/recording/recording-backend.js';
import { eventsOf, RecordingFile } from '../../../src/backend/recording/recording-file.js';
import { ReplayBackend } from '../../../src/backend/recording/replay-backend.js';
import type { Json } from '../../../src/base/json.js';
import { Charger } from '../../../src/charger/charger.js';
import {
  type RecordedKind,
  type SimulatorOptions,
  startSimulator,
} from '../../../src/simulator/simulated-charger.js';
import { chargerTopics } from '../../../src/topics/index.js';
import { FakeLog, openPolicy } from '../../_fakes.js';
import { until } from '../../_until.js';
import { FastClock, modelTestCharger } from '../_backends.js';
import { RecordingSink } from '../http/_rig.js';
import { testTarget } from '../http/_target.js';

/** A name for a new file, in a folder that ends with the test. */
export async function newFile(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'recording-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'charger.jsonl');
}

export interface Recorded {
  readonly file: string;
  readonly text: string;
  /** What the charger told the backend, before anything was blanked out. */
  readonly told: RecordingSink;
}

/** Does things to a charger that is recorded. */
export type Day = (at: {
  readonly world: (path: string, value: Json) => Promise<void>;
  /** Over the recorded connection. */
  readonly write: (path: string, value: Json) => Promise<void>;
  readonly told: RecordingSink;
  /** Over a connection that is not recorded, as another program does. */
  readonly url: string;
}) => Promise<void>;

/** Records a simulated charger over real sockets, on fast clocks, while `day` happens. */
export async function recorded(
  t: ExecutionContext,
  simulate: Partial<SimulatorOptions>,
  day: Day,
): Promise<Recorded> {
  const model = modelTestCharger(simulate.type);
  const { clock, log } = model;
  const { port, close } = await startSimulator({
    charger: model.charger,
    write: (path, value) => model.backend.write(path, value),
    host: '127.0.0.1',
    port: 0,
    clock,
    log,
    ...simulate,
  });
  const file = await newFile(t);
  const topics = chargerTopics();
  const { username, password } = simulate;
  const target = testTarget(`http://127.0.0.1:${port}`, { timeout: 60_000, username, password });
  const recorder = new ChargerRecorder({
    file: await RecordingFile.create(file, '1.2.3', clock, log),
    blanking: new Blanking(topics),
    clock,
    address: target.shown,
  });
  const http = new HttpBackend({
    target,
    transport: 'auto',
    pollInterval: 1_000,
    topics,
    clock,
    log,
    tap: recorder,
  });
  const backend = new RecordingBackend(http, recorder);
  const told = new RecordingSink();
  const stop = new AbortController();
  const running = backend.run(told, stop.signal);
  try {
    await until(() => told.connection === 'online websocket', 'the charger');
    await day({
      world: model.world,
      write: (path, value) => backend.write(path, value),
      told,
      url: `http://127.0.0.1:${port}`,
    });
  } finally {
    stop.abort();
    await running;
    await close();
    await model.stop();
  }
  return { file, text: await readFile(file, 'utf8'), told };
}

export interface Replayed {
  readonly charger: Charger;
  readonly log: FakeLog;
  readonly port: number;
}

/** Serves a recording; resolves when it has been played to its end. */
export async function replayed(
  t: ExecutionContext,
  file: string,
  kind: RecordedKind,
  speed = 1,
): Promise<Replayed> {
  const clock = new FastClock();
  const log = new FakeLog();
  const backend = new ReplayBackend({ events: eventsOf(file), clock, log, speed });
  const charger = new Charger({
    topics: chargerTopics(),
    backend,
    clock,
    log,
    policy: openPolicy,
    mirror: ['*'],
    forward: ['*'],
    passthrough: true,
  });
  const stop = new AbortController();
  const running = charger.run(stop.signal);
  const { port, close } = await startSimulator({
    charger,
    write: (path, value) => backend.write(path, value),
    host: '127.0.0.1',
    port: 0,
    clock,
    log,
    recorded: kind,
  });
  t.teardown(async () => {
    stop.abort();
    await running;
    await close();
    clock.stop();
  });
  await until(() => log.texts('info').some((text) => /has ended/.test(text)), 'the end of the recording');
  return { charger, log, port };
}
