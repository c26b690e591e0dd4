import { chargerTopics } from '../src/topics/index.js';
import { until } from '../test/_until.js';
import { type Candidate, type CandidateOptions, candidates } from './_candidates.js';
import { pause } from './_process.js';
import { openStage, stateText } from './_stage.js';
import { compare } from './bridge.js';

/** Of this size the goals speak. */
const CHARGERS = 200;

interface Round {
  readonly startMs: number;
  readonly startCpu: number;
  readonly idleCpu: number;
  readonly idle: number;
  readonly cpu: number;
  readonly loaded: number;
  readonly anonLoaded: number;
  readonly lost: number;
}

const shown: readonly [keyof Round, string][] = [
  ['startMs', 'start until all states are there, ms'],
  ['startCpu', 'CPU for that, ms'],
  ['idleCpu', 'CPU idle, ms per s'],
  ['idle', 'RSS idle, MB'],
  ['cpu', 'CPU at 3 changes/s each, ms per s'],
  ['loaded', 'RSS after that, MB'],
  ['anonLoaded', 'of which anonymous, MB'],
  ['lost', 'changes lost or folded'],
];

/** One process for many chargers, of which each changes three topics a second. Returns a table to print. */
export async function benchFleet(short: boolean, options: CandidateOptions): Promise<string> {
  const results = new Map<Candidate, Round[]>(candidates(options).map((candidate) => [candidate, []]));
  const [rounds, count] = short ? [1, 50] : [3, CHARGERS];
  for (let round = 0; round < rounds; round++) {
    for (const [candidate, figures] of results) figures.push(await measure(candidate, count, short));
  }
  return `${count} chargers, QoS 0, medians of ${rounds} round(s) in turns\n${compare(shown, results)}`;
}

async function measure(candidate: Candidate, count: number, short: boolean): Promise<Round> {
  const stage = await openStage(count);
  const seen = new Set<string>();
  const changes = new Set<string>();
  stage.home.on('message', (topic, payload) => {
    seen.add(topic);
    const marked = /"(?:allowed_charging_current|max_current|current)":1(\d{5})\b/.exec(payload.toString());
    if (marked) changes.add(`${topic} ${marked[1]}`);
  });
  await stage.home.subscribeAsync('+/evse/+', { qos: 0 });
  const subject = candidate.start(stage, 0);
  try {
    await until(() => seen.size >= 20 * count, `all states; ${seen.size} topics came`);
    const startMs = performance.now() - subject.startedAt;
    const startCpu = subject.cpu();
    // By then whatever a start leaves to be done is done: readings, documents, the collections of their garbage.
    await pause(25_000);
    const idle = await during(short ? 2_000 : 10_000, subject.cpu.bind(subject), async () => {});
    const rssIdle = subject.memory().rss;
    let told = 0;
    const cpu = await during(short ? 3_000 : 15_000, subject.cpu.bind(subject), async (past) => {
      // Evenly over the second, not all at once.
      for (const due = (past / 1_000) * 3 * count; told < due; told++) {
        const turn = Math.floor(told / count);
        stage.chargers[told % count]?.server.push(...change(turn));
      }
    });
    await until(() => changes.size >= told || performance.now() - cpu.ended > 2_000, 'all changes');
    const { rss, anon } = subject.memory();
    return {
      startMs,
      startCpu,
      idleCpu: idle.perSecond,
      idle: rssIdle,
      cpu: cpu.perSecond,
      loaded: rss,
      anonLoaded: anon,
      lost: told - changes.size,
    };
  } finally {
    await subject.end();
    await stage.close();
  }
}

/** Calls `step` with the ms that have passed, for `ms`; tells what `cpu` has grown by, per second. */
async function during(
  ms: number,
  cpu: () => number,
  step: (past: number) => Promise<void>,
): Promise<{ perSecond: number; ended: number }> {
  const [before, began] = [cpu(), performance.now()];
  for (let past = 0; past < ms; past = performance.now() - began) {
    await step(past);
    await pause(10);
  }
  const ended = performance.now();
  return { perSecond: ((cpu() - before) * 1_000) / (ended - began), ended };
}

const slots = chargerTopics().get('evse/slots')?.state?.example;

/** What changes in turn, each time to something new: the state, the slots that limit it, and the external current. */
function change(turn: number): [path: string, text: string] {
  const current = 100_000 + turn;
  if (turn % 3 === 0) return ['evse/state', stateText(current)];
  if (turn % 3 === 1)
    return ['evse/slots', JSON.stringify(slots).replace(/"max_current":\d+/, `"max_current":${current}`)];
  return ['evse/external_current', `{"current":${current}}`];
}
