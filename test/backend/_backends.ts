import { HttpBackend, type HttpBackendOptions } from '../../src/backend/http/index.js';
import type { TargetOptions } from '../../src/backend/http/target.js';
import { ModelBackend } from '../../src/backend/model/index.js';
import type { Clock } from '../../src/base/clock.js';
import type { Json } from '../../src/base/json.js';
import { Charger } from '../../src/charger/charger.js';
import { Controller } from '../../src/model/controller.js';
import type { ModelType } from '../../src/model/generations/model-type.js';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulated-charger.js';
import { chargerTopics, modelTopics } from '../../src/topics/index.js';
import { bytes, FakeClock, FakeLog, openPolicy } from '../_fakes.js';
import type { TestCharger } from './_contract.js';
import { testTarget } from './http/_target.js';

/** What passes with each turn of the event loop, ms of a charger's time. */
const STEP_MS = 50;

/**
 * A clock that goes on by a step with every turn of the event loop, about 50 times as fast as the machine's. It
 * never looks at that one: while the process is held up it stands still, and nothing in a test times out.
 */
export class FastClock extends FakeClock {
  readonly #driver: NodeJS.Timeout;

  constructor(stepMs = STEP_MS) {
    super();
    this.#driver = setInterval(() => this.jump(stepMs), 1);
  }

  stop(): void {
    clearInterval(this.#driver);
  }
}

/** The modelled charger on a fast clock. */
export function modelTestCharger(type: ModelType = 'warp1'): TestCharger & {
  readonly backend: ModelBackend;
  readonly log: FakeLog;
  readonly clock: Clock;
} {
  const log = new FakeLog();
  const clock = new FastClock();
  const topics = modelTopics(type);
  const backend = new ModelBackend({
    controller: new Controller({ type }),
    topics,
    clock,
    log,
    timeScale: 1,
  });
  const charger = new Charger({
    topics,
    backend,
    clock,
    log,
    policy: openPolicy,
    mirror: ['*'],
    passthrough: false,
  });
  const stop = new AbortController();
  const ended = charger.run(stop.signal);
  return {
    charger,
    backend,
    log,
    clock,
    async world(path, value) {
      const receipt = await charger.write({ path, payload: bytes(JSON.stringify(value)), retained: false });
      if (receipt.status !== 'ok') throw new Error(receipt.error);
    },
    async stop() {
      stop.abort();
      await ended;
      clock.stop();
    },
  };
}

/** The HTTP backend on a simulated charger: real sockets, fast clocks on both sides. */
export async function httpTestCharger(
  { username, password, ...options }: Partial<HttpBackendOptions & TargetOptions> = {},
  simulate: Partial<SimulatorOptions> = {},
): Promise<TestCharger & { readonly log: FakeLog; readonly port: number }> {
  const model = modelTestCharger(simulate.type);
  const write = (path: string, value: Json) => model.backend.write(path, value);
  const { charger: modelled, clock, log: simulatorLog } = model;
  const simulator = await startSimulator({
    charger: modelled,
    write,
    host: '127.0.0.1',
    port: 0,
    clock,
    log: simulatorLog,
    ...simulate,
  });
  const log = new FakeLog();
  const topics = chargerTopics();
  const backend = new HttpBackend({
    target: testTarget(`http://127.0.0.1:${simulator.port}`, { timeout: 60_000, username, password }),
    transport: 'auto',
    pollInterval: 1_000,
    topics,
    clock,
    log,
    ...options,
  });
  const charger = new Charger({
    topics,
    backend,
    clock,
    log,
    policy: openPolicy,
    mirror: ['meter/*', 'power_manager/*'],
    passthrough: true,
  });
  const stop = new AbortController();
  const ended = charger.run(stop.signal);
  return {
    charger,
    log,
    port: simulator.port,
    world: model.world,
    async stop() {
      stop.abort();
      await ended;
      await simulator.close();
      await model.stop();
    },
  };
}
