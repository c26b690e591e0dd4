import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';

// Comments cite the pages of docs/spec as `charger-wire 4.5`. Each citation must lead somewhere.

const root = resolve(import.meta.dirname, '../..');
const spec = join(root, 'docs/spec');
const pages = readdirSync(spec)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -3));

/** The longest name first, so that `controller-model-2 5.3` is not taken for a section of `controller-model`. */
const name = [...pages].sort((a, b) => b.length - a.length).join('|');
const NUMBER = String.raw`\d+(?:\.\w+)*[a-z]?`;
const CITATION = new RegExp(
  String.raw`(?<![\w/'"-])(${name})(?:\.md)? (${NUMBER}(?:(?:, and |, | and )${NUMBER}(?!\w))*)`,
  'g',
);
const TOPIC = /\bevse-api ([a-z]\w+)/g;

/** Sections of a page by number; numbered items and rows of tables under the number of their section. */
function clausesOf(text: string): Set<string> {
  const clauses = new Set<string>();
  let section = '';
  for (const line of text.split('\n')) {
    const heading = /^#{2,} (\d+(?:\.\d+)*[a-z]?)[. ]/.exec(line)?.[1];
    if (heading !== undefined) section = heading;
    const item = /^(\d+)\. /.exec(line)?.[1] ?? /^\| (\d+|[A-Z]\d+) \|/.exec(line)?.[1];
    if (heading !== undefined) clauses.add(heading);
    else if (item !== undefined && section !== '') clauses.add(`${section}.${item}`);
  }
  return clauses;
}

const clauses = new Map(
  pages.map((page) => [page, clausesOf(readFileSync(join(spec, `${page}.md`), 'utf8'))]),
);
const publicTopics = new Set(
  [...readFileSync(join(spec, 'evse-api.md'), 'utf8').matchAll(/^\| `evse\/(\w+)` \|/gm)].map(
    (row) => row[1],
  ),
);

/** Citations in `text` that lead nowhere. Comments are joined first: a citation may go on in the next line. */
function wrongCitations(text: string): string[] {
  const joined = text.replace(/\n\s*(?:\*|\/\/) /g, ' ');
  const sections = [...joined.matchAll(CITATION)].flatMap(([, page = '', numbers = '']) =>
    numbers
      .split(/, and |, | and /)
      .filter((number) => !clauses.get(page)?.has(number))
      .map((number) => `${page} ${number}`),
  );
  const topics = [...joined.matchAll(TOPIC)]
    .filter(([, topic]) => !publicTopics.has(topic ?? ''))
    .map(([citation]) => citation);
  const nameless = [...joined.matchAll(/\(\d+\.\d+(?:, \d+\.\d+)*\)/g)]
    .filter(({ index }) => /(?:\/\/|\*)[^\n]*$/.test(joined.slice(0, index)))
    .map(([citation]) => `${citation} names no page`);
  return [...sections, ...topics, ...nameless];
}

function filesIn(folder: string): string[] {
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

const files = [...filesIn('src'), ...filesIn('test'), ...filesIn('bench')].filter(
  (file) => file !== join('test', 'citations.test.ts'),
);

test('every citation in a comment leads to a section, an item or a topic of docs/spec', (t) => {
  const texts = files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  const wrong = texts.flatMap(({ file, text }) => wrongCitations(text).map((what) => `${file}: ${what}`));
  t.deepEqual(wrong, []);
  const found = texts.flatMap(({ text }) => [...text.matchAll(CITATION)]);
  t.true(found.length > 150, `only ${found.length} citations were found`);
});

test('a wrong citation is found, a right one is not', (t) => {
  t.deepEqual(wrongCitations('/** (charger-wire 4.5, contract 4.3). */'), []);
  t.deepEqual(wrongCitations('/** (charger-wire 2.1, 6 and 7). */'), []);
  t.deepEqual(wrongCitations('/** (controller-model 13.11 and 13.17). */'), []);
  t.deepEqual(wrongCitations('/** (controller-model-2 2.10). (controller-model 17.D1) */'), []);
  t.deepEqual(
    wrongCitations('/** A contract suite; home-assistant in a path; (evse-api indicator_led). */'),
    [],
  );
  t.deepEqual(wrongCitations('/** (charger-wire 4.99). */'), ['charger-wire 4.99']);
  t.deepEqual(wrongCitations('/** (controller-model 2.10). */'), ['controller-model 2.10']);
  t.deepEqual(wrongCitations('/** (charger-wire 2.1, 6 and 77). */'), ['charger-wire 77']);
  t.deepEqual(wrongCitations('/** as in (contract\n * 4.11). */'), ['contract 4.11']);
  t.deepEqual(wrongCitations('/** (evse-api no_such_topic). */'), ['evse-api no_such_topic']);
  t.deepEqual(wrongCitations('/** the ideal circuit (8.1). */'), ['(8.1) names no page']);
});
