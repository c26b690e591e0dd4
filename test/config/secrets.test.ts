import test from 'ava';
import { readConfig } from '../../src/config/index.js';
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

test('secrets come from files too, lose the final newline, and are known as secrets', async (t) => {
  const secret = fileWith('s3cret\n', 'password');
  const { values, secrets } = await readConfig([], { MQTT_PASSWORD_FILE: secret, MQTT_USERNAME: 'u' });
  t.is(values['mqtt.password'], 's3cret');
  t.deepEqual(secrets, ['s3cret']);
  const config = fileWith(`mqtt:\n  username: u\n  passwordFile: ${secret}\n`);
  t.is((await readConfig(['--config', config], {})).values['mqtt.password'], 's3cret');
  t.regex(
    (await faultsOf([], { MQTT_PASSWORD_FILE: '/nowhere/x' })).join(),
    /MQTT_PASSWORD_FILE: can't read \/nowhere\/x/,
  );
});

test('passwords inside URLs are secrets', async (t) => {
  const { secrets } = await readConfig([], {
    MQTT_URL: 'mqtt://u:a%2Fb@h',
    CHARGER_URL: 'http://w:xyz@10.0.0.9',
  });
  t.deepEqual([...secrets].sort(), ['a%2Fb', 'a/b', 'xyz'], 'as written, and decoded');
});

test('a faulty URL is told without its login, and a lone % in it is a fault, not a crash', async (t) => {
  const all = (await faultsOf([], { MQTT_URL: 'mqt://u:hush@h', CHARGER_URL: 'http://u:50%hush@h/' })).join(
    '\n',
  );
  t.regex(all, /MQTT_URL: expected a URL .* got "mqt:\/\/…@h"/);
  t.regex(all, /CHARGER_URL: expected a URL .*% is written %25/);
  t.false(all.includes('hush'));
});

test('a login in a URL has no control characters, as none in a setting of its own', async (t) => {
  for (const login of ['an%0Ana:pw', 'anna%0A:pw', 'anna:p%00w', 'an%7Fna']) {
    const all = await faultsOf([], { CHARGER_URL: `http://${login}@h/` });
    t.regex(all.join(), /CHARGER_URL: expected a URL/, login);
  }
  t.deepEqual(await faultsOf([], { CHARGER_URL: 'http://J%C3%BCrgen:p%20w@h/' }), []);
});

test('a line feed at the end of a name or a password does not belong to it; one inside is a fault', async (t) => {
  const file = fileWith('charger:\n  username: |\n    admin\n  password: |\n    pw1\n');
  const { values } = await readConfig(['--config', file], {
    MQTT_USERNAME: 'bob\r\n',
    MQTT_PASSWORD: 'pw2\n',
  });
  t.deepEqual(
    [
      values['charger.username'],
      values['charger.password'],
      values['mqtt.username'],
      values['mqtt.password'],
    ],
    ['admin', 'pw1', 'bob', 'pw2'],
  );
  t.regex(
    (await faultsOf([], { MQTT_USERNAME: 'a\nb' })).join(),
    /MQTT_USERNAME: expected a text in one line/,
  );
});

test('a password of digits stays as it is written in YAML', async (t) => {
  const { values } = await readConfig(['--config', fileWith('mqtt: {username: 1e5, password: 0123}\n')], {});
  t.deepEqual([values['mqtt.username'], values['mqtt.password']], ['1e5', '0123']);
});
