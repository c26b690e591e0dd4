import { request } from 'node:http';
import type { ExecutionContext } from 'ava';
import type { Connect } from '../../../src/backend/http/connect.js';
import { HttpBackend, type HttpBackendOptions } from '../../../src/backend/http/index.js';
import { ModelBackend } from '../../../src/backend/model/index.js';
import { Charger } from '../../../src/charger/charger.js';
import { Controller } from '../../../src/model/controller.js';
import type { Firmware } from '../../../src/simulator/profile.js';
import { simulatedCharger } from '../../../src/simulator/simulated-charger.js';
import { chargerTopics, modelTopics } from '../../../src/topics/index.js';
import { FakeClock, FakeLog, openPolicy } from '../../_fakes.js';
import { MemorySocket } from '../../_memory-socket.js';
import { testTarget } from './_target.js';

export interface Simulated {
  readonly clock: FakeClock;
  readonly log: FakeLog;
  /** What stands behind the simulated charger. */
  readonly controller: Controller;
  /** What the bridge has of it. */
  readonly charger: Charger;
  /** Begins a fault of the simulated charger. */
  readonly fault: (body: string) => Promise<void>;
  /** Lets the bridge connect. */
  readonly start: () => void;
}

interface SimulatedOptions extends Partial<HttpBackendOptions> {
  readonly firmware?: Firmware;
}

/** The bridge's charger on `simulate`, with the model behind it: all in memory, on one clock that the test holds. */
export async function simulated(t: ExecutionContext, options: SimulatedOptions = {}): Promise<Simulated> {
  const { firmware, ...more } = options;
  const clock = new FakeClock();
  const log = new FakeLog();
  const controller = new Controller({ noise: false });
  const modelRows = modelTopics();
  const model = new ModelBackend({ controller, topics: modelRows, clock, log: new FakeLog(), timeScale: 1 });
  const common = { clock, policy: openPolicy, passthrough: true, mirror: ['*'] };
  const modelled = new Charger({ ...common, topics: modelRows, backend: model, log: new FakeLog() });
  const stop = new AbortController();
  const running = [modelled.run(stop.signal)];
  await clock.pass(14_000);
  const write = model.write.bind(model);
  const box = simulatedCharger({ charger: modelled, write, clock, log: new FakeLog(), firmware });
  box.start();
  const connect: Connect = () => {
    const [client, server] = MemorySocket.pair();
    setImmediate(() => {
      client.emit('connect');
      box.server.emit('connection', server);
    });
    return client;
  };
  const backend = new HttpBackend({
    target: testTarget('http://charger', { timeout: 5_000 }),
    transport: 'auto',
    pollInterval: 1_000,
    topics: chargerTopics(),
    clock,
    log,
    connect,
    ...more,
  });
  const charger = new Charger({ ...common, topics: chargerTopics(), backend, log });
  t.teardown(async () => {
    stop.abort();
    await Promise.all(running);
    box.stop();
  });
  return {
    clock,
    log,
    controller,
    charger,
    fault: (body) => put(connect, '/simulator/fault', body),
    start: () => void running.push(charger.run(stop.signal)),
  };
}

function put(connect: Connect, path: string, body: string): Promise<void> {
  const headers = { 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request({
      createConnection: () => connect(testTarget('http://charger', {})),
      method: 'PUT',
      path,
      headers,
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${path} ${body}: ${response.statusCode}`));
    });
    sent.end(body);
  });
}
