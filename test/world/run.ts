// npm run world -- --seeds 100000          that many worlds, from seed 1 on, on all processors
// npm run world -- --from 5000 --seeds 10  seeds 5000 to 5009
// npm run world -- --seed 42 --trace       one world, and all that happened in it; its hash is the same each time
// npm run world -- --faults frozen,reboot  only these faults happen; --first ends with the first seed that fails
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FAULTS } from './_faults.js';
import { type Outcome, runWorld } from './_world.js';

interface Share {
  readonly from: number;
  readonly step: number;
  readonly to: number;
  readonly faults: readonly string[] | undefined;
}

interface Found {
  readonly seed: number;
  readonly violations: readonly string[];
}

/** A world leaves much behind that is soon garbage, and makes many errors of which nobody reads where they come from. */
const FAST: readonly string[] = ['--max-semi-space-size=64', '--stack-trace-limit=0'];

/** How many failing seeds are shown in full. */
const SHOWN = 10;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    faults: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    trace: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    share: { type: 'string' },
  },
});

const faults = values.faults?.split(',').map((name) => {
  if (!FAULTS.has(name)) throw new Error(`no fault ${name}; there are ${[...FAULTS.keys()].join(', ')}`);
  return name;
});

if (values.share !== undefined) await work(JSON.parse(values.share) as Share);
else if (values.seed !== undefined) show(await runWorld({ ...world(Number(values.seed)), trace: true }));
else await all();

function world(seed: number): { seed: number; faults?: readonly string[] } {
  return faults === undefined ? { seed } : { seed, faults };
}

function show({ seed, trace, violations, lasted }: Outcome): void {
  if (values.trace) for (const line of trace) console.log(line);
  const hash = createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 16);
  console.log(`seed ${seed}: ${(lasted / 1_000).toFixed(1)} s of its time, trace ${hash}`);
  for (const violation of violations) console.log(`  ${violation}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}

/** In a process of its own: every `step`-th seed of the range. */
async function work({ from, step, to, faults: only }: Share): Promise<void> {
  for (let seed = from; seed < to; seed += step) {
    const { violations } = await runWorld(only === undefined ? { seed } : { seed, faults: only });
    if (violations.length > 0) process.send?.({ seed, violations } satisfies Found);
  }
  process.disconnect?.();
}

function tell({ seed, violations }: Found): void {
  const only = values.faults === undefined ? '' : ` --faults ${values.faults}`;
  console.log(
    `seed ${seed} fails; again with all that happened: npm run world -- --seed ${seed}${only} --trace`,
  );
  for (const violation of violations.slice(0, 3)) console.log(`  ${violation.slice(0, 300)}`);
}

async function all(): Promise<void> {
  const from = Number(values.from);
  const to = from + Number(values.seeds);
  const jobs = Math.min(Number(values.jobs), to - from);
  const begun = performance.now();
  const found: Found[] = [];
  const crashed: number[] = [];
  const children = Array.from({ length: jobs }, (_, at) => {
    const share: Share = { from: from + at, step: jobs, to, faults };
    const child = fork(fileURLToPath(import.meta.url), ['--share', JSON.stringify(share)], {
      execArgv: [...FAST],
    });
    child.on('message', (message) => {
      // Only `work` sends.
      const one = message as Found;
      found.push(one);
      if (found.length <= SHOWN) tell(one);
      if (values.first) for (const other of children) other.kill();
    });
    return child;
  });
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((done) => {
          child.on('exit', (code) => {
            if (code !== 0 && !(values.first && found.length > 0)) crashed.push(code ?? -1);
            done();
          });
        }),
    ),
  );
  const took = performance.now() - begun;
  if (found.length > SHOWN) console.log(`and ${found.length - SHOWN} more`);
  const each = (took * jobs) / (to - from);
  console.log(
    `world: ${to - from} seeds, ${found.length} failed, ${(took / 1_000).toFixed(1)} s on ${jobs} processes, ${each.toFixed(1)} ms each`,
  );
  process.exitCode = found.length > 0 || crashed.length > 0 ? 1 : 0;
}
