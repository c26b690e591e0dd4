// npm run test:faults                         every fault on real parts; takes about ten minutes
// npm run test:faults -- --short              those that take seconds
// npm run test:faults -- --only half-open     one, or several separated by commas
// npm run test:faults -- --write              also writes docs/reliability.md; with --only, the rows of these
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { FaultCase } from './_case.js';
import { faultGroups } from './_groups.js';
import { type Outcome, report } from './_report.js';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    jobs: { type: 'string', default: '4' },
  },
});

const only = values.only?.split(',');
if (values.write && values.short) throw new Error('the page is written from the long form');
const chosen = faultGroups
  .flatMap(([, cases]) => cases)
  .filter(({ name, short }) => (only ? only.includes(name) : !values.short || short));
if (chosen.length === 0)
  throw new Error(
    `no such fault; there are ${faultGroups.flatMap(([, c]) => c.map((one) => one.name)).join(', ')}`,
  );

const outcomes: Outcome[] = [];
await work(
  chosen.filter(({ alone }) => !alone),
  Number(values.jobs),
);
await work(
  chosen.filter(({ alone }) => alone),
  1,
);
const failed = outcomes.filter(({ failure }) => failure !== undefined);
console.log(`faults: ${outcomes.length - failed.length} passed, ${failed.length} failed`);
if (values.write) {
  const file = resolve(import.meta.dirname, '../../../docs/reliability.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, report(outcomes, before));
}
process.exit(failed.length > 0 ? 1 : 0);

async function work(cases: readonly FaultCase[], jobs: number): Promise<void> {
  const waiting = [...cases];
  const next = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) tell(await attempt(one));
  };
  await Promise.all(Array.from({ length: jobs }, next));
}

function tell(outcome: Outcome): void {
  outcomes.push(outcome);
  const { done, result, failure } = outcome;
  const recovery = result?.recovery === undefined ? '' : ` (${(result.recovery / 1_000).toFixed(1)} s)`;
  const what = `${done.name}${recovery}: ${failure ?? result?.happened}`;
  console.log(`${failure === undefined ? 'ok  ' : 'FAIL'} ${what}`);
}

async function attempt(done: FaultCase): Promise<Outcome> {
  try {
    const result = await done.run(values.short);
    const { recovery = 0 } = result;
    const late = recovery > (done.within ?? Number.POSITIVE_INFINITY);
    const failure = late ? `recovered after ${(recovery / 1_000).toFixed(1)} s` : undefined;
    return { done, result, failure };
  } catch (error) {
    return { done, result: undefined, failure: error instanceof Error ? error.message : String(error) };
  }
}
