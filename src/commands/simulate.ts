import { systemClock } from '../base/clock.js';
import { BadConfiguration } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { Charger } from '../charger/charger.js';
import type { Config } from '../config/index.js';
import { type Simulator, startSimulator } from '../simulator/simulated-charger.js';
import { modelTopics } from '../topics/index.js';
import { isLoopback } from './wiring-broker.js';
import { modelFor, policyOf } from './wiring-charger.js';

/** Serves the modelled charger through the charger's own API until the signal. Rejects when it can't listen. */
export async function runSimulator(
  config: Config,
  version: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
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
