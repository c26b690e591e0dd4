import test from 'ava';
import { Refused } from '../../src/base/errors.js';
import { WriteQueue } from '../../src/charger/write-queue.js';
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
  const push = (path: string, value: number, flash = false) => {
    const outcome = queue.push(path, value, flash, () => {
      sent.push(`${path}=${value}`);
      return new Promise<void>((done) => open.push(done));
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
  return { clock, queue, sent, waits, push, answer };
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
  const { push, sent, answer, clock, waits } = bench();
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
  t.deepEqual(waits, ['global 60000']);
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
