import test from 'ava';
import { Turns } from '../../src/base/turns.js';
import { FakeClock } from '../_fakes.js';

const never = new AbortController().signal;

test('the first has its turn at once, the others follow in their order', async (t) => {
  const clock = new FakeClock();
  const turns = new Turns(clock, 5);
  const had: number[] = [];
  for (let number = 0; number < 4; number++) void turns.next(never).then(() => had.push(number));
  await clock.pass(0);
  t.deepEqual(had, [0]);
  await clock.pass(5);
  t.deepEqual(had, [0, 1]);
  await clock.pass(10);
  t.deepEqual(had, [0, 1, 2, 3]);
});

test('turns that nobody took are not saved up', async (t) => {
  const clock = new FakeClock();
  const turns = new Turns(clock, 5);
  await turns.next(never);
  await clock.pass(1_000);
  const had: number[] = [];
  for (let number = 0; number < 3; number++) void turns.next(never).then(() => had.push(number));
  await clock.pass(0);
  t.deepEqual(had, [0]);
});

test('a stop ends the wait', async (t) => {
  const clock = new FakeClock();
  const turns = new Turns(clock, 5);
  await turns.next(never);
  const stop = new AbortController();
  const waiting = turns.next(stop.signal);
  stop.abort();
  await waiting;
  t.pass();
});
