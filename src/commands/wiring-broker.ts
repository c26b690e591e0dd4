import { readFileSync } from 'node:fs';
import { systemClock } from '../base/clock.js';
import { BadConfiguration, messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import type { MqttOptions } from '../mqtt/mqttjs-link.js';

/** Where the broker is. */
export type Address = Pick<MqttOptions, 'protocol' | 'host' | 'port' | 'path' | 'username' | 'password'> & {
  /** What the broker is known to speak. */
  readonly protocolVersion?: 4;
};

/** The broker that the settings name, or an embedded one, started. Rejects when it can't start. */
export async function brokerFor(
  values: Values,
  log: Log,
): Promise<{ address: Address; close(): Promise<void> }> {
  const login = loginOf(values);
  const url = values['mqtt.url'];
  if (url !== undefined) return { address: { ...addressOf(url), ...login }, close: async () => {} };
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
    `MQTT_URL is not set: embedded broker on mqtt://${listen.host}:${broker.port}, for this machine and for trying things out`,
  );
  if (!login.password && !isLoopback(listen.host)) {
    log.warn(
      `anybody who reaches ${listen.host}:${broker.port} can control the charger: set MQTT_USERNAME and MQTT_PASSWORD`,
    );
  }
  const loopback = listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host === '::' ? '::1' : listen.host;
  const address: Address = {
    protocol: 'mqtt',
    host: loopback,
    port: broker.port,
    protocolVersion: 4,
    ...login,
  };
  return { address, close: () => broker.close() };
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return /^(127\.|localhost$|::1$)/.test(host);
}

function loginOf(values: Values): Pick<Address, 'username' | 'password'> {
  const username = values['mqtt.username'];
  const password = values['mqtt.password'];
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;

function addressOf(url: string): Address {
  const { protocol, hostname, port, pathname, search, username, password } = new URL(url);
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

/** How one charger's connection to the broker is made. Throws BadConfiguration for a file that can't be read. */
export function linkOptions(
  one: ChargerConfig,
  several: boolean,
  values: Values,
  address: Address,
  log: Log,
): MqttOptions {
  const ca = pem(values['mqtt.tls.caFile'], 'MQTT_CA_FILE');
  const cert = pem(values['mqtt.tls.certFile'], 'MQTT_CERT_FILE');
  const key = pem(values['mqtt.tls.keyFile'], 'MQTT_KEY_FILE');
  const suffix = one.prefix.replaceAll('/', '-');
  const own = values['mqtt.clientId'];
  return {
    protocolVersion: values['mqtt.protocolVersion'],
    ...address,
    clientId: own === undefined ? `evse-mqtt-bridge-${suffix}` : several ? `${own}-${suffix}` : own,
    keepalive: values['mqtt.keepalive'],
    rejectUnauthorized: values['mqtt.tls.rejectUnauthorized'],
    will: { topic: `${one.prefix}/bridge/state`, payload: 'offline', retain: true, qos: 1 },
    clock: systemClock,
    log,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function pem(file: string | undefined, variable: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new BadConfiguration([`${variable}: can't read ${file}: ${messageOf(error)}`]);
  }
}
