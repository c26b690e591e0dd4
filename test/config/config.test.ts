import { writeFileSync } from 'node:fs';
import test from 'ava';
import { type Grammar, readConfig } from '../../src/config/index.js';
import { group, rows } from '../../src/config/settings.js';
import { faultsOf, fileWith, grammarOf } from './_faults.js';

test('without anything: the embedded broker, the model, prefix warp', async (t) => {
  const { values, chargers } = await readConfig([], {});
  t.is(values['mqtt.url'], undefined);
  t.is(values['mqtt.embedded.port'], 1883);
  t.is(values['mqtt.qos'], 1);
  t.is(values['mqtt.tls.rejectUnauthorized'], true);
  t.deepEqual(values['policy.writable'], ['*']);
  t.deepEqual(
    chargers.map(({ prefix }) => prefix),
    ['warp'],
  );
  t.true(Object.isFrozen(values) && Object.isFrozen(chargers[0]));
});

test('defaults < file < environment < command line', async (t) => {
  const config = fileWith('mqtt:\n  prefix: from-file\n  keepalive: 11\n  qos: 0\nlog: {level: debug}\n');
  const { values } = await readConfig(['--config', config, '--mqtt-keepalive', '33'], {
    MQTT_TOPIC_PREFIX: 'from-env',
    MQTT_KEEPALIVE: '22',
  });
  t.is(values['mqtt.keepalive'], 33_000);
  t.is(values['mqtt.prefix'], 'from-env');
  t.is(values['mqtt.qos'], 0);
  t.is(values['log.level'], 'debug');
  t.is(values['log.format'], 'auto');
});

test('the file may be JSON, and named by CONFIG_FILE', async (t) => {
  const config = fileWith('{"mqtt":{"prefix":"json"}}', 'a.json');
  t.is((await readConfig([], { CONFIG_FILE: config })).chargers[0]?.prefix, 'json');
});

test('an empty variable counts as unset, as compose files write it', async (t) => {
  const { values } = await readConfig([], { MQTT_URL: '', MQTT_PASSWORD: '', MQTT_QOS: '' });
  t.is(values['mqtt.url'], undefined);
  t.is(values['mqtt.qos'], 1);
});

test('every fault at once, each with its place, its value and what is allowed', async (t) => {
  const config = fileWith('mqtt:\n  qos: 2\n  prefx: a\ncharger:\n  pollInterval: fast\npolicy: 3\n');
  const found = await faultsOf(['--config', config, '--log-level', 'loud', '--mqtt-prot', '1', 'rum'], {
    MQTT_PORT: '5x',
    MQTT_URL: 'broker:1883',
    MQTT_TOPIC_PREFIX: 'a/#',
    READ_ONLY: 'maybe',
    MQTT_PASWORD: 'geheim',
  });
  const all = found.join('\n');
  for (const part of [
    `${config}: mqtt.qos: expected 0, 1, got "2"`,
    `${config}: mqtt.prefx: not a setting; did you mean mqtt.prefix?`,
    `${config}: charger.pollInterval: expected a time from 250ms to 60s; a number alone is in ms, got "fast"`,
    `${config}: policy: expected settings below it, got a text`,
    '--log-level: expected error, warn, info, debug, got "loud"',
    '--mqtt-prot: no such option; did you mean --mqtt-port?',
    'rum: no such command; did you mean run?',
    'MQTT_PORT: expected a whole number 1..65535, got "5x"',
    'MQTT_URL: expected a URL such as mqtt://192.168.1.10',
    'MQTT_TOPIC_PREFIX: expected a topic prefix without wildcards',
    'READ_ONLY: expected true or false, got "maybe"',
    'MQTT_PASWORD: not a setting; did you mean MQTT_PASSWORD?',
  ]) {
    t.true(all.includes(part), `${part}\n--- in:\n${all}`);
  }
  t.false(all.includes('geheim'));
});

test('MQTT_URL may name several brokers, also as a list in the file; each password is a secret', async (t) => {
  const both = ['mqtt://a:1884', 'mqtts://u:x,y@b'];
  const { values, secrets } = await readConfig([], { MQTT_URL: both.join(', ') });
  t.deepEqual(values['mqtt.url'], both);
  t.deepEqual(secrets, ['x,y']);
  const file = fileWith('mqtt: {url: ["mqtt://a:1884", "mqtts://u:x,y@b"]}');
  t.deepEqual((await readConfig(['--config', file], {})).values['mqtt.url'], both);
  const faults = await faultsOf([], { MQTT_URL: 'mqtt://a,tcp://u:hush@b,mqtt://c d,mqtt://e,f' });
  t.is(faults.length, 1);
  t.regex(
    faults[0] ?? '',
    /got "tcp:\/\/…@b \(no\. 2\), 10 characters \(no\. 3\), 10 characters \(no\. 4\)"; tcp:\/\/ is written mqtt:\/\/ \(no\. 2\)$/,
  );
  const listed = await faultsOf(['--config', fileWith('mqtt: {url: ["mqtt://a", "ssl://u:hush@b"]}')]);
  t.regex(listed.join(), /a list with "ssl:\/\/…@b \(no\. 2\)"/);
  t.false([...faults, ...listed].join().includes('hush'));
});

test('several chargers: shared settings, own settings, own prefixes', async (t) => {
  const config = fileWith(`
charger: {timeout: 9000}
chargers:
  - prefix: left
    name: Left
    charger: {url: "http://10.0.0.2", password: p1, username: u}
  - prefix: right
    model: {jumper: 3}
`);
  const { chargers, secrets } = await readConfig(['--config', config], { CHARGER_POLL_INTERVAL: '2000' });
  t.deepEqual(
    chargers.map(({ prefix, name }) => [prefix, name]),
    [
      ['left', 'Left'],
      ['right', undefined],
    ],
  );
  t.is(chargers[0]?.values['charger.url'], 'http://10.0.0.2');
  t.is(chargers[1]?.values['charger.url'], undefined);
  t.is(chargers[1]?.values['model.jumper'], 3);
  t.deepEqual(
    chargers.map(({ values }) => values['charger.timeout']),
    [9000, 9000],
  );
  t.deepEqual(
    chargers.map(({ values }) => values['charger.pollInterval']),
    [2000, 2000],
  );
  t.deepEqual(secrets, ['p1']);
});

test('faults in the list of chargers name the entry', async (t) => {
  const config = fileWith(`
chargers:
  - {prefix: a}
  - {prefix: a}
  - {charger: {url: 5}, prefix: b}
  - {prefix: "c/", modle: {}}
  - 7
  - {prefix: d, name: [x]}
`);
  const all = (await faultsOf(['--config', config])).join('\n');
  t.regex(all, /chargers\[1\]\.prefix: "a" is already the prefix of another charger/);
  t.regex(all, /chargers\[2\]: charger\.url: expected a URL/);
  t.regex(all, /chargers\[3\]\.prefix: expected a topic prefix/);
  t.regex(all, /chargers\[3\]: modle: not a setting/);
  t.regex(all, /chargers\[4\]\.prefix: is missing/);
  t.regex(all, /chargers\[5\]\.name: expected a text, got a list/);
  t.regex((await faultsOf(['--config', fileWith('chargers: []\n')])).join(), /chargers: expected a list/);
});

test('settings that contradict each other', async (t) => {
  t.regex((await faultsOf([], { BACKEND: 'http' })).join(), /CHARGER_URL .*is not set/);
  t.regex((await faultsOf([], { CHARGER_USERNAME: 'u' })).join(), /go together/);
});

test('a file that is not there, no YAML, or a list', async (t) => {
  t.regex((await faultsOf(['--config', '/nowhere.yaml'])).join(), /\/nowhere\.yaml: can't be read/);
  t.regex((await faultsOf(['--config', fileWith('a: [1,\n b')])).join(), /line 2: its indent does not match/);
  t.regex((await faultsOf(['--config', fileWith('- 1')])).join(), /expected settings by name, got a list/);
  t.deepEqual(await faultsOf(['--config', fileWith('')]), []);
});

test('an option without its value, and words too many', async (t) => {
  t.deepEqual(await faultsOf(['--mqtt-url']), ['--mqtt-url: needs a value']);
  t.deepEqual(await faultsOf(['run', 'now']), [
    'now: unexpected; options are written --name value, and a value with spaces in quotes',
  ]);
});

test('every setting reads its own default, from text as well', async (t) => {
  for (const [key, { kind, default: preset }] of rows) {
    if (preset === undefined) continue;
    const written = kind.write?.(preset) ?? preset;
    t.deepEqual(kind.read(written), preset, key);
    t.deepEqual(kind.read(Array.isArray(written) ? written.join(',') : String(written)), preset, key);
  }
});

test('an option of one command is unknown to the others', async (t) => {
  const format = { doc: '', values: ['markdown', 'json'] } as const;
  const read = async (argv: string[], options: Grammar['options']) =>
    readConfig(argv, {}, { ...(await grammarOf(argv)), options });
  t.deepEqual((await read(['topics'], { format })).options, { format: 'markdown' });
  t.deepEqual((await read(['--format', 'json', 'topics'], { format })).options, { format: 'json' });
  await t.throwsAsync(read(['topics', '--format', 'xml'], { format }), {
    message: '--format: expected markdown, json, got "xml"',
  });
  await t.throwsAsync(read(['check', '--format', 'json'], {}), { message: /--format: no such option/ });
});

test('the settings of one group go by their short names', async (t) => {
  const { values } = await readConfig([], { CHARGER_TIMEOUT: '2s' });
  const { timeout, transport } = group(values, 'charger');
  t.deepEqual([timeout, transport], [2_000, 'auto']);
  t.false('qos' in group(values, 'charger'));
});

test('the mark that some editors put before a text is no part of it', async (t) => {
  const mark = '\ufeff';
  const env = {
    MQTT_USERNAME: 'u',
    MQTT_PASSWORD_FILE: fileWith(`${mark}hush\r\n`, 'marked-password'),
  };
  for (const file of [
    fileWith(`${mark}{"mqtt":{"host":"broker"}}`, 'marked.json'),
    fileWith(`${mark}mqtt:\r\n  host: broker\r\n`, 'marked.yaml'),
  ]) {
    const { values } = await readConfig(['--config', file], env);
    t.deepEqual([values['mqtt.host'], values['mqtt.password']], ['broker', 'hush'], file);
  }
});

test('a file in another encoding is told: its umlauts would make another password', async (t) => {
  const file = fileWith('', 'latin');
  writeFileSync(file, Buffer.from('s\xe9cret', 'latin1'));
  t.regex(
    (await faultsOf([], { MQTT_PASSWORD_FILE: file })).join(),
    /MQTT_PASSWORD_FILE: can't read .*UTF-8/,
  );
  t.regex((await faultsOf(['--config', file])).join(), /can't be read: it is no text in UTF-8/);
});

const yamls: readonly [text: string, fault: RegExp][] = [
  ['mqtt:\n  host: x\n   port: 3\n', /line 2: the line below is indented too far/],
  ['mqtt:\n\thost: x\n', /line 2: a tab stands in its indent/],
  ['mqtt:\n  host: a\n  host: b\n', /line 3: this name stands here already/],
  ['mqtt:\n  password: "x\n', /line 3: a quote.* is missing/],
  ['mqtt:\n  password: !x y\n', /line 2: a value that begins with ! needs quotes/],
  ['mqtt:\n  password: *x\n', /a value that begins with \* needs quotes/],
  [
    `a0: &a0 [x]\n${[1, 2, 3, 4].map((n) => `a${n}: &a${n} [${Array(9).fill(`*a${n - 1}`)}]`).join('\n')}\nmqtt: *a4\n`,
    /is an alias for too many values/,
  ],
];

for (const [text, fault] of yamls) {
  test(`YAML told in words: ${JSON.stringify(text)}`, async (t) => {
    const found = await faultsOf(['--config', fileWith(text)]);
    t.is(found.length, 1);
    t.regex(found[0] ?? '', fault);
  });
}

test('settings of which one needs the other', async (t) => {
  for (const [one, other, value] of [
    ['HTTP_USERNAME', 'HTTP_PASSWORD', 'x'],
    ['SIMULATE_PASSWORD', 'SIMULATE_USERNAME', 'x'],
    ['CHARGER_USERNAME', 'CHARGER_PASSWORD', 'x'],
  ] as const) {
    const found = (await faultsOf([], { [one]: value })).join();
    t.true(found.includes(one) && found.includes(other) && found.includes('go together'), found);
  }
  const [alone, ...more] = await faultsOf([], { MQTT_PASSWORD: 'x', MQTT_URL: 'mqtt://a,mqtt://me@b' });
  t.is(alone, 'MQTT_PASSWORD is set, but MQTT_USERNAME is not');
  t.deepEqual(more, []);
  const named = await readConfig([], { MQTT_PASSWORD: 'x', MQTT_URL: 'mqtt://me@b' });
  t.is(named.values['mqtt.password'], 'x', 'the name may stand in the URL');
});

test('two models with one memory', async (t) => {
  const state = fileWith('{}', 'state.json');
  const file = fileWith(`model: {stateFile: "${state}"}\nchargers: [{prefix: a}, {prefix: b}]\n`);
  t.deepEqual(await faultsOf(['--config', file]), [
    'b: MODEL_STATE_FILE is also that of a: each model needs a file of its own',
  ]);
});

test('an option that every entry overrules is told', async (t) => {
  const file = fileWith('chargers: [{prefix: a, charger: {url: "http://a"}}, {prefix: b}]\n');
  const argv = ['--config', file, '--charger-url', 'http://c', '--charger-timeout', '2s'];
  const { notes, chargers } = await readConfig(argv, {});
  t.deepEqual(notes, [
    "--charger-url has no effect on a: charger.url is set there in the charger's own entry",
  ]);
  t.deepEqual(
    chargers.map(({ values }) => values['charger.url']),
    ['http://a', 'http://c'],
  );
});
