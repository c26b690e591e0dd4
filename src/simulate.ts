import { modelFor, policyOf } from './backends.js';
import { isLoopback } from './broker.js';
import { Charger } from './charger.js';
import { systemClock } from './clock.js';
import type { Config } from './config.js';
import { BadConfiguration } from './errors.js';
import type { Log } from './log.js';
import { type Simulator, startSimulator } from './simulator/server.js';
import { modelTopics } from './topics/index.js';

/** Serves the modelled charger through the charger's own API until the signal. Rejects when it can't listen. */
export async function run(config: Config, version: string, log: Log, signal: AbortSignal): Promise<void> {
  const { values } = config;
  const [one, ...more] = config.chargers;
  if (!one || more.length > 0)
    throw new BadConfiguration(['simulate serves one charger; several are configured']);
  const topics = modelTopics();
  const backend = await modelFor(one.prefix, one.values, topics, systemClock, log);
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
  const { 'simulate.host': host, 'simulate.port': port, 'simulate.firmware': firmware } = values;
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
    });
    log.info(
      `evse-mqtt-bridge ${version}: a simulated charger at http://${host}:${port}, firmware ${firmware}`,
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
}
