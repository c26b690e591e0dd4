import { writeFileSync } from 'node:fs';
import test from 'ava';
import { type Grammar, readConfig } from '../../src/config/index.js';
import { group, rows, settings } from '../../src/config/settings.js';
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

const flags: readonly [text: string, value: boolean][] = [
  ['true', true],
  ['TRUE', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
];

for (const [text, value] of flags) {
  test(`READ_ONLY=${text} is ${value}`, async (t) => {
    t.is((await readConfig([], { READ_ONLY: text })).values['policy.readOnly'], value);
  });
}

test('a flag on the command line needs no value, and takes one', async (t) => {
  t.true((await readConfig(['--read-only'], {})).values['policy.readOnly']);
  t.false((await readConfig(['--read-only=false'], { READ_ONLY: 'true' })).values['policy.readOnly']);
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
  t.regex(all, /chargers\[1\]\.prefix: "a" is another charger's already/);
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

const spans: readonly [text: string, ms: number | undefined][] = [
  ['500ms', 500],
  ['1s', 1_000],
  ['0.5 s', 500],
  ['1m', 60_000],
  ['750', 750],
  ['200', undefined],
  ['2m', undefined],
  ['1 hour', undefined],
  ['-1s', undefined],
  ['1e3', undefined],
  ['', undefined],
];

for (const [text, ms] of spans) {
  test(`a time in ms: "${text}" is ${ms}`, (t) => {
    t.is(settings['charger.pollInterval'].kind.read(text), ms);
  });
}

test('a number alone is in the unit that the setting names', async (t) => {
  const env = { FLASH_INTERVAL: '1h', CHARGER_TIMEOUT: '2000' };
  const { values } = await readConfig([], env);
  t.is(values['policy.flashInterval'], 3_600_000);
  t.is(values['charger.timeout'], 2_000);
});

const low = { topics: 'evse/low_level_state', ms: 1_000 };
const meter = { topics: 'meter/*', ms: 5_000 };
const meters = { topics: 'meters/*/values', ms: 5_000 };
const publishIntervals: readonly (readonly [raw: unknown, rules: unknown])[] = [
  ['0.5', [{ ...low, ms: 500 }, meter, meters]],
  [2, [{ ...low, ms: 2_000 }, meter, meters]],
  ['meter/*=0', [{ ...meter, ms: 0 }, low, meters]],
  [' ev/*=1m , meter/*=10', [{ topics: 'ev/*', ms: 60_000 }, { ...meter, ms: 10_000 }, low, meters]],
  [
    { 'meter/*': '10s', 'wifi/state': 60 },
    [{ ...meter, ms: 10_000 }, { topics: 'wifi/state', ms: 60_000 }, low, meters],
  ],
  ['meter/*', undefined],
  ['meter/*=', undefined],
  ['=5', undefined],
  ['meter/*=5=6', undefined],
  ['meter/*=2h', undefined],
  [['meter/*=5'], undefined],
  [{ 'meter/*': null }, undefined],
];

for (const [raw, rules] of publishIntervals) {
  test(`intervals of publishing: ${JSON.stringify(raw)}`, (t) => {
    t.deepEqual(settings['publish.interval'].kind.read(raw) as unknown, rules);
  });
}

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
  ['MQTT_HOST', 'mqtt://broker', /a URL goes into the setting for one$/],
  ['MQTT_HOST', 'broker:1883', /without port, got "broker:1883"$/],
  ['MQTT_CA_FILE', '-----BEGIN CERTIFICATE----- x', /put it in a file and name that$/],
];

for (const [name, value, hint] of hints) {
  test(`a hint: ${name}=${value}`, async (t) => {
    t.regex((await faultsOf([], { [name]: value })).join(), hint);
  });
}

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
    /stands for too many others/,
  ],
];

for (const [text, fault] of yamls) {
  test(`YAML told in words: ${JSON.stringify(text)}`, async (t) => {
    const found = await faultsOf(['--config', fileWith(text)]);
    t.is(found.length, 1);
    t.regex(found[0] ?? '', fault);
  });
}

test('levels may be written in capitals', async (t) => {
  t.is((await readConfig([], { LOG_LEVEL: 'DEBUG' })).values['log.level'], 'debug');
});

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
    'b: MODEL_STATE_FILE is that of a too: each model needs its own',
  ]);
});

test('a share may be a percentage', (t) => {
  const { kind } = settings['http.readyShare'];
  t.deepEqual(['0.9', '90%', 1, '0', '1.1', '-1', 'x'].map(kind.read), [
    0.9,
    0.9,
    1,
    0,
    undefined,
    undefined,
    undefined,
  ]);
});

test('an option that every entry overrules is told', async (t) => {
  const file = fileWith('chargers: [{prefix: a, charger: {url: "http://a"}}, {prefix: b}]\n');
  const argv = ['--config', file, '--charger-url', 'http://c', '--charger-timeout', '2s'];
  const { notes, chargers } = await readConfig(argv, {});
  t.deepEqual(notes, ['--charger-url has no effect on a: the file has a charger.url of its own there']);
  t.deepEqual(
    chargers.map(({ values }) => values['charger.url']),
    ['http://a', 'http://c'],
  );
});

test('names of hosts are names alone: nothing else is ever compared with them', async (t) => {
  const { values } = await readConfig([], { HTTP_ALLOWED_HOSTS: 'charger.example, wallbox' });
  t.deepEqual(values['http.allowedHosts'], ['charger.example', 'wallbox']);
  for (const wrong of ['https://charger.example', 'charger.example:8092', 'a b'])
    t.regex(
      (await faultsOf([], { HTTP_ALLOWED_HOSTS: wrong })).join(),
      /HTTP_ALLOWED_HOSTS: expected .*without port, got/,
    );
});
