import test from 'ava';
import { faultsOf, fileWith } from './_faults.js';

test('variables of others are left alone', async (t) => {
  const env = {
    HTTP_PROXY: 'http://x',
    PATH: '/bin',
    MQTT_SERVICE_HOST: '10.0.0.1',
    HOME: '/',
    NODE_ENV: 'x',
    LOGNAME: 'me',
    HOSTNAME: 'h',
    PORT: '1',
  };
  t.deepEqual(await faultsOf([], env), []);
});

test('MQTT_USER is a near-miss too', async (t) => {
  t.deepEqual(await faultsOf([], { MQTT_USER: 'x' }), [
    'MQTT_USER: not a setting; did you mean MQTT_USERNAME?',
  ]);
});

const elsewhere: readonly [name: string, ours: string][] = [
  ['CHARGER_HOST', 'CHARGER_URL'],
  ['WARP_URL', 'CHARGER_URL'],
  ['MQTT_BROKER', 'MQTT_URL'],
  ['MQTT_SERVER', 'MQTT_URL'],
  ['MQTT_URI', 'MQTT_URL'],
  ['MQTT_PASS', 'MQTT_PASSWORD'],
  ['MQTT_USER', 'MQTT_USERNAME'],
  ['MQTT_TOPIC', 'MQTT_TOPIC_PREFIX'],
  ['MQTT_PASWORD', 'MQTT_PASSWORD'],
];

for (const [name, ours] of elsewhere) {
  test(`${name} is told to be ${ours}`, async (t) => {
    t.deepEqual(await faultsOf([], { [name]: 'x' }), [`${name}: not a setting; did you mean ${ours}?`]);
    const option = `--${name.toLowerCase().replaceAll('_', '-')}`;
    const [fault] = await faultsOf([option, 'x']);
    t.is(fault, `${option}: no such option; did you mean --${ours.toLowerCase().replaceAll('_', '-')}?`);
  });
}

test('names of other programs in the file, and a name without its group', async (t) => {
  const found = await faultsOf(['--config', fileWith('mqtt: {server: a, base_topic: b, user: c}\n')]);
  for (const key of ['mqtt.url', 'mqtt.prefix', 'mqtt.username'])
    t.true(
      found.some((fault) => fault.endsWith(`did you mean ${key}?`)),
      key,
    );
  const [fault] = await faultsOf(['--config', fileWith('chargers: [{prefix: a, url: "http://h"}]\n')]);
  t.regex(fault ?? '', /chargers\[0\]: url: not a setting; did you mean charger\.url\?$/);
});

test('what Kubernetes sets for a service called mqtt is no setting', async (t) => {
  t.deepEqual(await faultsOf([], { MQTT_PORT: 'tcp://10.0.0.1:1883', HTTP_PORT: 'tcp://10.0.0.2:80' }), []);
});

const hints: readonly [name: string, value: string, hint: RegExp][] = [
  ['CHARGER_URL', '192.168.1.20', /got "192\.168\.1\.20"; did you mean http:\/\/192\.168\.1\.20\?$/],
  ['MQTT_URL', 'broker:1883', /did you mean mqtt:\/\/broker:1883\?$/],
  ['MQTT_URL', 'tcp://broker', /got "tcp:\/\/broker"; tcp:\/\/ is written mqtt:\/\/$/],
  ['MQTT_HOST', 'mqtt://broker', /write the host alone, or use a setting for URLs$/],
  ['MQTT_HOST', 'broker:1883', /without port, got "broker:1883"$/],
  ['MQTT_CA_FILE', '-----BEGIN CERTIFICATE----- x', /put it in a file and name that$/],
];

for (const [name, value, hint] of hints) {
  test(`a hint: ${name}=${value}`, async (t) => {
    t.regex((await faultsOf([], { [name]: value })).join(), hint);
  });
}
