// Kills and freezes the broker at which the bridge is, several times each, and writes the table of docs/brokers.md.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { clusters } from './clusters.js';
import { failOver } from './fail-over.js';
import { readTable, tableOf, writePart } from './page.js';
import { within } from './processes.js';

const HOW = [
  ['killed', 'SIGKILL'],
  ['frozen (SIGSTOP)', 'SIGSTOP'],
];

const ABOUT =
  'The median of the rounds, and the longest in brackets; the load is that of the machine at the end.';

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
  if (times.length === 0) return 'failed here';
  return times.length === rounds ? summary(times) : `${summary(times)}, ${times.length} of the rounds`;
}

/** Tries all clusters that can be had, or those whose name has one of `only` in it; of the page their rows are written. */
export async function writeFailOver(tools, rounds, only) {
  const head = ['', 'QoS', ...HOW.map(([title]) => title), 'rounds', 'run on'];
  const rows = readTable('fail-over');
  const missing = [];
  for (const cluster of clusters) {
    if (only && !only.some((name) => cluster.name.includes(name))) continue;
    const why = cluster.missing(tools);
    if (why) missing.push(`Left out: ${cluster.name}: not here: ${why}`);
    if (why) continue;
    for (const qos of [0, 1]) {
      const cells = [];
      for (const [, signal] of HOW) cells.push(await timesOf(cluster, tools, qos, signal, rounds));
      const name = `${cluster.name} ${cluster.version?.(tools) ?? mosquittoVersion()}`;
      const when = `${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0].toFixed(0)}`;
      const row = [name, String(qos), ...cells, String(rounds), when];
      const old = rows.findIndex((one) => one[0].startsWith(cluster.name) && one[1] === String(qos));
      if (old < 0) rows.push(row);
      else rows[old] = row;
      writePart('fail-over', [...tableOf([head, ...rows]), '', ABOUT, ...missing]);
    }
  }
  console.log(tableOf([head, ...rows]).join('\n'));
}

const mosquittoVersion = () =>
  spawnSync('mosquitto', ['-h'], { encoding: 'utf8' }).stdout?.match(/version (\S+)/)?.[1] ?? '';
