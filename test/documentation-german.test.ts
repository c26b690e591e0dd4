import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { slotLabels } from '../src/topics/current-limit.js';

// The German pages say what the English ones say: the same headings, code, figures and tables, section by section.

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** German page, English page. */
const PAIRS = [
  ['README.de.md', 'README.md'],
  ['docs/de/erste-stunde.md', 'docs/first-hour.md'],
  ['docs/de/warum-laedt-mein-auto-nicht.md', 'docs/troubleshooting.md'],
] as const;

/** Sections that are for readers of one language only: links to other pages. */
const OWN = new Set(['Documentation', 'Dokumentation']);

interface Section {
  readonly level: number;
  readonly title: string;
  /** Commands and payloads, without their comments. */
  readonly blocks: readonly string[];
  readonly spans: readonly string[];
  readonly figures: readonly string[];
  readonly rows: number;
  readonly pictures: readonly string[];
}

function sectionsOf(text: string): Section[] {
  const blocks: string[] = [];
  const plain = text.replace(/^```\w*\n([\s\S]*?)^```/gm, (_, block: string) => {
    blocks.push(block.replace(/ +#.*$/gm, ''));
    return `\n@@${blocks.length - 1}@@\n`;
  });
  return plain
    .split(/^(?=#+ )/m)
    .filter((part) => part.startsWith('#'))
    .map((part) => {
      const [head = '', ...lines] = part.split('\n');
      const body = lines.join('\n').replace(/\]\([^)]*\)/g, ']');
      const prose = body
        .replace(/`[^`]*`/g, '')
        .replace(/<[^>]*>/g, '')
        .replace(/@@\d+@@/g, '');
      return {
        level: head.indexOf(' '),
        title: head.replace(/^#+ /, ''),
        blocks: [...body.matchAll(/@@(\d+)@@/g)].map((match) => blocks[Number(match[1])] ?? ''),
        spans: [...body.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '').sort(),
        figures: (prose.match(/\d+(?:\.\d+)*/g) ?? []).sort(),
        rows: (body.match(/^\|/gm) ?? []).length,
        pictures: lines.join('\n').match(/[\w./-]+\.png/g) ?? [],
      };
    });
}

for (const [german, english] of PAIRS) {
  test(`${german} says what ${english} says`, (t) => {
    const [ours, theirs] = [sectionsOf(read(german)), sectionsOf(read(english))];
    const titles = ours.map(({ title }, at) => `${title} / ${theirs[at]?.title}`);
    t.is(ours.length, theirs.length, titles.join('\n'));
    ours.forEach(({ title, ...mine }, at) => {
      const found = theirs[at];
      if (!found || (OWN.has(title) && OWN.has(found.title))) return;
      const { title: other, ...rest } = found;
      t.deepEqual(mine, rest, `${title} / ${other}`);
    });
  });
}

test('every German page has an English one beside it in this test', (t) => {
  const pages = readdirSync(join(root, 'docs/de')).map((name) => `docs/de/${name}`);
  const paired: readonly string[] = PAIRS.map(([german]) => german);
  t.deepEqual(paired.filter((file) => file.startsWith('docs/de/')).sort(), pages.sort());
  const readme = read('README.de.md');
  for (const page of pages) t.true(readme.includes(`(${page})`), page);
});

for (const [file, language] of [
  ['docs/troubleshooting.md', 0],
  ['docs/de/warum-laedt-mein-auto-nicht.md', 1],
] as const) {
  test(`${file} calls the slots as the charger's web interface does`, (t) => {
    const labels: Readonly<Record<string, readonly string[]>> = slotLabels;
    const rows = [...read(file).matchAll(/^\| `(\w+)` \| \*([^*]+)\* \|/gm)];
    t.true(rows.length >= 10);
    for (const [, name = '', label] of rows) t.is(labels[name]?.[language], label, name);
  });
}

test('the first hour names what is on the page by its words there', (t) => {
  // Read as text: the module asks the browser for its language.
  const words = read('src/outlets/http/browser/words.ts');
  for (const name of ['plug', 'wants', 'current']) {
    const [, english, german] = new RegExp(`^  ${name}: \\['([^']*)', '([^']*)'\\]`, 'm').exec(words) ?? [];
    t.true(read('docs/first-hour.md').includes(`*${english}*`), name);
    t.true(read('docs/de/erste-stunde.md').includes(`*${german}*`), name);
  }
});
