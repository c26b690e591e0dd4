import { HttpBackend, type HttpBackendOptions } from '../../src/backend/http/index.js';
import { ModelBackend } from '../../src/backend/model/index.js';
import type { Clock } from '../../src/base/clock.js';
import { Charger } from '../../src/charger/charger.js';
import { Controller } from '../../src/model/controller.js';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulated-charger.js';
import { chargerTopics, modelTopics } from '../../src/topics/index.js';
import type { Json } from '../../src/topics/topic.js';
import { bytes, FakeClock, FakeLog, openPolicy } from '../_fakes.js';
import type { Ground } from './_contract.js';

/** ms of a charger's time per ms of a test's. */
const FACTOR = 50;

/** The most that passes between two turns of the event loop, ms of a charger's time. */
const STEP = 100;

/**
 * A clock that runs faster than the machine's, but stands still while the process is held up: on a busy machine a
 * test takes longer, and nothing in it times out.
 */
export class FastClock extends FakeClock {
  #last = performance.now();
  readonly #driver = setInterval(() => {
    const now = performance.now();
    const passed = Math.min((now - this.#last) * FACTOR, STEP);
    this.#last = now;
    this.jump(passed);
  }, 1);

  stop(): void {
    clearInterval(this.#driver);
  }
}

/** The modelled charger on a fast clock. */
export function modelGround(): Ground & {
  readonly backend: ModelBackend;
  readonly log: FakeLog;
  readonly clock: Clock;
} {
  const log = new FakeLog();
  const clock = new FastClock();
  const topics = modelTopics();
  const backend = new ModelBackend({ controller: new Controller(), topics, clock, log, timeScale: 1 });
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
export async function httpGround(
  options: Partial<HttpBackendOptions> = {},
  simulate: Partial<SimulatorOptions> = {},
): Promise<Ground & { readonly log: FakeLog; readonly port: number }> {
  const model = modelGround();
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
    url: `http://127.0.0.1:${simulator.port}`,
    transport: 'auto',
    pollInterval: 1_000,
    timeout: 60_000,
    rejectUnauthorized: true,
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
    mirror: ['meter/*'],
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
