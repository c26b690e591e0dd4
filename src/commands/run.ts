import { type Cancel, systemClock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { Charger } from '../charger/charger.js';
import type { ChargerConfig, Config } from '../config/index.js';
import type { Values } from '../config/settings.js';
import { MqttJsLink } from '../mqtt/mqttjs-link.js';
import { logActivity } from '../outlets/activity-log.js';
import { bridge } from '../outlets/bridge/bridge.js';
import { startHealth, type Watched } from '../outlets/http/web-server.js';
import { brokerFor, linkOptions } from './wiring-broker.js';
import { backendFor, chargerKind, policyOf } from './wiring-charger.js';

/** Runs the daemon until the signal. Rejects when it can't start, or for a bug. */
export async function runDaemon(
  config: Config,
  version: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { values } = config;
  const started = new Date().toISOString();
  log.info(`evse-mqtt-bridge ${version}: ${config.chargers.map(({ prefix }) => prefix).join(', ')}`);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const broker = await brokerFor(values, log);
  const watched: Watched[] = [];
  const running: Promise<void>[] = [];
  const cancels: (() => unknown)[] = [];
  try {
    for (const one of config.chargers) {
      const about = log.child(one.prefix);
      const link = new MqttJsLink(
        linkOptions(one, config.chargers.length > 1, values, broker.address, about),
      );
      const { backend, topics, kind } = await backendFor(one, systemClock, about);
      const charger = new Charger({
        topics,
        backend,
        clock: systemClock,
        log: about,
        policy: policyOf(values),
        mirror: one.values['charger.mirror'],
        passthrough: kind === 'http' && one.values['charger.passthrough'],
      });
      cancels.push(
        bridge({
          prefix: one.prefix,
          qos: values['mqtt.qos'],
          interval: values['publish.interval'] * 1_000,
          charger,
          link,
          clock: systemClock,
          log: about,
          about: { version, backend: kind, started, ...(one.name ? { title: one.name } : {}) },
        }),
      );
      if (values['homeassistant.discovery'])
        cancels.push(await announce(one, values, version, charger, link, about));
      cancels.push(logActivity(charger, about));
      watched.push({ prefix: one.prefix, charger, link });
      // The farewell must be the last thing that the link says, so the charger stops first.
      const linkStop = new AbortController();
      running.push(link.run(linkStop.signal));
      running.push(charger.run(stop).finally(() => linkStop.abort()));
    }
    if (values['http.port'] !== undefined) {
      const health = await startHealth(values['http.host'], values['http.port'], watched);
      cancels.push(() => health.close());
      log.info(`health checks at http://${values['http.host']}:${health.port}/readyz`);
    }
    await Promise.all(running);
  } finally {
    ended.abort();
    await Promise.allSettled(running);
    for (const cancel of cancels) await cancel();
    await broker.close();
  }
}

/** Announces one charger to Home Assistant. */
async function announce(
  { prefix, name, values: own }: ChargerConfig,
  values: Values,
  version: string,
  charger: Charger,
  link: MqttJsLink,
  log: Log,
): Promise<Cancel> {
  const { discovery } = await import('../outlets/homeassistant/discovery.js');
  const url = chargerKind(own) === 'http' ? own['charger.url'] : undefined;
  return discovery({
    charger,
    prefix,
    clock: systemClock,
    log,
    up: () => link.up,
    publish: (topic, payload, retain) => link.publish({ topic, payload, retain, qos: 1 }),
    subscribe: (topic, handle) => link.subscribe(topic, handle),
    onUp: (run) => link.onUp(run),
    discoveryPrefix: values['homeassistant.prefix'],
    statusTopic: values['homeassistant.statusTopic'],
    language: values['homeassistant.language'],
    version,
    ...(name === undefined ? {} : { name }),
    ...(url === undefined ? {} : { chargerUrl: new URL(url).origin }),
  });
}
