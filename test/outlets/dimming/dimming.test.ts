import test, { type ExecutionContext } from 'ava';
import { dimmingSince } from '../../../src/outlets/dimming/index.js';
import { FakeLink, type FakeSetup, fakeCharger, outletContext } from '../../_fakes.js';

const TOPIC = 'warp/bridge/dimming';

async function joined(t: ExecutionContext, retained?: unknown): Promise<FakeSetup> {
  const setup = fakeCharger({ mirror: ['*'] });
  const link = new FakeLink();
  if (retained !== undefined) link.retained.set(TOPIC, JSON.stringify(retained));
  const close = await dimmingSince(outletContext(setup, link), {});
  t.teardown(async () => {
    await close();
    setup.stop();
  });
  await setup.clock.pass(1_000);
  return setup;
}

const shows = ({ backend }: FakeSetup, active: boolean) =>
  backend.reports('p14a_enwg/state', { active, limit: active ? 4_200 : 0 });
const told = ({ charger }: FakeSetup) => charger.read('bridge/dimming');

test('since when the grid operator dims is told, and since when no more', async (t) => {
  const setup = await joined(t);
  t.is(told(setup), undefined, 'a charger without §14a says nothing');
  shows(setup, false);
  t.deepEqual(told(setup), { active: false, since: null });
  await setup.clock.pass(60_000);
  shows(setup, true);
  t.deepEqual(told(setup), { active: true, since: '2026-11-24T12:01:01Z' });
  await setup.clock.pass(60_000);
  setup.backend.reports('p14a_enwg/state', { active: true, limit: 4_300 });
  t.deepEqual(told(setup), { active: true, since: '2026-11-24T12:01:01Z' }, 'another limit is no begin');
  shows(setup, false);
  t.deepEqual(told(setup), { active: false, since: '2026-11-24T12:02:01Z' });
});

test('a restart of the bridge is no begin', async (t) => {
  const since = '2026-11-24T08:00:00Z';
  const setup = await joined(t, { active: true, since });
  shows(setup, true);
  t.deepEqual(told(setup), { active: true, since });
  shows(setup, false);
  t.deepEqual(told(setup), { active: false, since: '2026-11-24T12:00:01Z' });
});

test('what somebody else left there is not believed', async (t) => {
  for (const retained of ['x', 7, [], { active: 1 }, { active: true, since: 'yesterday' }]) {
    const setup = await joined(t, retained);
    shows(setup, true);
    t.deepEqual(told(setup), { active: true, since: null }, JSON.stringify(retained));
  }
});
