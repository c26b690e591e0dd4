import { readdirSync } from 'node:fs';
import { until } from '../test/_until.js';
import { type CandidateOptions, candidates } from './_candidates.js';
import { pause } from './_process.js';
import { openStage, stateText } from './_stage.js';

/** Chargers of one process. */
const SIZES = [1, 50, 200, 500, 1_000];

/** Each charger changes its state so often while it is measured, per second. */
const CHANGES = 1;

/**
 * What one process costs that has many chargers, as a table in Markdown (docs/scaling.md): the time until the first and
 * the last charger is there, processor, memory, open files, what the broker keeps, and the time after its restart.
 */
export async function benchScaling(short: boolean, _: CandidateOptions): Promise<string> {
  const rows: string[] = [];
  for (const count of short ? [1, 20] : SIZES) rows.push(await measure(count, short));
  const head =
    'chargers | first online, s | all online, s | CPU for that, s | CPU idle, % of a core | CPU at 1 change/s each, % | memory, MB | open files | retained topics | retained, kB | all back after a restart of the broker, s';
  const cells = head.split(' | ');
  return [head, cells.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |`).join('\n');
}

async function measure(count: number, short: boolean): Promise<string> {
  const stage = await openStage(count);
  const retained = new Map<string, number>();
  const online = new Map<string, boolean>();
  let firstOnline = 0;
  const listen = async () => {
    stage.home.on('message', (topic, payload) => {
      retained.set(topic, topic.length + payload.length);
      if (!topic.endsWith('/bridge/charger')) return;
      online.set(topic, payload.toString() === 'online');
      firstOnline ||= performance.now();
    });
    await stage.home.subscribeAsync(['+/evse/+', '+/info/+', '+/bridge/+', 'homeassistant/#'], { qos: 0 });
  };
  await listen();
  const ours = candidates({})[1];
  if (!ours) throw new Error('this bridge is a candidate');
  const subject = ours.start(stage, 1);
  try {
    const allOnline = () => online.size === count && [...online.values()].every((one) => one);
    await until(allOnline, () => `${online.size} of ${count} chargers online`);
    const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(1);
    const started = seconds(subject.startedAt);
    const startCpu = (subject.cpu() / 1_000).toFixed(1);
    // Whatever is read once after the start has been read.
    await pause(short ? 2_000 : 20_000);
    const share = async (ms: number, step: (past: number) => void) => {
      const [cpu, began] = [subject.cpu(), performance.now()];
      for (let past = 0; past < ms; past = performance.now() - began) {
        step(past);
        await pause(10);
      }
      return ((100 * (subject.cpu() - cpu)) / (performance.now() - began)).toFixed(1);
    };
    const ms = short ? 2_000 : 10_000;
    const idle = await share(ms, () => {});
    let told = 0;
    const busy = await share(ms, (past) => {
      for (const due = (past / 1_000) * CHANGES * count; told < due; told++)
        stage.chargers[told % count]?.server.push('evse/state', stateText(6_000 + (told % 26_000)));
    });
    const memory = subject.memory().rss.toFixed(0);
    const files = readdirSync(`/proc/${subject.child.pid}/fd`).length;
    const kept = [...retained.values()].reduce((sum, bytes) => sum + bytes, 0);
    online.clear();
    const restarted = await stage.restartBroker();
    await listen();
    await until(allOnline, () => `${online.size} of ${count} chargers online again`);
    return [
      count,
      ((firstOnline - subject.startedAt) / 1_000).toFixed(1),
      started,
      startCpu,
      idle,
      busy,
      memory,
      files,
      retained.size,
      (kept / 1_000).toFixed(0),
      seconds(restarted),
    ].join(' | ');
  } finally {
    await subject.end();
    await stage.close();
  }
}
