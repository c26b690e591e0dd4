import test from 'ava';
import { play, type Reply, traces } from './_replay.js';
import { differences } from './_replay-compare.js';

/** By how much the moments may differ: the firmware sees an event in the next turn of its loop. */
const TOLERANCE_MS = 1;

/** The second number of a refusal belongs to the firmware's protocol; only that of the LED says something. */
const comparable = ([time, command, code, extra]: Reply) => [
  time,
  command,
  code,
  command === 'led' ? extra : 0,
];

for (const [file, hasProcessor] of [
  ['organs-real.jsonl.gz', true],
  ['firmware-only.jsonl.gz', false],
] as const) {
  for (const trace of traces(file)) {
    test(`${file} ${trace.name}`, (t) => {
      const { courses, replies, restarts, calibration } = play(trace, hasProcessor);
      t.deepEqual(differences(trace, courses, TOLERANCE_MS), []);
      t.deepEqual(calibration, trace.calibration ?? []);
      t.deepEqual(restarts, trace.restarts ?? []);
      t.deepEqual(replies.map(comparable), (trace.replies ?? []).map(comparable));
    });
  }
}
