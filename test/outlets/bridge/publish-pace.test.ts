import test from 'ava';
import { settings } from '../../../src/config/settings.js';
import { joined } from './_joined.js';

const intervals = settings['publish.interval'].default ?? [];

function metered(more: Parameters<typeof joined>[1] = {}, charger: Parameters<typeof joined>[2] = {}) {
  const setup = joined('warp', { intervals, ...more }, { mirror: ['*'], ...charger });
  let energy = 100;
  return {
    ...setup,
    /** Reports a power of the meter and of meter 1; the energy counts on. */
    draw: (power: number | null) => {
      energy += 0.001;
      setup.backend.reports('meter/values', { power, energy_rel: 1, energy_abs: energy });
      setup.backend.reports('meters/1/values', [energy, power]);
    },
    /** The powers that were published: of the meter, and of meter 1. */
    powers: () => [
      (setup.link.seen('warp/meter/values') as { power: number }[]).map(({ power }) => power),
      (setup.link.seen('warp/meters/1/values') as number[][]).map(([, power]) => power),
    ],
  };
}

test('values of meters are published every 5 s, the newest one', async (t) => {
  const { draw, powers, backend, clock } = metered();
  backend.reports('meters/1/value_ids', '[209,74]');
  for (let second = 0; second < 12; second++) {
    draw(4_000 + second);
    await clock.pass(1_000);
  }
  t.deepEqual(powers(), [
    [4_000, 4_004, 4_009],
    [4_000, 4_004, 4_009],
  ]);
});

test('a power that starts, stops or changes by a fifth is published at once', async (t) => {
  const { draw, powers, backend, clock } = metered();
  backend.reports('meters/1/value_ids', '[209,74]');
  // What goes on for less than a second is standby, and 49 W are not a fifth of anything that charges.
  const told = [0, 1_400, 1_700, 1_300, 0, 60, null, 0, -3_000, 3_000];
  const notTold = [3, 1_450, 1_800, 1_350, 40, 20, null, 12, -2_900, 3_500];
  for (const [at, power] of told.entries()) {
    draw(power);
    await clock.pass(100);
    draw(notTold[at] ?? null);
    await clock.pass(100);
  }
  t.deepEqual(powers()[0], told);
  t.deepEqual(powers()[1], told);
  await clock.pass(5_000);
  t.is(powers()[0]?.at(-1), 3_500);
});

test('a meter whose power is not known keeps to its time', async (t) => {
  const { draw, powers, clock } = metered();
  for (const power of [0, 9_000, 0, 9_000]) {
    draw(power);
    await clock.pass(1_000);
  }
  t.deepEqual(powers()[1], [0], 'without value ids nobody knows which value is the power');
});

test('rules of the owner come first; 0 publishes each change', async (t) => {
  const rules = settings['publish.interval'].kind.read('meter/values=0,evse/*=10') ?? [];
  const { draw, powers, backend, link, clock } = metered({ intervals: rules });
  for (const current of [6_000, 7_000, 8_000]) {
    draw(current);
    backend.reports('evse/external_current', { current });
    await clock.pass(1_000);
  }
  t.deepEqual(powers()[0], [6_000, 7_000, 8_000]);
  t.deepEqual(link.seen('warp/evse/external_current'), [{ current: 6_000 }]);
  await clock.pass(9_000);
  t.deepEqual(link.seen('warp/evse/external_current'), [{ current: 6_000 }, { current: 8_000 }]);
});

test('what is excluded is not published, and cleared where an earlier run has left it', async (t) => {
  const { draw, link, charger, backend } = metered(
    {},
    { exclude: ['meter/*', 'evse/low_level_state', 'bridge/*'] },
  );
  draw(4_000);
  t.is(charger.read('meter/values') !== undefined, true, 'the program itself knows it');
  t.deepEqual(
    link.published
      .filter(({ topic }) => topic === 'warp/meter/values')
      .map(({ payload, retain }) => [payload, retain]),
    [['', true]],
  );
  draw(4_001);
  backend.reports('evse/external_current', { current: 6_000 });
  link.connect();
  t.deepEqual(
    link.published.filter(({ topic }) => topic === 'warp/meter/values').map(({ payload }) => payload),
    ['', ''],
    'once per connection',
  );
  t.is(link.retained.get('warp/bridge/state'), 'online', 'what the bridge says of itself stays');
  t.true(link.retained.has('warp/evse/external_current'));
});
