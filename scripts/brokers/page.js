// The generated parts of docs/brokers.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(import.meta.dirname, '../../docs/brokers.md');

/** A table of Markdown: the first row is its head. */
export function tableOf([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** The rows of the table between the marks `name`, without its head. */
export function readTable(name) {
  const [, rest = ''] = readFileSync(file, 'utf8').split(`<!-- ${name} -->\n`);
  const [inside] = rest.split(`<!-- /${name} -->`);
  const lines = inside.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Writes `lines` between the marks `name` of the page. */
export function writePart(name, lines) {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`];
  const [before, rest = ''] = readFileSync(file, 'utf8').split(begin);
  const [, after = ''] = rest.split(end);
  writeFileSync(file, `${before}${begin}${lines.join('\n')}\n${end}${after}`);
}
