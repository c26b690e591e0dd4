import type { Chance } from '../base/backoff.js';
import { systemClock } from '../base/clock.js';
import { hostAndPort, isLoopback } from '../base/listen.js';
import type { Log } from '../base/log.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import type { BrokerAddress } from '../mqtt/known-broker.js';
import type { MqttOptions } from '../mqtt/mqtt-options.js';
import { instanceOf } from '../mqtt/roll-call.js';
import { tlsFiles } from './tls-files.js';

/** The address of the broker, and of further ones. */
export type Address = BrokerAddress & {
  /** Set if the broker is known to speak only MQTT 3.1.1. */
  readonly protocolVersion?: 4;
  readonly others?: readonly BrokerAddress[];
};

/** The broker of the settings; without one, starts the embedded broker. Rejects with CannotStart if that fails. */
export async function brokerFor(
  values: Values,
  log: Log,
): Promise<{ address: Address; close(): Promise<void> }> {
  const login = loginOf(values);
  const [first, ...others] = (values['mqtt.url'] ?? []).map((url): BrokerAddress => {
    const address = { ...addressOf(url), ...login };
    const { files } = tlsFiles(values);
    const secure = address.protocol === 'mqtts' || address.protocol === 'wss';
    if (!secure && Object.keys(files).length > 0) {
      log.warn(`${address.protocol}:// is not encrypted: MQTT_CA_FILE and the like have no effect`);
    }
    return { ...address, ...(secure ? files : {}) };
  });
  if (first) return { address: { ...first, others }, close: async () => {} };
  const host = values['mqtt.host'];
  if (host !== undefined) {
    return {
      address: { protocol: 'mqtt', host, port: values['mqtt.port'], ...login },
      close: async () => {},
    };
  }
  const { startBroker } = await import('../mqtt/embedded-broker.js');
  const listen = { host: values['mqtt.embedded.host'], port: values['mqtt.embedded.port'] };
  const broker = await startBroker({ ...listen, ...login });
  log.info(
    `MQTT_URL is not set: embedded broker on mqtt://${hostAndPort(listen.host, broker.port)}, for this machine and for trying things out`,
  );
  if (!login.password && !isLoopback(listen.host)) {
    log.warn(
      `anybody who reaches ${hostAndPort(listen.host, broker.port)} can control the charger: set MQTT_USERNAME and MQTT_PASSWORD`,
    );
  }
  return { address: embeddedAddress(values), close: () => broker.close() };
}

/** The address of the embedded broker for clients on this machine. */
export function embeddedAddress(values: Values): Address {
  const { 'mqtt.embedded.host': host, 'mqtt.embedded.port': port } = values;
  const loopback = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { protocol: 'mqtt', host: loopback, port, protocolVersion: 4, ...loginOf(values) };
}

function loginOf(values: Values): Pick<Address, 'username' | 'password'> {
  const username = values['mqtt.username'];
  const password = values['mqtt.password'];
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;

function addressOf(url: string): BrokerAddress {
  const { protocol, hostname, port, pathname, search, username, password } = new URL(url);
  // The kind of MQTT_URL takes no other scheme.
  const scheme = protocol.slice(0, -1) as keyof typeof DEFAULT_PORTS;
  return {
    protocol: scheme,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? DEFAULT_PORTS[scheme] : Number(port),
    ...(scheme.startsWith('ws') ? { path: `${pathname}${search}` } : {}),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

/** The options of one charger's link to the broker. `several`: each client id must contain the prefix. */
export function linkOptions(
  one: ChargerConfig,
  several: boolean,
  values: Values,
  address: Address,
  log: Log,
  chance: Chance = Math.random,
): MqttOptions {
  const suffix = one.prefix.replaceAll('/', '-');
  const own = values['mqtt.clientId'];
  const isEmbedded = values['mqtt.url'] === undefined && values['mqtt.host'] === undefined;
  return {
    protocolVersion: values['mqtt.protocolVersion'],
    ...address,
    clientId: own === undefined ? `evse-mqtt-bridge-${suffix}` : several ? `${own}-${suffix}` : own,
    qos: values['mqtt.qos'],
    keepalive: Math.round(values['mqtt.keepalive'] / 1_000),
    rejectUnauthorized: values['mqtt.tls.rejectUnauthorized'],
    will: { topic: `${one.prefix}/bridge/state`, payload: 'offline', retain: true, qos: 1 },
    clock: systemClock,
    log,
    chance,
    // The embedded broker belongs to this process, so no other instance works there.
    ...(isEmbedded ? {} : { instance: instanceOf(one.prefix, own !== undefined, chance) }),
  };
}
