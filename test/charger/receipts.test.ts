import test from 'ava';
import { Refused } from '../../src/base/errors.js';
import type { Receipt } from '../../src/charger/write.js';
import { bytes, type FakeSetup, fakeCharger, settle } from '../_fakes.js';

const write = (
  { charger }: FakeSetup,
  path: string,
  payload: string,
  more: { expiresAt?: number; onWaiting?: (receipt: Receipt) => void } = {},
) => charger.write({ path, payload: bytes(payload), retained: false, ...more });

const unknown: readonly (readonly [path: string, error: string])[] = [
  ['evse/nonsense', 'there is no topic evse/nonsense'],
  [
    'evse/externl_current',
    'there is no topic evse/externl_current; did you mean evse/external_current_update?',
  ],
  [
    'evse/External_Current',
    'there is no topic evse/External_Current; did you mean evse/external_current_update?',
  ],
  ['external_current', 'there is no topic external_current; did you mean evse/external_current_update?'],
  ['esve/boost_mode', 'there is no topic esve/boost_mode; did you mean evse/boost_mode_update?'],
  ['evse/strat_charging', 'there is no topic evse/strat_charging; did you mean evse/start_charging?'],
  ['evse/state', 'evse/state can only be read'],
  ['evse/stop_charging/x', 'there is no topic evse/stop_charging/x; did you mean evse/stop_charging?'],
  ['evse/nothing_update/x', 'there is no topic evse/nothing_update/x'],
  ['constructor', 'there is no topic constructor'],
  ['', 'there is no topic '],
];

for (const [path, error] of unknown) {
  test(`answered as unknown: ${path || '(nothing)'}`, async (t) => {
    const setup = fakeCharger();
    t.deepEqual(await write(setup, path, '{}'), { topic: path, status: 'error', code: 'unknown', error });
    t.deepEqual(setup.backend.writes, []);
  });
}

test('the near name of a very long topic is not searched for', async (t) => {
  const path = `evse/${'x'.repeat(60_000)}`;
  const receipt = await write(fakeCharger(), path, '1');
  t.deepEqual(receipt, {
    topic: path,
    status: 'error',
    code: 'unknown',
    error: `there is no topic ${path}`,
  });
});

test('a write that the guard of the flash holds back is answered at once, and again when it was sent', async (t) => {
  const setup = fakeCharger();
  setup.backend.reports('evse/global_current', { current: 32_000 });
  for (const current of [6_000, 7_000, 8_000, 9_000, 10_000]) {
    t.like(await write(setup, 'evse/global_current', String(current)), { status: 'ok' });
  }
  const told: Receipt[] = [];
  const watched: Receipt[] = [];
  setup.charger.watch({ state() {}, connection() {}, answered: (receipt) => watched.push(receipt) });
  const receipt = write(setup, 'evse/global_current', '11000', {
    onWaiting: (waiting) => told.push(waiting),
  });
  const waiting = {
    topic: 'evse/global_current',
    status: 'waiting',
    value: { current: 11_000 },
    seconds: 60,
    hint: "it is written often, and the charger's flash wears: use evse/external_current for frequent changes",
  };
  t.deepEqual(told as unknown[], [waiting]);
  await setup.clock.pass(60_000);
  t.deepEqual(await receipt, {
    topic: 'evse/global_current',
    status: 'ok',
    value: { current: 11_000 },
  });
  t.deepEqual(
    watched.map(({ status }) => status),
    ['waiting', 'ok'],
  );
  t.is(setup.log.texts('warn').length, 1);
});

test('a write of one member that has to wait is told by the name of its topic', async (t) => {
  const setup = fakeCharger();
  setup.backend.reports('evse/external_defaults', { current: 6_000, clear_on_disconnect: false });
  for (const current of [7_000, 8_000, 9_000, 10_000, 11_000, 12_000]) {
    const told: Receipt[] = [];
    const onWaiting = (receipt: Receipt) => told.push(receipt);
    const receipt = write(setup, 'evse/external_defaults_update/current', String(current), { onWaiting });
    if (current < 12_000) t.like(await receipt, { topic: 'evse/external_defaults', status: 'ok' });
    else t.like(told[0], { topic: 'evse/external_defaults', status: 'waiting', value: { current } });
  }
});

test('a write that can not be sent in time is answered as expired, and never carried out', async (t) => {
  const setup = fakeCharger();
  setup.backend.answer = () => new Promise(() => {});
  void write(setup, 'evse/external_current', '6000');
  const short = write(setup, 'evse/boost_mode', 'true', { expiresAt: setup.clock.now() + 3_000 });
  const patient = write(setup, 'evse/stop_charging', '');
  await setup.clock.pass(3_001);
  t.deepEqual(await short, {
    topic: 'evse/boost_mode',
    status: 'error',
    code: 'expired',
    error: 'its message expiry was over before it could be sent',
  });
  await setup.clock.pass(12_000);
  t.deepEqual(await patient, {
    topic: 'evse/stop_charging',
    status: 'error',
    code: 'expired',
    error: 'it could not be sent within 15 s: the charger is slow, or much is written to it',
  });
  t.deepEqual(
    setup.backend.writes.map(({ path }) => path),
    ['evse/external_current'],
  );
});

test('a password is neither told back nor logged, whatever becomes of the write', async (t) => {
  const setup = fakeCharger();
  const path = 'evse/reset_dc_fault_current_state';
  const receipts: Receipt[] = [];
  setup.charger.watch({ state() {}, connection() {}, answered: (receipt) => receipts.push(receipt) });
  t.deepEqual(await write(setup, path, '{"password":918273}'), {
    topic: path,
    status: 'ok',
    value: { password: '[secret]' },
  });
  t.deepEqual(setup.backend.writes, [{ path, value: { password: 918_273 } }]);
  for (const payload of ['918273 ', '"918273"', '{"password":"918273"}', '{"password":918273', '[918273]']) {
    await write(setup, path, payload);
  }
  setup.backend.answer = async () => {
    throw new Refused('rejected', 'wrong password');
  };
  t.like(await write(setup, path, '918273'), { code: 'rejected', error: 'wrong password' });
  t.is(receipts.length, 7);
  t.false(JSON.stringify([receipts, setup.log.lines]).includes('918273'));
});

test('the bridge answers to the end: writes to one that is stopping are refused', async (t) => {
  const setup = fakeCharger();
  setup.backend.answer = () => new Promise(() => {});
  void write(setup, 'evse/external_current', '6000');
  const waiting = write(setup, 'evse/boost_mode', 'true');
  setup.stop();
  await settle();
  t.like(await waiting, { code: 'offline', error: 'the bridge is stopping' });
  t.like(await write(setup, 'evse/boost_mode', 'false'), { code: 'offline' });
  t.is(setup.backend.writes.length, 1);
});
