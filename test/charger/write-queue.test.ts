import test from 'ava';
import { Refused } from '../../src/base/errors.js';
import { type QueuedWrite, WriteQueue } from '../../src/charger/write-queue.js';
import { FakeClock, settle } from '../_fakes.js';

function bench(flashInterval = 60_000) {
  const clock = new FakeClock();
  const sent: string[] = [];
  const waits: string[] = [];
  const open: (() => void)[] = [];
  const queue = new WriteQueue({
    clock,
    flashInterval,
    onFlashWait: (path, ms) => waits.push(`${path} ${ms}`),
  });
  const toldToWait: string[] = [];
  const push = (path: string, value: number, flash = false, more: Partial<QueuedWrite> = {}) => {
    const outcome = queue.push({
      path,
      value,
      flash,
      group: path,
      expiresAt: undefined,
      send: () => {
        sent.push(`${path}=${value}`);
        return new Promise<void>((done) => open.push(done));
      },
      onWait: (ms) => toldToWait.push(`${path}=${value} ${ms}`),
      ...more,
    });
    return outcome.then(
      () => 'ok',
      (error: unknown) => (error instanceof Refused ? error.code : String(error)),
    );
  };
  const answer = async () => {
    open.shift()?.();
    await settle();
  };
  return { clock, queue, sent, waits, toldToWait, push, answer };
}

test('one in flight, in order of arrival', async (t) => {
  const { push, sent, answer } = bench();
  const outcomes = [push('a', 1), push('b', 2), push('c', 3)];
  t.deepEqual(sent, ['a=1']);
  await answer();
  t.deepEqual(sent, ['a=1', 'b=2']);
  await answer();
  await answer();
  t.deepEqual(await Promise.all(outcomes), ['ok', 'ok', 'ok']);
});

test('a newer value replaces one that waits, never the one in flight', async (t) => {
  const { push, sent, answer, queue } = bench();
  const outcomes = [push('a', 1), push('a', 2), push('a', 3)];
  t.is(queue.latest('a'), 3);
  await answer();
  await answer();
  t.deepEqual(sent, ['a=1', 'a=3']);
  t.deepEqual(await Promise.all(outcomes), ['ok', 'superseded', 'ok']);
  t.false(queue.busy('a'));
});

test('start, stop, start ends with start', async (t) => {
  const { push, sent, answer } = bench();
  const outcomes = [push('busy', 0), push('start', 1), push('stop', 2), push('start', 3)];
  for (let i = 0; i < 4; i++) await answer();
  t.deepEqual(sent, ['busy=0', 'stop=2', 'start=3']);
  t.deepEqual(await Promise.all(outcomes), ['ok', 'superseded', 'ok', 'ok']);
});

test('flash: a burst of five, then one per interval, newest wins, others are not held up', async (t) => {
  const { push, sent, answer, clock, waits, toldToWait } = bench();
  for (let i = 1; i <= 5; i++) {
    const outcome = push('global', i, true);
    await answer();
    t.is(await outcome, 'ok');
  }
  const sixth = push('global', 6, true);
  const seventh = push('global', 7, true);
  const other = push('external', 1);
  await answer();
  t.is(await other, 'ok');
  t.is(await sixth, 'superseded');
  t.deepEqual(waits, ['global 60000'], 'once per stretch of waiting');
  t.deepEqual(toldToWait, ['global=6 60000', 'global=7 60000'], 'but everybody who waits is told');
  await clock.pass(59_000);
  t.false(sent.includes('global=7'));
  await clock.pass(1_001);
  await answer();
  t.is(await seventh, 'ok');
  t.is(sent.at(-1), 'global=7');
});

test('flash: a person who changes something now and then never waits', async (t) => {
  const { push, answer, clock, waits } = bench();
  for (let i = 0; i < 50; i++) {
    const outcome = push('global', i, true);
    await answer();
    t.is(await outcome, 'ok');
    await clock.pass(61_000);
  }
  t.deepEqual(waits, []);
});

test('failing answers everything that waits, and what comes later works', async (t) => {
  const { push, queue, answer, clock } = bench();
  const inFlight = push('a', 1);
  const waiting = push('b', 2);
  queue.fail(new Error('gone'));
  t.is(await waiting, 'Error: gone');
  await answer();
  t.is(await inFlight, 'ok');
  const later = push('b', 3);
  await answer();
  t.is(await later, 'ok');
  t.is(clock.waiting, 0);
});

test('a write that can not be sent within 15 s expires, also while one takes longer', async (t) => {
  const { push, clock, sent, answer } = bench();
  const slow = push('a', 1);
  const waiting = push('b', 2);
  await clock.pass(10_000);
  const later = push('c', 3);
  await clock.pass(5_001);
  t.is(await waiting, 'expired');
  await answer();
  t.is(await slow, 'ok');
  t.deepEqual(sent, ['a=1', 'c=3']);
  await answer();
  t.is(await later, 'ok');
  t.is(clock.waiting, 0);
});

test('a newer value gets its own 15 s', async (t) => {
  const { push, clock, sent, answer } = bench();
  void push('a', 1);
  const older = push('b', 2);
  await clock.pass(10_000);
  const newer = push('b', 3);
  t.is(await older, 'superseded');
  await clock.pass(10_000);
  await answer();
  await answer();
  t.is(await newer, 'ok');
  t.deepEqual(sent, ['a=1', 'b=3']);
});

test('a write expires when its sender says so; one that can go at once goes', async (t) => {
  const { push, clock, answer, sent } = bench();
  const atOnce = push('a', 1, false, { expiresAt: 0 });
  const short = push('b', 2, false, { expiresAt: 3_000 });
  await clock.pass(3_001);
  t.is(await short, 'expired');
  await answer();
  t.is(await atOnce, 'ok');
  t.deepEqual(sent, ['a=1']);
});

test('flash: waiting for the guard is not cut off after 15 s, but by the expiry of the sender', async (t) => {
  const { push, clock, answer } = bench();
  for (let i = 1; i <= 5; i++) {
    void push('global', i, true);
    void push('boost', i, true);
    await answer();
    await answer();
  }
  const patient = push('global', 6, true);
  const hurried = push('boost', 6, true, { expiresAt: 30_000 });
  await clock.pass(30_001);
  t.is(await hurried, 'expired');
  await clock.pass(30_000);
  await answer();
  t.is(await patient, 'ok');
});

test('flash: once the guard lets it, a write has 15 s like any other', async (t) => {
  const { push, clock, answer } = bench();
  for (let i = 1; i <= 5; i++) {
    void push('global', i, true);
    await answer();
  }
  const guarded = push('global', 6, true);
  const slow = push('a', 1);
  await clock.pass(60_000 + 15_000);
  let outcome = '';
  void guarded.then((code) => {
    outcome = code;
  });
  await settle();
  t.is(outcome, '');
  await clock.pass(10);
  t.is(outcome, 'expired');
  await answer();
  t.is(await slow, 'ok');
});

test('a flood on twenty topics holds up a write to another one by no more than the one in flight', async (t) => {
  const { push, clock, sent, answer } = bench();
  let value = 0;
  const flood = () => {
    for (let topic = 0; topic < 20; topic++) void push(`flood${topic}`, value++);
  };
  for (let round = 0; round < 100; round++) {
    flood();
    await clock.pass(10);
    await answer();
  }
  const before = sent.length;
  const polite = push('polite', 1);
  flood();
  await answer();
  t.deepEqual(sent.slice(before), ['polite=1']);
  await answer();
  t.is(await polite, 'ok');
});

test('a flood serves each of its topics in turn', async (t) => {
  const { push, clock, sent, answer } = bench();
  for (let round = 0; round < 200; round++) {
    for (let topic = 0; topic < 4; topic++) void push(`flood${topic}`, round);
    await clock.pass(7);
    await answer();
  }
  const counts = [0, 1, 2, 3].map((topic) => sent.filter((one) => one.startsWith(`flood${topic}=`)).length);
  t.true(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
});

test('writes whose effects overlap keep their order, however busy they are', async (t) => {
  const { push, sent, answer } = bench();
  const actions = { group: 'actions' };
  void push('start', 1, false, actions);
  void push('start', 2, false, actions);
  void push('stop', 3, false, actions);
  await answer();
  await answer();
  await answer();
  t.deepEqual(sent, ['start=1', 'start=2', 'stop=3'], 'the last word is stop');
});
