import test from 'ava';
import { passUntil } from './_rig.js';
import { type Simulated, simulated } from './_simulated.js';

// Online means: what is told is so (contract 3). Tried on `simulate`, which fails as chargers do.

const external = 'evse/external_current';

const reason = ({ charger }: Simulated): string =>
  charger.connection.online ? 'online' : charger.connection.why;

const isOnline = (at: Simulated) => () => at.charger.connection.online;

/** Passes time until the charger is online, and says how long that took, ms. */
async function comesOnline(at: Simulated): Promise<number> {
  const since = at.clock.now();
  await passUntil(at, isOnline(at), `online; it is ${reason(at)}`, 100);
  return at.clock.now() - since;
}

/** Passes time until the charger is offline, and says how long that took, ms. */
async function goesOffline(at: Simulated): Promise<number> {
  const since = at.clock.now();
  await passUntil(at, () => !at.charger.connection.online, 'offline', 100);
  return at.clock.now() - since;
}

test('what changed during the dump, and was never told, is right within two seconds', async (t) => {
  const at = await simulated(t);
  await at.fault('{"mode":"lossy_dump","duration":3000}');
  at.start();
  await at.clock.pass(1_000);
  at.controller.limits.setExternalCurrent(9_000);
  await passUntil(at, isOnline(at), 'online', 100);
  t.is(at.charger.store.get(external), '{"current":32000}', 'the dump says how it was when it began');
  const since = at.clock.now();
  await passUntil(at, () => at.charger.store.get(external) === '{"current":9000}', 'the truth', 100);
  t.true(at.clock.now() - since <= 2_000, `after ${at.clock.now() - since} ms`);
});

test('online does not wait for the reading after the dump', async (t) => {
  const at = await simulated(t);
  at.start();
  t.true((await comesOnline(at)) <= 1_000);
});

for (const transport of ['auto', 'poll', 'websocket'] as const) {
  test(`a controller that hangs is offline, with the reason, and comes back with what is so: ${transport}`, async (t) => {
    const at = await simulated(t, { transport });
    at.start();
    await comesOnline(at);
    await at.fault('{"mode":"frozen"}');
    at.controller.limits.setExternalCurrent(9_000);
    const after = await goesOffline(at);
    t.true(after >= 9_000 && after <= 14_000, `after ${after} ms`);
    t.regex(reason(at), /its charge controller does not: its uptime stands still/);
    await at.clock.pass(60_000);
    t.regex(reason(at), /its uptime stands still/);
    t.is(at.log.texts('warn').filter((text) => text.includes('stands still')).length, 1);
    await at.fault('{"mode":"none"}');
    t.true((await comesOnline(at)) <= 6_000);
    await passUntil(at, () => at.charger.store.get(external) === '{"current":9000}', 'the truth', 100);
  });

  test(`one that hangs from the start is never online: ${transport}`, async (t) => {
    const at = await simulated(t, { transport });
    await at.fault('{"mode":"frozen"}');
    at.start();
    await at.clock.pass(30_000);
    t.regex(reason(at), /its uptime stands still/);
    t.deepEqual(
      at.log.texts('info').filter((text) => text.startsWith('charger online')),
      [],
    );
  });
}

for (const firmware of ['2.0.9', '2.8.9'] as const) {
  for (const transport of ['auto', 'poll'] as const) {
    test(`a charger without a controller is offline, with the reason: ${firmware}, ${transport}`, async (t) => {
      const at = await simulated(t, { firmware, transport });
      await at.fault('{"mode":"no_controller"}');
      at.start();
      await passUntil(at, () => /no charge controller/.test(reason(at)), 'the reason', 100);
      await at.clock.pass(30_000);
      t.regex(reason(at), /feature "evse" is missing/);
      t.is(at.charger.connection.transport, transport === 'poll' ? 'polling' : 'websocket');
      await at.fault('{"mode":"none"}');
      t.true((await comesOnline(at)) <= 25_000);
      t.like(at.charger.read('evse/state'), { charger_state: 0, allowed_charging_current: 32_000 });
    });
  }
}

test('a controller that is lost later is told too, and writes are refused with the reason', async (t) => {
  const at = await simulated(t);
  at.start();
  await comesOnline(at);
  await at.fault('{"mode":"no_controller"}');
  const after = await goesOffline(at);
  t.true(after <= 6_000, `after ${after} ms`);
  const payload = Buffer.from('16000');
  const outcome = await at.charger.write({ path: external, payload, retained: false });
  t.like(outcome, { status: 'error', code: 'offline' });
  t.regex('error' in outcome ? outcome.error : '', /has found no charge controller/);
});
