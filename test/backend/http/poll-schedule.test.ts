import test from 'ava';
import { BOOT_ID, PollSchedule } from '../../../src/backend/http/poll-schedule.js';
import { chargerTopics, modelTopics } from '../../../src/topics/index.js';
import { withNumber } from '../../../src/topics/registry.js';
import { someTopics } from './_rig.js';

interface Asked {
  readonly path: string;
  readonly at: number;
}

/** Plays the turns until `end`; each answer takes `answerTime` ms. */
function play(
  turns: PollSchedule,
  end: number,
  answerTime = 5,
  present: (path: string) => boolean = () => true,
): Asked[] {
  const asked: Asked[] = [];
  turns.fullRound(0);
  for (let now = 0; now < end; ) {
    const turn = turns.next(now);
    if (!turn) break;
    now = Math.max(now, turn.at);
    asked.push({ path: turn.path, at: now });
    turns.asked(turn.path, now);
    if (present(turn.path)) turns.answered(turn.path);
    else turns.missing(turn.path, now);
    now += answerTime;
  }
  return asked;
}

const times = (asked: readonly Asked[], path: string) =>
  asked.filter((one) => one.path === path).map(({ at }) => at);

function longestGap(values: readonly number[], end: number): number {
  return [...values, end].reduce((worst, value, at) => Math.max(worst, value - (values[at - 1] ?? 0)), 0);
}

/** The most requests within any second, from `from` on. */
function mostPerSecond(asked: readonly Asked[], from: number): number {
  const late = asked.filter(({ at }) => at >= from).map(({ at }) => at);
  let first = 0;
  return late.reduce((most, at, index) => {
    while ((late[first] ?? at) <= at - 1_000) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}

/** Every topic that there may be, and whether it is read rarely. */
const all = [
  ...chargerTopics().values(),
  ...chargerTopics().families.flatMap((row) =>
    Array.from({ length: row.count ?? 0 }, (_, at) => ({ ...row, path: withNumber(row.path, String(at)) })),
  ),
].filter((row) => row.state);
const readable = all.map((row) => row.path);
const often = all.filter((row) => row.state?.poll !== 'rare').map((row) => row.path);

test('at first every topic is read once in a row, the rare ones and the boot id too', (t) => {
  const first = play(new PollSchedule(someTopics(), 1_000), 9 * 5);
  const paths = first.map(({ path }) => path);
  t.is(new Set(paths).size, paths.length);
  t.deepEqual(
    [...paths].sort(),
    [BOOT_ID, ...[...someTopics().values()].filter((row) => row.state).map((row) => row.path)].sort(),
  );
  t.is(
    longestGap(
      first.map(({ at }) => at),
      9 * 5,
    ),
    5,
    'as fast as they are answered',
  );
});

test('then three fast topics and two others each second', (t) => {
  const asked = play(new PollSchedule(chargerTopics(), 1_000), 60_000);
  const later = asked.filter(({ at }) => at >= 2_000 && at < 52_000);
  for (const path of ['evse/state', 'evse/button_state', 'evse/external_current']) {
    t.true(times(later, path).length >= 46, `${path} ${times(later, path).length} times`);
  }
  t.true(later.length <= 250);
  t.is(mostPerSecond(asked, 2_000), 5);
});

for (const interval of [250, 500, 1_000, 2_500, 4_000, 10_000, 60_000]) {
  test(`at an interval of ${interval} ms`, (t) => {
    const end = 600_000;
    const asked = play(new PollSchedule(chargerTopics(), interval), end);
    t.true(mostPerSecond(asked, 3_000) <= 5);
    t.true(longestGap(times(asked, 'evse/low_level_state'), end) < 10_000, 'the sign of life within 10 s');
    t.true(longestGap(times(asked, 'evse/state'), end) <= Math.max(1_300, interval * 1.15));
    const round = readable.length * Math.min(2_500, Math.max(1_000, interval)) * 2.5;
    for (const path of often) {
      t.true(longestGap(times(asked, path), end) <= Math.max(round, interval * 1.15), path);
    }
    for (const path of readable) t.true(times(asked, path).length >= 2, path);
    t.is(times(asked, 'info/name').length, 3, 'at connect, 10 s later, and after five minutes');
  });
}

test('a slow charger still tells its fast topics during the first round, and the round ends', (t) => {
  const end = readable.length * 1_500 * 3;
  const asked = play(new PollSchedule(chargerTopics(), 1_000), end, 1_500);
  t.true(longestGap(times(asked, 'evse/state'), end) <= 15_000);
  t.true(longestGap(times(asked, 'evse/low_level_state'), end) <= 15_000);
  for (const path of readable) t.true(times(asked, path).length > 0, path);
});

test('what is not there is not asked again until a restart; what was there is asked once more', (t) => {
  const turns = new PollSchedule(someTopics(), 1_000);
  let gone = false;
  const present = (path: string) => path !== 'evse/slots' && !(gone && path === 'evse/global_current');
  t.is(times(play(turns, 30_000, 5, present), 'evse/slots').length, 1);
  gone = true;
  t.is(times(play(turns, 60_000, 5, present), 'evse/slots').length, 1, 'a restart asks again');
  gone = false;
  play(turns, 100);
  gone = true;
  t.is(times(play(turns, 290_000, 5, present), 'evse/global_current').length, 2);
  t.is(times(play(turns, 330_000, 5, present), 'evse/global_current').length, 3, 'and rarely after that');
});

test('a charger with none of the topics leaves nothing to ask', (t) => {
  const turns = new PollSchedule(someTopics(), 1_000);
  const asked = play(turns, 60_000, 5, () => false);
  t.is(asked.length, 9);
  t.is(turns.next(60_000), undefined);
});

test('what shows no state is never read', (t) => {
  const asked = play(new PollSchedule(chargerTopics(), 1_000), 600_000);
  t.deepEqual(
    asked.filter(({ path }) => path !== BOOT_ID && !chargerTopics().get(path)?.state),
    [],
  );
});

test('the topics of the simulated world are never read', (t) => {
  const asked = play(new PollSchedule(modelTopics(), 1_000), 60_000);
  t.deepEqual(
    asked.filter(({ path }) => path.startsWith('simulator/')),
    [],
  );
});
