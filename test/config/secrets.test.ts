import test from 'ava';
import { faultsOf, fileWith } from './_faults.js';

// Slips by which a login comes to stand where it does not belong. Each is a fault that is told, and none tells the login.

const PW = 'Hunter2Sec';
const KEY = `-----BEGIN PRIVATE KEY-----\n${PW}\n-----END PRIVATE KEY-----`;

interface Slip {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly yaml?: string;
  readonly json?: string;
}

const slips: readonly Slip[] = [
  { env: { CHARGER_URL: `bob:${PW}@192.168.1.2` } },
  { env: { CHARGER_URL: `http:/bob:${PW}@h:x` } },
  { env: { CHARGER_URL: `http//bob:${PW}@h` } },
  { env: { CHARGER_URL: `http://bob:${PW}` } },
  { env: { CHARGER_URL: `http://bob:${PW}%@h` } },
  { env: { CHARGER_URL: `http://bob:${PW}/x@h` } },
  { env: { CHARGER_URL: `http://bob ${PW}@h` } },
  { env: { CHARGER_URL: `mqtt://bob:${PW}@h` } },
  { env: { MQTT_URL: `mqtt:/bob:${PW}@h:x` } },
  { env: { MQTT_URL: `tcp://bob:${PW}@h` } },
  { env: { MQTT_URL: `bob:${PW}@h:1883` } },
  { env: { MQTT_URL: `mqtt://bob:${PW}` } },
  { env: { MQTT_URL: PW } },
  { env: { MQTT_HOST: `bob:${PW}@host` } },
  { env: { MQTT_HOST: `mqtt://bob:${PW}@host` } },
  { env: { HTTP_HOST: `mqtt://u:%zz${PW}@h` } },
  { env: { SIMULATE_HOST: `bob:${PW}@h` } },
  { env: { MQTT_EMBEDDED_HOST: `bob:${PW}@h` } },
  { env: { MQTT_PORT: PW } },
  { env: { HTTP_TRUSTED_PROXIES: PW } },
  { env: { HTTP_TRUSTED_PROXIES: `bob:${PW}` } },
  { env: { MQTT_QOS: PW } },
  { env: { READ_ONLY: PW } },
  { env: { CHARGER_TIMEOUT: PW } },
  { env: { LOG_LEVEL: PW } },
  { env: { HTTP_READY_SHARE: PW } },
  { env: { MQTT_TOPIC_PREFIX: `mqtt://bob:${PW}@h` } },
  { env: { MQTT_USERNAME: `bob\n${PW}` } },
  { env: { MQTT_PASSWORD: `${PW}\n${PW}` } },
  { env: { CHARGER_USERNAME: `bob:${PW}`, CHARGER_PASSWORD: PW } },
  { env: { CHARGER_PASSWORD: PW } },
  { env: { MQTT_PASSWORD_FILE: PW } },
  { env: { MQTT_PASSWORD_FILE: `mqtt://bob:${PW}@h` } },
  { env: { CONFIG_FILE: `mqtt://bob:${PW}@h` } },
  { env: { CONFIG_FILE: PW } },
  { env: { MQTT_PASWORD: PW } },
  { env: { MQTT_KEY_FILE: KEY, MQTT_CERT_FILE: '/nowhere/x.pem' } },
  { env: { MQTT_KEY_FILE: KEY.replaceAll('\n', ' '), MQTT_CERT_FILE: '/nowhere/x.pem' } },
  { env: { MQTT_CA_FILE: PW } },
  { env: { MODEL_STATE_FILE: `http://bob:${PW}@h/x` } },
  { argv: ['--mqtt-password', '--x', PW] },
  { argv: ['--mqtt-password', 'two', PW] },
  { argv: ['--mqtt-password', '--mqtt-url', PW] },
  { argv: [`-${PW}`] },
  { argv: [`--${PW}%`] },
  { argv: [`mqtt://bob:${PW}@h`] },
  { argv: ['--mqtt-url', `bob:${PW}@h`] },
  { argv: ['topics', '--format', `${PW}1`] },
  { yaml: `mqtt: mqtt://bob:${PW}@h\n` },
  { yaml: `charger: http://bob:${PW}@h\n` },
  { yaml: `mqtt: [{password: ${PW}}]\n` },
  { yaml: `mqtt:\n  port: ${PW}\n` },
  { yaml: `mqtt:\n  "${PW}:x": 1\n` },
  { yaml: `mqtt://bob:${PW}@h: 1\n` },
  { yaml: `mqtt:\n  password: *${PW}\n` },
  { yaml: `mqtt:\n  password: !${PW} x\n` },
  { yaml: `mqtt:\n  password: @${PW}\n` },
  { yaml: `mqtt:\n  password: "${PW}\n` },
  { yaml: `mqtt:\n password: ${PW}\n  qos: 1\n` },
  { yaml: `mqtt:\n  password: [${PW}]\n` },
  { yaml: `mqtt:\n  password: {${PW}: 1}\n` },
  { yaml: `- ${PW}\n` },
  { yaml: `${PW}\n` },
  { yaml: `chargers: ${PW}\n` },
  { yaml: `chargers: [{prefix: "#${PW}:"}]\n` },
  { yaml: `chargers: [{prefix: a, name: [${PW}]}]\n` },
  { yaml: `chargers: [{prefix: a, charger: ${PW}}]\n` },
  { yaml: `chargers: [{prefix: a, charger: {url: "bob:${PW}@h"}}]\n` },
  { json: `{"mqtt":{"password":${PW}}}` },
  { json: `{"mqtt":{"password":"${PW}}}` },
  { json: `{"mqtt":{"password":"${PW}",}}` },
  { json: `["${PW}"]` },
];

for (const { argv = [], env = {}, yaml, json } of slips) {
  const title = (yaml ?? json ?? `${JSON.stringify(env)} ${argv.join(' ')}`).trim();
  test(`told without the login: ${title}`, async (t) => {
    const file = yaml === undefined ? json && fileWith(json, `${title.length}.json`) : fileWith(yaml);
    const found = await faultsOf([...argv, ...(file ? ['--config', file] : [])], env);
    t.true(found.length > 0, 'it is a fault');
    t.false(found.join('\n').includes(PW), found.join('\n'));
    for (const fault of found) t.false(/\n/.test(fault), 'one line each');
  });
}
