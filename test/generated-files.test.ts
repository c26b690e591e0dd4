import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse, stringify } from 'yaml';
import { codeReference } from '../src/commands/code-reference.js';
import { exitCodes } from '../src/commands/exit-codes.js';
import { markdown } from '../src/commands/topics.js';
import { readConfig } from '../src/config/index.js';
import { rows } from '../src/config/settings.js';
import { allTopics } from '../src/topics/index.js';

const root = resolve(import.meta.dirname, '../..');

/** Compares a file made from the program with what it should be now; `UPDATE=1 npm test` writes it anew. */
function isCurrent(t: ExecutionContext, file: string, wanted: string): void {
  const path = resolve(root, file);
  if (process.env.UPDATE === '1') writeFileSync(path, wanted);
  const found = existsSync(path) ? readFileSync(path, 'utf8') : '';
  t.true(found === wanted, `${file} is stale: write it anew with UPDATE=1 npm test`);
}

/** config/example.yaml: every setting with its default, its variable and what it does. */
function example(): string {
  const lines = [
    '# Every setting of evse-mqtt-bridge with its default; those without one are commented out.',
    '# Order: defaults, this file, environment (the name in brackets), command line (--mqtt-url for MQTT_URL).',
    '# Use it with CONFIG_FILE or --config. A secret can come from a file: passwordFile, MQTT_PASSWORD_FILE.',
  ];
  let open: string[] = [];
  for (const [key, { env, kind, default: preset, doc, secret }] of rows) {
    const rooms = key.split('.');
    const name = rooms.pop() ?? '';
    rooms.forEach((room, depth) => {
      if (open[depth] === room) return;
      if (depth === 0) lines.push('');
      lines.push(`${'  '.repeat(depth)}${room}:`);
      open = [...open.slice(0, depth), room];
    });
    open = open.slice(0, rooms.length);
    const indent = '  '.repeat(rooms.length);
    lines.push(`${indent}# ${doc} [${env}${secret ? `, ${env}_FILE` : ''}] ${kind.words}`);
    if (preset === undefined) lines.push(`${indent}# ${name}:`);
    else {
      const written = kind.write?.(preset) ?? preset;
      lines.push(`${indent}${name}: ${stringify(written, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

test('config/example.yaml has every setting', (t) => isCurrent(t, 'config/example.yaml', example()));

test('config/example.yaml says what is so without it', async (t) => {
  const plain = await readConfig([], {});
  const file = resolve(root, 'config/example.yaml');
  t.deepEqual(await readConfig(['--config', file], {}), plain);
  t.true(Object.keys(parse(readFileSync(file, 'utf8'))).length > 5);
});

test('config/garage.yaml is a configuration of two chargers', async (t) => {
  const { chargers } = await readConfig(['--config', resolve(root, 'config/garage.yaml')], {});
  t.deepEqual(
    chargers.map(({ prefix }) => prefix),
    ['garage/left', 'garage/right'],
  );
});

test('docs/topics.md is what `topics` prints', (t) =>
  isCurrent(t, 'docs/topics.md', `${markdown(allTopics())}\n`));

test('docs/codes.md is what `topics --format codes` prints', (t) =>
  isCurrent(t, 'docs/codes.md', `${codeReference(allTopics())}\n`));

test('the exit codes of the reference are those of the program', (t) => {
  const source = readFileSync(resolve(root, 'src/main.ts'), 'utf8');
  t.regex(source, /EX_CONFIG = 78;/);
  t.deepEqual(Object.keys(exitCodes), ['0', '1', '78']);
});
