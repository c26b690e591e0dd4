import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { faultGroups } from './_groups.js';
import { report } from './_report.js';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/reliability.md'), 'utf8');

// The page is written by `npm run test:faults -- --write`.

for (const [title, cases] of faultGroups) {
  test(`docs/reliability.md has every fault of the group ${title}, and no other`, (t) => {
    const [, after = ''] = page.split(`### ${title}\n`);
    const rows = (after.split('\n#')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
    const named = rows.slice(1).map((row) => /`([^`]+)` \|$/.exec(row)?.[1]);
    t.deepEqual(
      named,
      cases.map(({ name }) => name),
    );
  });
}

test('a run keeps the rows of faults that were not in it, and what stands below the tables', (t) => {
  const tables = (text: string) => text.slice(text.indexOf('### '));
  t.is(tables(report([], page)), tables(page));
});
