import { setMaxListeners } from 'node:events';
import { systemClock } from '../base/clock.js';
import type { CannotStart } from '../base/errors.js';
import { limitHeap } from '../base/heap-limits.js';
import type { Close, ProcessContext, ProcessOutlet } from '../charger/outlet.js';
import type { Values } from '../config/settings.js';
import { webServer } from '../outlets/http/web-server.js';
import { DAEMON_SETTINGS } from './command-options.js';
import { Fleet } from './fleet.js';
import type { CliCommand, CommandContext, ExitCode } from './index.js';
import { recordFaults } from './recorded-backend.js';
import { SettingsWatch } from './settings-watch.js';
import { tlsFiles } from './tls-files.js';
import { brokerFor } from './wiring-broker.js';
import { backendFaults } from './wiring-charger.js';

/** Outlets for all chargers of the process together; they start before the first charger. */
const SERVERS: readonly ProcessOutlet<Values>[] = [webServer];

export const run: CliCommand = {
  doc: 'the daemon (default): one or more chargers to one MQTT broker',
  settings: DAEMON_SETTINGS,
  examples: [
    'evse-mqtt-bridge --charger-url http://192.168.1.20 --mqtt-url mqtt://192.168.1.5',
    'evse-mqtt-bridge --config /etc/evse-mqtt-bridge/config.yaml',
    'evse-mqtt-bridge --model-scenario demo --model-time-scale 10',
  ],
  options: {
    record: {
      doc: 'also records the charger to this new file, with all that is written to it',
      sign: 'FILE',
    },
  },
  faults: ({ values, chargers, options: { record } }) => [
    ...tlsFiles(values).faults,
    ...backendFaults(chargers),
    ...(record === undefined ? [] : recordFaults(chargers).map((fault) => `--record: ${fault}`)),
  ],
  run: runDaemon,
};

/** Runs until `signal` aborts. */
async function runDaemon({ config, version, log, signal, settings }: CommandContext): Promise<ExitCode> {
  const { values } = config;
  const started = new Date().toISOString();
  log.info(`evse-mqtt-bridge ${version}: ${config.chargers.map(({ prefix }) => prefix).join(', ')}`);
  for (const note of config.notes) log.warn(note);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  // Each charger listens to this signal, and there may be hundreds: Node would warn of a leak.
  setMaxListeners(0, stop);
  const broker = await brokerFor(values, log);
  const several =
    config.chargers.length > 1 || values.chargersDir !== undefined || values.shard !== undefined;
  const options = {
    values,
    address: broker.address,
    several,
    clock: systemClock,
    log,
    version,
    started,
    stop,
    recordTo: config.options.record,
  };
  const fleet = new Fleet(options);
  const closes: Close[] = [];
  const watch = new SettingsWatch({ source: settings, config, clock: systemClock, log, stop });
  const check: ProcessContext['check'] = async (tell) =>
    (await import('./check.js')).checkAll(watch.config, systemClock, stop, tell);
  const serve = async ([failed]: readonly CannotStart[]) => {
    // At the start a faulty charger ends the program, as somebody is there to see it. Later the others must go on.
    if (failed) throw failed;
    const context = { chargers: fleet.chargers, missing: fleet.missing, clock: systemClock, log, check };
    for (const server of SERVERS) closes.push(await server(context, values));
  };
  let unlimit = limitHeap(systemClock, config.chargers.length);
  const follow = async () => {
    await fleet.become(config.chargers, config.prefixes, serve);
    await watch.follow((next) => {
      unlimit();
      unlimit = limitHeap(systemClock, next.chargers.length);
      return fleet.become(next.chargers, next.prefixes);
    });
  };
  try {
    await Promise.all([fleet.ended(), follow()]);
  } finally {
    ended.abort();
    unlimit();
    await fleet.close();
    for (const close of closes) await close();
    await broker.close();
  }
  return 0;
}
