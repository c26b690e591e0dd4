import { setMaxListeners } from 'node:events';
import { systemClock } from '../base/clock.js';
import type { Close, ProcessContext, ProcessOutlet } from '../charger/outlet.js';
import type { Values } from '../config/settings.js';
import { webServer } from '../outlets/http/web-server.js';
import { assembleCharger, type ConnectedCharger, startCharger } from './charger-run.js';
import type { CliCommand, CommandContext, ExitCode } from './index.js';
import { tlsFiles } from './tls-files.js';
import { brokerFor, linkOptions } from './wiring-broker.js';
import { backendFaults } from './wiring-charger.js';

/** What serves all chargers of the process together; started before any charger is. */
const SERVERS: readonly ProcessOutlet<Values>[] = [webServer];

export const run: CliCommand = {
  doc: 'the daemon (default): one or more chargers to one MQTT broker',
  faults: ({ values, chargers }) => [...tlsFiles(values).faults, ...backendFaults(chargers)],
  run: runDaemon,
};

/** Runs until the signal. */
async function runDaemon({ config, version, log, signal }: CommandContext): Promise<ExitCode> {
  const { values } = config;
  const started = new Date().toISOString();
  log.info(`evse-mqtt-bridge ${version}: ${config.chargers.map(({ prefix }) => prefix).join(', ')}`);
  for (const note of config.notes) log.warn(note);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  // Each charger listens, and there may be hundreds.
  setMaxListeners(0, stop);
  const broker = await brokerFor(values, log);
  const chargers: ConnectedCharger[] = [];
  const running: Promise<void>[] = [];
  const closes: Close[] = [];
  const checkAgain: ProcessContext['check'] = async (tell) =>
    (await import('./check.js')).checkAll(config, systemClock, stop, tell);
  const reserved = [...config.chargers.map(({ prefix }) => prefix), values['homeassistant.prefix']];
  try {
    for (const one of config.chargers) {
      const about = log.child(one.prefix);
      const options = linkOptions(one, config.chargers.length > 1, values, broker.address, about);
      const context = { version, started, reserved, log: about };
      chargers.push(await assembleCharger(one, values, options, context, { clock: systemClock }));
    }
    for (const serve of SERVERS)
      closes.push(await serve({ chargers, clock: systemClock, log, check: checkAgain }, values));
    for (const context of chargers) {
      if (stop.aborted) break;
      running.push(...(await startCharger(context, values, stop, closes)));
    }
    await Promise.all(running);
  } finally {
    ended.abort();
    await Promise.allSettled(running);
    for (const close of closes) await close();
    await broker.close();
  }
  return 0;
}
