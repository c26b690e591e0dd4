import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import test from 'ava';
import { parse } from 'yaml';

// Every example in the documents is at least what it says it is: shell, YAML, JavaScript, JSON. scripts/first-hour runs them.

const root = resolve(import.meta.dirname, '../..');

const pages = ['docs', 'docs/de', 'examples', 'home-assistant-app'].flatMap((folder) =>
  (readdirSync(join(root, folder), { recursive: folder !== 'docs' }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

interface Example {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const examples: readonly Example[] = [
  'README.md',
  'README.de.md',
  'CONTRIBUTING.md',
  ...new Set(pages),
].flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```/gm)].map(
    ([, indent = '', language = '', text = '']) => ({
      page,
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  ),
);

const of = (language: string) => examples.filter((example) => example.language === language);

test('what the documents call YAML is YAML', (t) => {
  t.true(of('yaml').length > 5);
  for (const { page, text } of of('yaml')) t.notThrows(() => parse(text), page);
});

test('what they call JavaScript is JavaScript', (t) => {
  t.true(of('js').length > 1);
  for (const { page, text } of of('js')) t.notThrows(() => new Script(text), page);
});

test('what they call shell is shell', (t) => {
  t.true(of('sh').length > 30);
  for (const { page, text } of of('sh')) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    t.is(status, 0, `${page}: ${stderr}`);
  }
});

test('answers of the bridge that they show are JSON', (t) => {
  const lines = examples.flatMap(({ page, text }) =>
    text
      .split('\n')
      .filter((line) => /^(?:warp\/bridge\/response )?\{"topic"/.test(line))
      .map((line) => ({ page, json: line.slice(line.indexOf('{')) })),
  );
  t.true(lines.length > 5);
  for (const { page, json } of lines) t.notThrows(() => JSON.parse(json), `${page}: ${json}`);
});

test('no other language is named; mermaid and ts are for developers', (t) => {
  t.deepEqual([...new Set(examples.map(({ language }) => language))].sort(), [
    '',
    'js',
    'mermaid',
    'sh',
    'ts',
    'yaml',
  ]);
});
