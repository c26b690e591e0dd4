import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readConfig } from '../../src/config/index.js';
import { inShard, parseShard } from '../../src/config/shard.js';
import { faultsOf, fileWith } from './_faults.js';

// Many chargers: a folder with one file for each, and shares of them for several processes (contract 2).

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'evse-chargers-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a folder: one charger for each file, by name; other files are none', async (t) => {
  const folder = folderWith({
    'b.yaml': 'prefix: two\nname: Garage\ncharger: {url: "http://b", pollInterval: 2s}\n',
    'a.json': '{"prefix": "one", "charger": {"url": "http://a"}}',
    'README.txt': 'not a charger',
    '.hidden.yaml': 'prefix: hidden',
    'a.yaml~': 'prefix: backup',
  });
  mkdirSync(join(folder, '..data'));
  const env = { CHARGERS_DIR: folder, CHARGER_POLL_INTERVAL: '3s' };
  const { chargers, prefixes, notes } = await readConfig([], env);
  t.deepEqual(
    chargers.map(({ prefix, name, values }) => [
      prefix,
      name,
      values['charger.url'],
      values['charger.pollInterval'],
    ]),
    [
      ['one', undefined, 'http://a', 3_000],
      ['two', 'Garage', 'http://b', 2_000],
    ],
  );
  t.deepEqual(prefixes, ['one', 'two']);
  t.is(notes.length, 1);
  t.regex(notes[0] ?? '', /CHARGER_POLL_INTERVAL has no effect on two/);
});

test('the folder and the list of the file go together; a prefix only once', async (t) => {
  const folder = folderWith({ 'b.yaml': 'prefix: b\n' });
  const file = fileWith(`chargersDir: "${folder}"\nchargers: [{prefix: a}]\n`);
  const { chargers } = await readConfig(['--config', file], {});
  t.deepEqual(
    chargers.map(({ prefix }) => prefix),
    ['a', 'b'],
  );
  writeFileSync(join(folder, 'c.yaml'), 'prefix: a\n');
  const [fault] = await faultsOf(['--config', file]);
  t.regex(fault ?? '', /c\.yaml\.prefix: "a" is already the prefix of another charger, in .*chargers\[0\]/);
});

test('every fault of every file is told with the name of the file', async (t) => {
  const folder = folderWith({
    'a.yaml': 'charger: {url: "http://a"}\n',
    'b.yaml': 'prefix: b\ncharger: {ulr: "http://b"}\n',
    'c.yaml': '- prefix: c\n',
    'd.json': '{"prefix": "d"',
  });
  const faults = await faultsOf([], { CHARGERS_DIR: folder });
  t.is(faults.length, 4);
  for (const [at, pattern] of [
    /a\.yaml\.prefix: is missing/,
    /b\.yaml: charger\.ulr: not a setting; did you mean charger\.url\?/,
    /c\.yaml: expected settings by name, got a list/,
    /d\.json: is not valid JSON/,
  ].entries())
    t.true(
      faults.some((fault) => pattern.test(fault)),
      `${at} in ${faults.join('\n')}`,
    );
});

test('a folder that is missing is a fault; an empty one has no chargers yet', async (t) => {
  const folder = folderWith({});
  const { chargers, notes } = await readConfig([], { CHARGERS_DIR: folder });
  t.is(chargers.length, 0);
  t.regex(notes.join(), /no charger/);
  rmSync(folder, { recursive: true });
  t.regex((await faultsOf([], { CHARGERS_DIR: folder })).join(), /CHARGERS_DIR: can't read .*no such/);
});

test('files by symbolic links, as Kubernetes mounts them', async (t) => {
  const folder = folderWith({});
  mkdirSync(join(folder, '..2026'));
  writeFileSync(join(folder, '..2026', 'a.yaml'), 'prefix: a\n');
  symlinkSync('..2026', join(folder, '..data'));
  symlinkSync('..data/a.yaml', join(folder, 'a.yaml'));
  const { chargers } = await readConfig([], { CHARGERS_DIR: folder });
  t.deepEqual(
    chargers.map(({ prefix }) => prefix),
    ['a'],
  );
});

test('shares: written as i/n, or with the name of a pod', (t) => {
  t.deepEqual(parseShard('0/3'), { index: 0, count: 3 });
  t.deepEqual(parseShard('evse-mqtt-bridge-2/3'), { index: 2, count: 3 });
  for (const text of ['3/3', '1/0', '-1/3', '1', '1/3/5', 'a/3', '1.5/3', ''])
    t.is(parseShard(text), undefined, text);
});

test('the share of a prefix is the same everywhere and for ever', (t) => {
  // FNV-1a, 32 bits, as published: "a" is e40c292c, "foobar" is bf9cf968.
  for (const [prefix, hash] of [
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ] as const)
    for (const count of [2, 3, 10, 1_000]) t.true(inShard({ index: hash % count, count }, prefix));
});

test('each charger is in exactly one share, and the shares are about equal', async (t) => {
  const prefixes = Array.from({ length: 1_000 }, (_, at) => `site/warp${at}`);
  const sizes = [0, 0, 0, 0];
  for (const prefix of prefixes) {
    const owners = [0, 1, 2, 3].filter((index) => inShard({ index, count: 4 }, prefix));
    t.is(owners.length, 1);
    for (const index of owners) sizes[index] = (sizes[index] ?? 0) + 1;
  }
  for (const size of sizes) t.true(size > 200 && size < 300, sizes.join());
});

test('SHARD takes its share; all prefixes are known; a share of one charger is a mistake', async (t) => {
  const file = fileWith('chargers: [{prefix: a}, {prefix: b}, {prefix: c}, {prefix: d}]\n');
  const shares = await Promise.all(
    ['0/2', 'pod-1/2'].map((SHARD) => readConfig(['--config', file], { SHARD })),
  );
  t.deepEqual(shares.flatMap(({ chargers }) => chargers.map(({ prefix }) => prefix)).sort(), [
    'a',
    'b',
    'c',
    'd',
  ]);
  for (const { prefixes } of shares) t.deepEqual(prefixes, ['a', 'b', 'c', 'd']);
  t.regex((await faultsOf([], { SHARD: '0/2' })).join(), /SHARD needs a list of chargers/);
  t.regex(
    (await faultsOf(['--config', file], { SHARD: '2/2' })).join(),
    /SHARD: expected a share i\/n .*got "2\/2"/,
  );
});
