import test from 'ava';
import { systemClock } from '../../src/base/clock.js';

test('calls of one interval come in one turn of the event loop, and end each for itself', async (t) => {
  let inTurnOfFirst = false;
  const cancelFirst = systemClock.every(5, () => {
    inTurnOfFirst = true;
    setImmediate(() => {
      inTurnOfFirst = false;
    });
  });
  await new Promise<void>((done) => {
    const cancelSecond = systemClock.every(5, () => {
      if (!inTurnOfFirst) return;
      cancelSecond();
      done();
    });
  });
  cancelFirst();
  cancelFirst();
  let calls = 0;
  await new Promise<void>((done) => {
    const cancel = systemClock.every(5, () => {
      calls += 1;
      if (calls < 3) return;
      cancel();
      done();
    });
  });
  t.is(calls, 3);
});
