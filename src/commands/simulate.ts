import { systemClock } from '../base/clock.js';
import { BadConfiguration } from '../base/errors.js';
import { isLoopback } from '../base/listen.js';
import { Charger } from '../charger/charger.js';
import { type Simulator, startSimulator } from '../simulator/simulated-charger.js';
import { readWebInterface } from '../simulator/web-interface.js';
import type { CliCommand, CommandContext, ExitCode } from './index.js';
import { backends, policyOf } from './wiring-charger.js';

export const simulate: CliCommand = {
  doc: "serves the built-in model through the charger's own HTTP and WebSocket API",
  settings: ['simulate', 'model', 'log'],
  examples: [
    'evse-mqtt-bridge simulate --simulate-port 8080',
    'evse-mqtt-bridge simulate --simulate-type warp3 --model-scenario demo',
  ],
  faults: ({ values }) => backends.model.faults(values),
  run: runSimulator,
};

/** Serves the modelled charger until the signal. Rejects when it can't listen. */
async function runSimulator({ config, version, log, signal }: CommandContext): Promise<ExitCode> {
  const { values } = config;
  const [one, ...more] = config.chargers;
  if (!one || more.length > 0)
    throw new BadConfiguration(['simulate serves one charger; several are configured']);
  const type = values['simulate.type'] ?? one.values['model.type'];
  const typed = { ...one, values: { ...one.values, 'model.type': type } };
  const file = values['simulate.web'];
  const web = file === undefined ? undefined : await readWebInterface(file);
  const topics = backends.model.topics(typed.values);
  const backend = await backends.model.create(typed, { topics, clock: systemClock, log });
  const charger = new Charger({
    topics,
    backend,
    clock: systemClock,
    log,
    policy: policyOf(values),
    mirror: ['*'],
    passthrough: false,
  });
  const ended = new AbortController();
  const running = charger.run(AbortSignal.any([signal, ended.signal]));
  const { 'simulate.host': host, 'simulate.port': port } = values;
  const firmware = values['simulate.firmware'] ?? (type === 'warp1' ? '2.8.9' : '2.12.1');
  let simulator: Simulator | undefined;
  try {
    simulator = await startSimulator({
      charger,
      write: (path, value) => backend.write(path, value),
      host,
      port,
      clock: systemClock,
      log,
      username: values['simulate.username'],
      password: values['simulate.password'],
      firmware,
      type,
      web,
    });
    log.info(
      `evse-mqtt-bridge ${version}: a simulated charger at http://${host}:${port}, ${type.toUpperCase()} with firmware ${firmware}`,
    );
    if (values['simulate.username'] === undefined && !isLoopback(host)) {
      log.warn(
        `anybody who reaches ${host}:${port} can play with it: set SIMULATE_USERNAME and SIMULATE_PASSWORD`,
      );
    }
    await running;
  } finally {
    ended.abort();
    await simulator?.close();
    await running;
  }
  return 0;
}
