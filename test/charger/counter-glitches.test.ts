import test from 'ava';
import { fakeCharger } from '../_fakes.js';

const HOLD_MS = 10_000;

function metered() {
  const setup = fakeCharger({ mirror: ['*'] });
  setup.backend.reports('meters/1/value_ids', '[74,209,211]');
  return {
    ...setup,
    /** Reports the counter both ways and tells what is passed on. */
    count: (energy: number | null) => {
      setup.backend.reports('meter/values', { power: 4000, energy_rel: 7, energy_abs: energy });
      setup.backend.reports('meters/1/values', [4000, energy, 5]);
    },
    shown: () => [
      (setup.charger.read('meter/values') as { energy_abs: number } | undefined)?.energy_abs,
      (setup.charger.read('meters/1/values') as number[] | undefined)?.[1],
    ],
  };
}

test('a counter that falls to nearly nothing and comes back is not passed on, and told once per topic', async (t) => {
  const { count, shown, log, clock } = metered();
  count(4896);
  for (const wrong of [2.5e-29, 0, 1e-7, -3e-12, 12]) {
    count(wrong);
    t.deepEqual(shown(), [4896, 4896], String(wrong));
    await clock.pass(1_000);
    count(4896.01);
    t.deepEqual(shown(), [4896.01, 4896.01]);
    count(4896);
  }
  t.deepEqual(log.texts('warn'), [
    'meter/values: the meter said 7, 2.5e-29 for a moment; this is not passed on; further such values are logged at level debug',
    'meters/1/values: the meter said 2.5e-29, 5 for a moment; this is not passed on; further such values are logged at level debug',
  ]);
  t.is(log.texts('debug').filter((text) => text.includes('for a moment')).length, 8);
  await clock.pass(2 * HOLD_MS);
  t.deepEqual(shown(), [4896, 4896], 'what came back is not let go later');
});

test('it may come back as what it was', async (t) => {
  const { count, shown, clock } = metered();
  count(4896);
  count(2.5e-29);
  count(4896);
  await clock.pass(2 * HOLD_MS);
  t.deepEqual(shown(), [4896, 4896]);
});

test('a meter that was set back counts anew after a while, from its latest value', async (t) => {
  const { count, shown, log, clock } = metered();
  count(4896);
  count(0);
  await clock.pass(HOLD_MS - 1_000);
  count(0.003);
  t.deepEqual(shown(), [4896, 4896]);
  await clock.pass(1_000);
  t.deepEqual(shown(), [0.003, 0.003]);
  t.deepEqual(log.texts('warn'), []);
  t.is(log.texts('info').filter((text) => text.includes('was reset')).length, 2);
  count(0.01);
  t.deepEqual(shown(), [0.01, 0.01]);
});

test('nonsense before anything else is held back too; unknown and falling values pass', async (t) => {
  const { count, shown } = metered();
  count(2.5e-29);
  t.deepEqual(shown(), [undefined, undefined]);
  count(4896);
  count(null);
  t.deepEqual(shown(), [null, null]);
  count(4896);
  count(3000);
  t.deepEqual(shown(), [3000, 3000], 'a real fall is none of our business');
});

test('what was held of a connection that ends is forgotten', async (t) => {
  const { count, shown, backend, clock } = metered();
  count(4896);
  count(0);
  backend.sink?.offline('cut');
  await clock.pass(2 * HOLD_MS);
  t.deepEqual(shown(), [4896, 4896]);
});

test('the end of the bridge leaves nothing that is held', async (t) => {
  const { count, shown, clock, stop } = metered();
  count(4896);
  count(0);
  stop();
  await clock.pass(0);
  t.is(clock.waiting, 0);
  await clock.pass(2 * HOLD_MS);
  t.deepEqual(shown(), [4896, 4896]);
});
