import { systemClock } from '../base/clock.js';
import { BadConfiguration } from '../base/errors.js';
import { hostAndPort, isLoopback } from '../base/listen.js';
import { Charger } from '../charger/charger.js';
import { type Simulator, startSimulator } from '../simulator/simulated-charger.js';
import { readWebInterface } from '../simulator/web-interface.js';
import type { CliCommand, CommandContext, ExitCode } from './index.js';
import { modelledCharger, replayedCharger } from './served-charger.js';
import { backends, policyOf } from './wiring-charger.js';

export const simulate: CliCommand = {
  doc: "serves the model, or a recording, through the charger's own HTTP and WebSocket API",
  settings: ['simulate', 'model', 'log'],
  examples: [
    'evse-mqtt-bridge simulate --simulate-port 8080',
    'evse-mqtt-bridge simulate --simulate-type warp3 --model-scenario demo',
    'evse-mqtt-bridge simulate --replay charger.jsonl --model-time-scale 10',
  ],
  options: {
    replay: {
      doc: 'plays this recording instead of the model, as fast as --model-time-scale says',
      sign: 'FILE',
    },
  },
  faults: ({ values }) => backends.model.faults(values),
  run: runSimulator,
};

/** Serves the charger until `signal` aborts. Rejects if it can't listen, or if the recording can't be played. */
async function runSimulator({ config, version, log, signal }: CommandContext): Promise<ExitCode> {
  const { values } = config;
  const { replay } = config.options;
  const [one, ...more] = config.chargers;
  if (!one || more.length > 0)
    throw new BadConfiguration(['simulate serves one charger; several are configured']);
  const file = values['simulate.web'];
  const web = file === undefined ? undefined : await readWebInterface(file);
  const served =
    replay === undefined
      ? await modelledCharger(one, values, log)
      : await replayedCharger(replay, one.values['model.timeScale'], log);
  const { topics, backend, kind, name } = served;
  const charger = new Charger({
    topics,
    backend,
    clock: systemClock,
    log,
    policy: policyOf(values),
    mirror: ['*'],
    passthrough: replay !== undefined,
    forward: replay === undefined ? [] : ['*'],
  });
  const ended = new AbortController();
  const running = charger.run(AbortSignal.any([signal, ended.signal]));
  const { 'simulate.host': host, 'simulate.port': port } = values;
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
      ...kind,
      web,
    });
    log.info(`evse-mqtt-bridge ${version}: http://${hostAndPort(host, port)} is ${name}`);
    if (values['simulate.username'] === undefined && !isLoopback(host)) {
      log.warn(
        `anybody who reaches ${hostAndPort(host, port)} can play with it: set SIMULATE_USERNAME and SIMULATE_PASSWORD`,
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
