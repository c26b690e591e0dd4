import { until } from '../test/_until.js';
import { type Candidate, type CandidateOptions, candidates } from './_candidates.js';
import { median, pause, type Subject, table } from './_process.js';
import { openStage, type Stage, stateText } from './_stage.js';

/** Changes a second in the paced part. */
const RATE = 50;

/** Changes that come in one frame in the part with bursts. */
const BURST = 30;

interface Round {
  readonly start: number;
  readonly startCpu: number;
  readonly idleCpu: number;
  readonly idle: number;
  readonly anonIdle: number;
  readonly p50: number;
  readonly cpu: number;
  readonly writeP50: number;
  readonly writeCpu: number;
  readonly burstCpu: number;
  readonly burstLost: number;
  readonly perSecond: number;
  readonly cpuSaturated: number;
  readonly loaded: number;
  readonly anonLoaded: number;
  readonly lost: number;
}

const shown: readonly [keyof Round, string][] = [
  ['start', 'process start to first retained state, ms'],
  ['startCpu', 'CPU from start to all states, ms'],
  ['idleCpu', 'CPU idle, ms per s'],
  ['p50', `charger to subscriber at ${RATE}/s, p50 ms`],
  ['cpu', `CPU per change at ${RATE}/s, ms`],
  ['writeP50', 'subscriber to charger, p50 ms'],
  ['writeCpu', 'CPU per write, ms'],
  ['burstCpu', `CPU per change in bursts of ${BURST}, µs`],
  ['burstLost', 'changes lost or folded in bursts'],
  ['perSecond', 'changes per second, as fast as they come'],
  ['cpuSaturated', 'CPU per change, as fast as they come, µs'],
  ['lost', 'changes lost or folded'],
  ['idle', 'RSS idle, MB'],
  ['anonIdle', 'of which anonymous, MB'],
  ['loaded', 'RSS after the load, MB'],
  ['anonLoaded', 'of which anonymous, MB'],
];

/** The bridge beside the smallest possible one, in turns, in one run. Returns a table to print. */
export async function benchBridge(short: boolean, options: CandidateOptions): Promise<string> {
  const rounds = short ? 1 : 3;
  const subjects = candidates(options);
  const out: string[] = [];
  for (const qos of short ? [1] : [0, 1]) {
    const results = new Map<Candidate, Round[]>(subjects.map((candidate) => [candidate, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [candidate, figures] of results) figures.push(await measure(candidate, qos, short));
    }
    out.push(`QoS ${qos}, medians of ${rounds} round(s) in turns\n${compare(shown, results)}`);
  }
  return out.join('\n\n');
}

/** A row per figure: each candidate's median, and its ratio to the first one's. */
export function compare<R extends Readonly<Record<keyof R, number>>>(
  rows: readonly (readonly [keyof R, string])[],
  results: ReadonlyMap<Candidate, readonly R[]>,
): string {
  const head = [...results.keys()].flatMap(({ name }, at) => (at === 0 ? [name] : [name, 'ratio']));
  const lines = rows.map(([key, label]) => {
    const values = [...results.values()].map((figures) => median(figures.map((one) => one[key])));
    const [base = 0] = values;
    return [
      label,
      ...values.flatMap((value, at) =>
        at === 0
          ? [value.toFixed(2)]
          : [value.toFixed(2), base > 0 && value > 0 ? (value / base).toFixed(2) : ''],
      ),
    ];
  });
  return table([['', ...head], ...lines]);
}

async function measure(candidate: Candidate, qos: number, short: boolean): Promise<Round> {
  const stage = await openStage();
  const subject = candidate.start(stage, qos);
  try {
    const start = await firstState(stage, subject);
    // Whatever reads once after a dump has done so.
    await pause(short ? 2_000 : 12_000);
    const cpu = subject.cpu();
    const began = performance.now();
    await pause(short ? 1_000 : 5_000);
    const idleCpu = ((subject.cpu() - cpu) * 1_000) / (performance.now() - began);
    const idle = subject.memory();
    const paced = await pacedChanges(stage, subject, short ? 100 : 500);
    const writes = await pacedWrites(stage, subject, short ? 50 : 200);
    const bursts = await burstsOfChanges(stage, subject, short ? 50 : 200);
    const flood = await floodOfChanges(stage, subject, short ? 20_000 : 100_000);
    const loaded = subject.memory();
    return {
      ...start,
      idleCpu,
      idle: idle.rss,
      anonIdle: idle.anon,
      ...paced,
      ...writes,
      ...bursts,
      ...flood,
      loaded: loaded.rss,
      anonLoaded: loaded.anon,
    };
  } finally {
    await subject.end();
    await stage.close();
  }
}

async function firstState(
  { home, chargers }: Stage,
  subject: Subject,
): Promise<Pick<Round, 'start' | 'startCpu'>> {
  let at = 0;
  const seen = new Set<string>();
  home.on('message', (topic) => {
    at ||= performance.now();
    seen.add(topic);
  });
  await home.subscribeAsync(`${chargers[0]?.prefix}/evse/#`, { qos: 1 });
  await until(() => seen.size >= 20, 'the first states');
  home.removeAllListeners('message');
  return { start: at - subject.startedAt, startCpu: subject.cpu() };
}

/** Calls `each` with the current of every `evse/state` that comes to the subscriber, until the result is called. */
function watchStates({ home }: Stage, each: (current: number) => void): () => void {
  const hear = (topic: string, payload: Buffer) => {
    if (topic !== 'warp/evse/state') return;
    each(Number(/"allowed_charging_current":(\d+)/.exec(payload.toString())?.[1]));
  };
  home.on('message', hear);
  return () => home.off('message', hear);
}

async function pacedChanges(
  stage: Stage,
  subject: Subject,
  count: number,
): Promise<Pick<Round, 'p50' | 'cpu'>> {
  const sent = new Map<number, number>();
  const delays = new Map<number, number>();
  const unwatch = watchStates(stage, (current) => {
    const at = sent.get(current);
    if (at !== undefined && !delays.has(current)) delays.set(current, performance.now() - at);
  });
  const cpu = subject.cpu();
  for (let current = 1; current <= count; current++) {
    sent.set(current, performance.now());
    stage.chargers[0]?.server.push('evse/state', stateText(current));
    await pause(1_000 / RATE);
  }
  await until(
    () => delays.size >= count,
    () => `all changes; ${delays.size} of ${count} came`,
  );
  unwatch();
  return { p50: median([...delays.values()]), cpu: (subject.cpu() - cpu) / count };
}

/** Writes whose effect the charger pushes a moment later, as a charger does. */
async function pacedWrites(
  { home, chargers }: Stage,
  subject: Subject,
  count: number,
): Promise<Pick<Round, 'writeP50' | 'writeCpu'>> {
  const delays: number[] = [];
  let sent = 0;
  const [charger] = chargers;
  if (!charger) throw new Error('no charger');
  charger.server.onWrite = (_, body) => {
    delays.push(performance.now() - sent);
    const current = Number(/\d+/.exec(body)?.[0]);
    charger.server.push('evse/external_current', `{"current":${current}}`);
  };
  const cpu = subject.cpu();
  for (let at = 1; at <= count; at++) {
    sent = performance.now();
    home.publish('warp/evse/external_current_update', String(6000 + at), { qos: 0 });
    await until(() => delays.length >= at, 'the write');
    await pause(5);
  }
  return { writeP50: median(delays), writeCpu: (subject.cpu() - cpu) / count };
}

/** Several changes of the same topic in one frame: each of them is to arrive while the broker keeps up. */
async function burstsOfChanges(
  stage: Stage,
  subject: Subject,
  count: number,
): Promise<Pick<Round, 'burstCpu' | 'burstLost'>> {
  const seen = new Set<number>();
  const unwatch = watchStates(stage, (current) => seen.add(current));
  const cpu = subject.cpu();
  for (let burst = 1; burst <= count; burst++) {
    const changes = Array.from(
      { length: BURST },
      (_, at) => ['evse/state', stateText(10_000 + burst * BURST + at)] as const,
    );
    stage.chargers[0]?.server.pushAll(changes);
    await pause(20);
  }
  await until(() => seen.has(10_000 + count * BURST + BURST - 1), 'the last change of the last burst');
  unwatch();
  const all = count * BURST;
  const arrived = [...seen].filter((current) => current >= 10_000 + BURST).length;
  return { burstCpu: ((subject.cpu() - cpu) / all) * 1_000, burstLost: all - arrived };
}

/**
 * As many changes as get through. Each counts once: what a reading repeats while older pushes are still on their way
 * comes twice.
 */
async function floodOfChanges(
  stage: Stage,
  subject: Subject,
  count: number,
): Promise<Pick<Round, 'perSecond' | 'cpuSaturated' | 'lost'>> {
  const seen = new Set<number>();
  let last = 0;
  const unwatch = watchStates(stage, (current) => {
    if (current <= 100_000) return;
    seen.add(current);
    last = performance.now();
  });
  const cpu = subject.cpu();
  const began = performance.now();
  last = began;
  for (let current = 1; current <= count; current++) {
    stage.chargers[0]?.server.push('evse/state', stateText(100_000 + current));
    // No more under way than a few hundred: the question is how fast it goes, not how much fits into buffers.
    while (current - seen.size > 400 && performance.now() - last < 2_000)
      await new Promise((next) => setImmediate(next));
  }
  await until(() => seen.size >= count || performance.now() - last > 1_000, 'the flood');
  unwatch();
  const seconds = (last - began) / 1_000;
  return {
    perSecond: seen.size / seconds,
    cpuSaturated: ((subject.cpu() - cpu) / seen.size) * 1_000,
    lost: count - seen.size,
  };
}
