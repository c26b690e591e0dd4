import { systemClock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { Charger } from '../charger/charger.js';
import type { Close, Outlet, OutletContext, ProcessOutlet } from '../charger/outlet.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import { MqttJsLink, type MqttOptions } from '../mqtt/mqttjs-link.js';
import { activityLog } from '../outlets/activity-log.js';
import { mqttBridge } from '../outlets/bridge/index.js';
import { homeAssistant } from '../outlets/homeassistant/index.js';
import { webServer } from '../outlets/http/web-server.js';
import type { CliCommand, CommandContext, ExitCode } from './index.js';
import { brokerFor, linkOptions } from './wiring-broker.js';
import { backendKind, backends, policyOf } from './wiring-charger.js';

/** What joins each charger to the outside, in the order in which they start. */
const OUTLETS: readonly Outlet<Values>[] = [mqttBridge, homeAssistant, activityLog];

/** What serves all chargers of the process together; started before any charger is. */
const SERVERS: readonly ProcessOutlet<Values>[] = [webServer];

export const run: CliCommand = {
  doc: 'the daemon (default): one or more chargers to one MQTT broker',
  run: runDaemon,
};

/** One charger and its connection to the broker, ready to start. */
interface Connected extends OutletContext {
  readonly link: MqttJsLink;
}

/** Runs until the signal. */
async function runDaemon({ config, version, log, signal }: CommandContext): Promise<ExitCode> {
  const { values } = config;
  const started = new Date().toISOString();
  log.info(`evse-mqtt-bridge ${version}: ${config.chargers.map(({ prefix }) => prefix).join(', ')}`);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const broker = await brokerFor(values, log);
  const chargers: Connected[] = [];
  const running: Promise<void>[] = [];
  const closes: Close[] = [];
  try {
    for (const one of config.chargers) {
      const about = log.child(one.prefix);
      const options = linkOptions(one, config.chargers.length > 1, values, broker.address, about);
      chargers.push(await connected(one, values, options, { version, started, log: about }));
    }
    for (const serve of SERVERS) closes.push(await serve({ chargers, log }, values));
    for (const context of chargers) {
      for (const join of OUTLETS) closes.push(await join(context, values));
      // The farewell must be the last thing that the link says, so the charger stops first.
      const linkStop = new AbortController();
      running.push(context.link.run(linkStop.signal));
      running.push(context.charger.run(stop).finally(() => linkStop.abort()));
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

/** The parts of one charger; none of them does anything yet. */
async function connected(
  one: ChargerConfig,
  values: Values,
  options: MqttOptions,
  about: { readonly version: string; readonly started: string; readonly log: Log },
): Promise<Connected> {
  const clock = systemClock;
  const { log } = about;
  const kind = backendKind(one.values);
  const factory = backends[kind];
  const topics = factory.topics();
  const charger = new Charger({
    topics,
    backend: await factory.create(one, { topics, clock, log }),
    clock,
    log,
    policy: policyOf(values),
    mirror: one.values['charger.mirror'],
    passthrough: factory.real && one.values['charger.passthrough'],
  });
  return {
    ...about,
    prefix: one.prefix,
    name: one.name,
    charger,
    link: new MqttJsLink(options),
    clock,
    backend: kind,
    page: factory.page(one.values),
  };
}
