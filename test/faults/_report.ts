import { spawnSync } from 'node:child_process';
import { FAULTS } from '../world/_faults.js';
import type { FaultCase, Result } from './_case.js';
import { faultGroups } from './_groups.js';

export interface Outcome {
  readonly done: FaultCase;
  readonly result: Result | undefined;
  readonly failure: string | undefined;
}

/** The part of the page about the simulated world begins with this line; it is made apart. */
const WORLD = '## A simulated world';

const seconds = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms / 1_000).toFixed(1)} s`);

/** Ports are others in each run. */
const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1');

function row({ done, result, failure }: Outcome): string {
  const happened = failure === undefined ? (result?.happened ?? '') : `**${failure.slice(0, 300)}**`;
  return `| ${cell(done.fault)} | ${cell(happened)} | ${seconds(result?.recovery)} | \`${done.name}\` |`;
}

/**
 * The page about reliability, from the outcomes of a run. Faults that were not in it keep the row that they have in
 * `before`; so does what stands below the tables.
 */
export function report(outcomes: readonly Outcome[], before: string): string {
  const version = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' }).stdout ?? '';
  const mosquitto = /version ([\d.]+)/.exec(version)?.[1];
  const kept = before.split('\n');
  const rowOf = (one: FaultCase) => {
    const outcome = outcomes.find(({ done }) => done === one);
    return outcome ? row(outcome) : kept.find((line) => line.endsWith(`| \`${one.name}\` |`));
  };
  const tables = faultGroups.map(([title, cases]) =>
    [
      `### ${title}`,
      '',
      '| fault | what happened | recovery | name |',
      '|---|---|---|---|',
      ...cases.flatMap((one) => rowOf(one) ?? []),
    ].join('\n'),
  );
  return `${HEAD}
## Faults on real parts

This page is written by \`npm run test:faults -- --write\`: the program as it ships, Mosquitto ${mosquitto ?? ''}, the simulated charger, TCP
proxies between them and servers of arbitrary bytes, Node ${process.versions.node}. One fault is repeated with
\`npm run test:faults -- --only <name>\`. \`npm run test:faults -- --short\` runs those that take seconds, as
\`.ci/run\` does.

*Recovery* is the time from the end of the fault until a fresh subscriber sees that every retained topic is what the charger itself
answers, and both \`bridge/state\` and \`bridge/charger\` are \`online\`. *A write is told* what comes on its response topic.

${tables.join('\n\n')}

${before.includes(WORLD) ? belowTables(before) : world()}`;
}

/** What a page has below its last table of faults, without the blank lines before it. */
function belowTables(page: string): string {
  const end = page.lastIndexOf(' |\n', page.indexOf(WORLD));
  return page.slice(end + ' |\n'.length).trimStart();
}

const HEAD = `# Reliability

The program stands between a charger and those who control it. It must be right, or say that it does not know. Three kinds of tests look
for cases in which it does neither:

* faults on real parts, each with the time until all is right again;
* a simulated world, in which the whole program meets faults at moments that nobody thought of;
* inputs made by chance, and tests of each part (\`npm test\`).
`;

function world(): string {
  return `${WORLD}

\`test/world\` runs the whole program, from the charger's frames to the broker's packets, on one clock and one seed. Nothing in it waits for
the machine's clock, and everything that happens by chance comes from the seed. It is put together as the daemon does it
(\`src/commands/charger-run.ts\`), over node:http, ws and MQTT.js, with sockets in memory.

* **The charger** is the model behind the rules of the real firmware: a dump in frames that loses what changes meanwhile, changes once a
  second, pings, a start that takes its time, another power cycle of the controller.
* **The broker** speaks real packets (mqtt-packet). It has limits, access rules, retained messages, last wills, and clients that take over.
* **Two networks** delay, cut, halve and freeze what they carry, and do not let new connections through.
* **Users** write what is allowed and what is not, leave retained messages, and publish on topics that are not theirs.

After every second, and at rest 15 s after the last fault, it must hold:

1. What is retained under \`online\` is what the charger is, or was less than 15 s ago. At rest everything is \`online\` and true.
2. Where the charger's truth can't be known for 15 s, the broker says \`offline\`.
3. Nothing is carried out that was refused, expired, superseded or retained, and nothing twice.
4. Every answer is true: what was answered \`ok\` has reached the charger, what was refused never does. Every write gets its answer.
5. Limits are kept: packets, acknowledgements, quality of service, the version of MQTT, connections, timers, lines in the log.
6. After SIGTERM, at whatever moment, it ends, says \`offline\`, and leaves no timer and no connection.

| command | does |
|---|---|
| \`npm run world -- --seeds 100000\` | that many worlds, on all processors; says which seeds fail |
| \`npm run world -- --seed 42 --trace\` | one world, with all that happened in it; the same each time |
| \`npm run world -- --faults reboot,frozen --seeds 1000\` | only these faults |

Faults by name: ${[...FAULTS.keys()].map((name) => `\`${name}\``).join(', ')}.
`;
}
