import test from 'ava';
import { readConfig } from '../../src/config/index.js';
import { settings } from '../../src/config/settings.js';
import { faultsOf } from './_faults.js';

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

test('levels may be written in capitals', async (t) => {
  t.is((await readConfig([], { LOG_LEVEL: 'DEBUG' })).values['log.level'], 'debug');
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

test('names of hosts are names alone: nothing else is ever compared with them', async (t) => {
  const { values } = await readConfig([], { HTTP_ALLOWED_HOSTS: 'charger.example, wallbox' });
  t.deepEqual(values['http.allowedHosts'], ['charger.example', 'wallbox']);
  for (const wrong of ['https://charger.example', 'charger.example:8092', 'a b'])
    t.regex(
      (await faultsOf([], { HTTP_ALLOWED_HOSTS: wrong })).join(),
      /HTTP_ALLOWED_HOSTS: expected .*without port, got/,
    );
});
