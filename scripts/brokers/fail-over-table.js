// Kills and freezes the broker at which the bridge is, several times each, and writes the table of docs/brokers.md.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { clusters } from './clusters.js';
import { failOver } from './fail-over.js';
import { tableOf, writePart } from './page.js';
import { within } from './processes.js';

const HOW = [
  ['killed', 'SIGKILL'],
  ['frozen (SIGSTOP)', 'SIGSTOP'],
];

/** Longest time for one round, ms. */
const ROUND_MS = 300_000;

const seconds = (ms) => (ms === undefined ? 'not within 90 s' : `${(ms / 1_000).toFixed(1)} s`);

/** The median and the longest; those that never came are the longest. */
function summary(times) {
  const sorted = times.toSorted((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
  return `${seconds(sorted[Math.floor((sorted.length - 1) / 2)])} (${seconds(sorted.at(-1))})`;
}

async function timesOf(cluster, tools, qos, signal, rounds) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    try {
      times.push((await within(ROUND_MS, failOver(cluster, tools, qos, signal))).ms);
    } catch (error) {
      console.log(`${cluster.name}: a round did not begin: ${error.message.split('\n')[0]}`);
    }
  }
  console.log(`${cluster.name}, QoS ${qos}, ${signal}: ${times.map(seconds).join(', ')}`);
  return times.length === 0 ? 'failed here' : summary(times);
}

/** Tries all clusters that can be had, or those whose name has one of `only` in it; the page is written with each row. */
export async function writeFailOver(tools, rounds, only) {
  const rows = [['', 'QoS', ...HOW.map(([title]) => title)]];
  const missing = [];
  const load = [];
  for (const cluster of clusters) {
    if (only && !only.some((name) => cluster.name.includes(name))) continue;
    const why = cluster.missing(tools);
    if (why) missing.push(`Left out: ${cluster.name}: not here: ${why}`);
    if (why) continue;
    for (const qos of [0, 1]) {
      const cells = [];
      for (const [, signal] of HOW) cells.push(await timesOf(cluster, tools, qos, signal, rounds));
      load.push(loadavg()[0]);
      rows.push([`${cluster.name} ${cluster.version?.(tools) ?? mosquittoVersion()}`, String(qos), ...cells]);
      if (only) continue;
      const day = new Date().toISOString().slice(0, 10);
      const about = `Run on ${day}, ${rounds} rounds each: the median, and the longest in brackets. Load of the machine ${Math.min(...load).toFixed(0)} to ${Math.max(...load).toFixed(0)}.`;
      writePart('fail-over', [...tableOf(rows), '', about, ...missing]);
    }
  }
  console.log(tableOf(rows).join('\n'));
}

const mosquittoVersion = () =>
  spawnSync('mosquitto', ['-h'], { encoding: 'utf8' }).stdout?.match(/version (\S+)/)?.[1] ?? '';
