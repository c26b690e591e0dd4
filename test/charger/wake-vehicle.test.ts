import test from 'ava';
import { Refused, Unavailable } from '../../src/base/errors.js';
import type { Json } from '../../src/base/json.js';
import { bytes, type FakeSetup, fakeCharger, openPolicy } from '../_fakes.js';

const PILOT = 'evse/control_pilot_disconnect';

/** A charger whose control pilot shows what is written to it. */
function warp2(options: Parameters<typeof fakeCharger>[0] = {}): FakeSetup {
  const setup = fakeCharger(options);
  setup.backend.reports(PILOT, { disconnect: false });
  return setup;
}

/** What reached the charger. */
const sent = ({ backend }: FakeSetup): Json[] =>
  backend.writes.map(({ path, value }) => (path === PILOT ? value : path));

const wake = ({ charger }: FakeSetup, payload = '') =>
  charger.write({ path: 'bridge/wake_vehicle', payload: bytes(payload), retained: false });

test('the control pilot is disconnected for four seconds', async (t) => {
  const setup = warp2();
  const answer = wake(setup);
  await setup.clock.pass(0);
  t.like(await answer, { topic: 'bridge/wake_vehicle', status: 'ok' });
  t.deepEqual(sent(setup), [{ disconnect: true }]);
  await setup.clock.pass(3_999);
  t.is(sent(setup).length, 1);
  await setup.clock.pass(1);
  t.deepEqual(sent(setup), [{ disconnect: true }, { disconnect: false }]);
  setup.stop();
});

test('it is connected again, also after a charger that was away meanwhile, and where only this may be written', async (t) => {
  const setup = warp2({ policy: { ...openPolicy, writable: ['bridge/wake_vehicle'] } });
  const answer = wake(setup);
  await setup.clock.pass(0);
  await answer;
  const { answer: takes } = setup.backend;
  setup.backend.answer = () => Promise.reject(new Unavailable('it does not answer'));
  await setup.clock.pass(10_000);
  t.deepEqual(setup.charger.read(PILOT), { disconnect: true });
  setup.backend.answer = takes;
  await setup.clock.pass(10_000);
  t.deepEqual(setup.charger.read(PILOT), { disconnect: false });
  const { length } = sent(setup);
  await setup.clock.pass(60_000);
  t.is(sent(setup).length, length, 'and once is enough');
  setup.stop();
});

test('a charger that refuses to be connected again is asked less and less often, and that is told once', async (t) => {
  const setup = warp2();
  const answer = wake(setup);
  await setup.clock.pass(0);
  await answer;
  const { answer: takes } = setup.backend;
  let tries = 0;
  setup.backend.answer = () => {
    tries++;
    return Promise.reject(new Refused('rejected', 'not now'));
  };
  await setup.clock.pass(3_600_000);
  t.true(tries >= 12 && tries <= 20, `${tries} tries in an hour`);
  const refusing =
    /^the charger refuses \{"disconnect":false\} for evse\/control_pilot_disconnect, .*: not now; the bridge sends it again/;
  t.is(
    setup.log.texts('warn').filter((text) => refusing.test(text)).length,
    1,
    setup.log.texts('warn').join('\n'),
  );
  t.like(setup.charger.read('bridge/waking'), { since: '2026-11-24T12:00:00Z' });
  setup.backend.answer = takes;
  await setup.clock.pass(300_000);
  t.deepEqual(sent(setup).at(-1), { disconnect: false });
  t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
  t.true(setup.log.texts('info').some((text) => text.endsWith('at last')));
  setup.stop();
});

test('a payload, a retained message and a bridge that may not write are refused', async (t) => {
  const setup = warp2();
  t.like(await wake(setup, '1'), { status: 'error', code: 'invalid' });
  const retained = { path: 'bridge/wake_vehicle', payload: bytes(''), retained: true };
  t.like(await setup.charger.write(retained), { status: 'error', code: 'retained' });
  const readOnly = warp2({ policy: { ...openPolicy, readOnly: true } });
  t.like(await wake(readOnly), { status: 'error', code: 'read_only' });
  await setup.clock.pass(60_000);
  t.deepEqual([...sent(setup), ...sent(readOnly)], []);
});

test('a charger that ignores it is told about', async (t) => {
  const setup = warp2();
  setup.backend.answer = async () => {};
  const answer = wake(setup);
  await setup.clock.pass(10_000);
  t.like(await answer, { status: 'ok', applied: false });
  setup.stop();
});

test('nothing goes on after the end of the bridge, also where the second step is on its way then', async (t) => {
  const setup = warp2();
  const answer = wake(setup);
  await setup.clock.pass(0);
  await answer;
  let fail = (_: Error) => {};
  setup.backend.answer = () => new Promise((_, reject) => (fail = reject));
  await setup.clock.pass(4_000);
  setup.stop();
  await setup.clock.pass(3_000);
  fail(new Unavailable('the bridge is stopping'));
  await setup.clock.pass(0);
  t.is(setup.clock.waiting, 0);
});

test('a charger that is offline when it should be connected takes writes again when it is back', async (t) => {
  const setup = warp2();
  void wake(setup);
  await setup.clock.pass(1_000);
  setup.backend.sink?.offline('it does not answer');
  await setup.clock.pass(20_000);
  t.deepEqual(sent(setup), [{ disconnect: true }]);
  setup.backend.sink?.online('polling');
  setup.backend.reports(PILOT, { disconnect: true });
  const payload = bytes('13000');
  const answer = setup.charger.write({ path: 'evse/external_current', payload, retained: false });
  await setup.clock.pass(10_000);
  t.like(await answer, { status: 'ok' });
  t.deepEqual(sent(setup), [{ disconnect: true }, 'evse/external_current', { disconnect: false }]);
  t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
  setup.stop();
});

test('since when a vehicle is being woken is told before it begins, and when it is over', async (t) => {
  const setup = warp2();
  const told: unknown[] = [];
  setup.charger.watch({
    state(path, text) {
      if (path === 'bridge/waking') told.push(JSON.parse(text), setup.backend.writes.length);
    },
    connection() {},
  });
  void wake(setup);
  await setup.clock.pass(5_000);
  t.deepEqual(told, [{ since: '2026-11-24T12:00:00Z' }, 0, { since: null }, 2]);
  setup.stop();
});

test('a charger that refuses was not woken, one that does not answer may have been', async (t) => {
  const setup = warp2();
  const { answer: takes } = setup.backend;
  setup.backend.answer = () => Promise.reject(new Refused('rejected', 'no'));
  t.like(await wake(setup), { status: 'error', code: 'rejected' });
  t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
  setup.backend.answer = () => Promise.reject(new Unavailable('it does not answer'));
  t.like(await wake(setup), { status: 'error', code: 'offline' });
  t.like(setup.charger.read('bridge/waking'), { since: '2026-11-24T12:00:00Z' });
  setup.backend.answer = takes;
  await setup.clock.pass(10_000);
  t.deepEqual(sent(setup).at(-1), { disconnect: false });
  t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
  setup.stop();
});

for (const disconnect of [true, false]) {
  test(`who writes the control pilot meanwhile has the last word: ${disconnect}`, async (t) => {
    const setup = warp2();
    void wake(setup);
    await setup.clock.pass(1_000);
    const payload = bytes(JSON.stringify({ disconnect }));
    void setup.charger.write({ path: PILOT, payload, retained: false });
    await setup.clock.pass(60_000);
    t.deepEqual(sent(setup), [{ disconnect: true }, { disconnect }]);
    t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
    setup.stop();
  });
}

test('two wishes to wake are one that lasts longer', async (t) => {
  const setup = warp2();
  void wake(setup);
  await setup.clock.pass(3_000);
  void wake(setup);
  await setup.clock.pass(3_900);
  t.deepEqual(sent(setup), [{ disconnect: true }, { disconnect: true }]);
  await setup.clock.pass(60_000);
  t.deepEqual(sent(setup), [{ disconnect: true }, { disconnect: true }, { disconnect: false }]);
  setup.stop();
});

test('a bridge that stops meanwhile connects the control pilot first', async (t) => {
  const setup = warp2();
  void wake(setup);
  await setup.clock.pass(1_000);
  setup.stop();
  const late = setup.charger.write({ path: 'evse/stop_charging', payload: bytes(''), retained: false });
  await setup.clock.pass(0);
  t.deepEqual(sent(setup), [{ disconnect: true }, { disconnect: false }]);
  t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
  t.like(await late, { status: 'error', code: 'offline' });
});

test('a charger that does not answer holds up the stop for three seconds, and stays to be connected', async (t) => {
  const setup = warp2();
  void wake(setup);
  await setup.clock.pass(1_000);
  setup.backend.answer = () => new Promise(() => {});
  setup.stop();
  await setup.clock.pass(2_900);
  t.like(setup.charger.connection, { online: true });
  await setup.clock.pass(200);
  t.like(setup.charger.connection, { online: false, why: 'the bridge is stopping' });
  t.like(setup.charger.read('bridge/waking'), { since: '2026-11-24T12:00:00Z' });
});
