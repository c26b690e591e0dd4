import { spawnSync } from 'node:child_process';
import { median, table } from './_process.js';

/**
 * What checking states costs with the checks of the rows themselves, and with two libraries that are given the same
 * rows (docs/architecture.md, Decisions). The libraries are no dependencies: `npm i --no-save valibot typebox` before
 * this bench; what is not there is left out.
 */
const candidates = ['rows', 'typebox', 'valibot'] as const;
type Candidate = (typeof candidates)[number];

interface Figures {
  readonly loadMs: number;
  readonly heapMb: number;
  readonly rssMb: number;
  readonly nsPerState: number;
  readonly bytesPerState: number;
}

const shown: readonly (readonly [keyof Figures, string, number])[] = [
  ['loadMs', 'load the rows and make the checks, ms', 1],
  ['heapMb', 'heap for that, MB', 2],
  ['rssMb', 'RSS after all states, MB', 1],
  ['nsPerState', 'check of a state, ns', 0],
  ['bytesPerState', 'garbage of it, bytes', 0],
];

/** A table of start, memory, time and garbage of each candidate, each in processes of its own, in turns. */
export async function benchCheckers(short: boolean): Promise<string> {
  const results = new Map<Candidate, Figures[]>(candidates.map((candidate) => [candidate, []]));
  for (let round = 0; round < (short ? 3 : 15); round++) {
    for (const [candidate, figures] of results) {
      const measured = inProcess(candidate, short);
      if (measured) figures.push(measured);
    }
  }
  const present = [...results].filter(([, figures]) => figures.length > 0);
  const lines = shown.map(([key, label, digits]) => [
    label,
    ...present.map(([, figures]) => median(figures.map((one) => one[key])).toFixed(digits)),
  ]);
  return table([['', ...present.map(([candidate]) => candidate)], ...lines]);
}

/** Measures in a process of its own; undefined where the library is not installed. */
function inProcess(candidate: Candidate, short: boolean): Figures | undefined {
  // Room for everything that is made meanwhile: no collection hides garbage.
  const flags = ['--expose-gc', '--max-semi-space-size=256', '--min-semi-space-size=256'];
  const program = import.meta.filename.replace('checkers.js', '_checkers-process.js');
  const { stdout, status } = spawnSync(
    process.execPath,
    [...flags, program, candidate, short ? '20000' : '200000'],
    {
      encoding: 'utf8',
    },
  );
  return status === 0 ? (JSON.parse(stdout) as Figures) : undefined;
}
