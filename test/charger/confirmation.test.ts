import test from 'ava';
import { bytes, type FakeSetup, fakeCharger, settle } from '../_fakes.js';

const external = 'evse/external_current';
const slot = (max_current: number) => ({ max_current, active: true, clear_on_disconnect: false });

/** A charger that takes every write and does nothing by itself. */
function idle(): FakeSetup {
  const setup = fakeCharger();
  setup.backend.reports(external, { current: 32_000 });
  setup.backend.reports(
    'evse/slots',
    [0, 0, 0, 0, 0].map((current) => slot(current)),
  );
  setup.backend.reports('evse/state', stateOf(0));
  setup.backend.answer = async () => {};
  return setup;
}

const stateOf = (charger_state: number) => ({
  iec61851_state: 0,
  charger_state,
  contactor_state: 1,
  contactor_error: 0,
  allowed_charging_current: 0,
  error_state: 0,
  lock_state: 0,
  dc_fault_current_state: 0,
});

const write = ({ charger }: FakeSetup, path: string, payload: string) =>
  charger.write({ path, payload: bytes(payload), retained: false });

test('a write is read back once, unless the charger has told its effect before the answer', async (t) => {
  const setup = fakeCharger();
  setup.backend.reports(external, { current: 32_000 });
  const answer = { topic: external, status: 'ok', value: { current: 6_000 } } as const;
  t.deepEqual(await write(setup, external, '6000'), answer);
  await setup.clock.pass(5_000);
  t.deepEqual(setup.backend.reads, []);
  // It shows this already, which tells nothing of what it has just taken.
  t.deepEqual(await write(setup, external, '6000'), answer);
  await setup.clock.pass(5_000);
  t.deepEqual(setup.backend.reads, [external]);
  t.is(setup.clock.waiting, 0);
});

test('a write is read back until it shows, for the controller takes its time', async (t) => {
  const setup = idle();
  const receipt = write(setup, external, '6000');
  await setup.clock.pass(299);
  t.is(setup.backend.reads.length, 1);
  setup.backend.answerRead = async () => {
    setup.backend.reports(external, { current: 6_000 });
    return true;
  };
  await setup.clock.pass(1);
  t.false('applied' in (await receipt));
  await setup.clock.pass(5_000);
  t.is(setup.backend.reads.length, 2);
});

test('a write that the charger ignores is said to be without effect only after the last reading', async (t) => {
  const setup = idle();
  let told = false;
  const receipt = write(setup, external, '6000').finally(() => {
    told = true;
  });
  await setup.clock.pass(1_999);
  t.is(setup.backend.reads.length, 3);
  t.false(told);
  await setup.clock.pass(1);
  t.like(await receipt, { status: 'ok', applied: false, hint: 'the charger took it, but does not show it' });
  t.is(setup.backend.reads.length, 4);
  t.is(setup.clock.waiting, 0);
});

test('a charger that needs seconds for each answer is waited for', async (t) => {
  const setup = idle();
  setup.backend.answerRead = () =>
    new Promise((done) => {
      setup.clock.after(4_400, () => {
        // The first answer is from before the write took effect.
        if (setup.backend.reads.length > 1) setup.backend.reports(external, { current: 6_000 });
        done(true);
      });
    });
  const receipt = write(setup, external, '6000');
  await setup.clock.pass(8_800);
  t.false('applied' in (await receipt));
});

test('what nobody could read is said neither to have an effect nor to have none', async (t) => {
  const setup = idle();
  setup.backend.answerRead = async () => false;
  const receipt = write(setup, external, '6000');
  await setup.clock.pass(2_000);
  t.deepEqual(await receipt, {
    topic: external,
    status: 'error',
    code: 'offline',
    error:
      'the charger does not answer any more; the charger took the write, which may or may not have had an effect',
  });
});

test('nobody waits for a look where the topics can not tell, and it ends in peace', async (t) => {
  const setup = fakeCharger();
  setup.backend.reports('evse/brand_new', { mode: 3 });
  setup.backend.answer = async () => {};
  setup.backend.answerRead = async () => false;
  t.like(await write(setup, 'evse/brand_new', '{"mode":1}'), { status: 'ok' });
  await setup.clock.pass(5_000);
  await settle();
  t.is(setup.clock.waiting, 0);
});

test('a reading from before the effect was due is no proof that there is none', async (t) => {
  const setup = idle();
  setup.backend.answerRead = async () => setup.backend.reads.length < 4;
  const receipt = write(setup, external, '6000');
  await setup.clock.pass(2_000);
  t.like(await receipt, { status: 'error', code: 'offline' });
});

test('an action is looked for in the topics that show its effect', async (t) => {
  const setup = idle();
  const receipt = write(setup, 'evse/start_charging', '');
  await setup.clock.pass(2_000);
  t.like(await receipt, { applied: false });
  t.true(setup.backend.reads.includes('evse/slots'));
  t.false(setup.backend.reads.includes('evse/start_charging'));
});

test('a command without a state is never read: the charger would carry it out', async (t) => {
  const setup = fakeCharger();
  const rows = [...setup.charger.topics.values()].filter(({ state, command }) => command && !state);
  for (const { path, command } of rows) {
    const members = (command?.members ?? []).map((member) => `"${member}":0`).join(',');
    await write(setup, path, command?.action ? '' : `{${members}}`);
    await setup.clock.pass(5_000);
    t.false(setup.backend.reads.includes(path), path);
  }
  t.true(setup.backend.writes.length > 2);
});

test('a topic without a row is read back, and not judged', async (t) => {
  const setup = fakeCharger();
  setup.backend.reports('evse/brand_new', { mode: 3 });
  setup.backend.answer = async () => {};
  t.false('applied' in (await write(setup, 'evse/brand_new', '{"mode":1}')));
  t.deepEqual(setup.backend.reads, ['evse/brand_new']);
});

test('a topic without a row is read until it shows the value, though nobody waits for that', async (t) => {
  const setup = fakeCharger();
  setup.backend.reports('evse/brand_new', { mode: 3 });
  setup.backend.answer = async () => {};
  setup.backend.answerRead = async () => {
    if (setup.backend.reads.length === 3) setup.backend.reports('evse/brand_new', { mode: 1 });
    return true;
  };
  t.like(await write(setup, 'evse/brand_new', '{"mode":1}'), { status: 'ok' });
  await setup.clock.pass(5_000);
  t.is(setup.backend.reads.length, 3);
  t.deepEqual(setup.charger.read('evse/brand_new'), { mode: 1 });
});

test('a charger that goes away ends the looking, and so does the end of the bridge: nobody knows', async (t) => {
  const away = idle();
  const unseen = write(away, external, '6000');
  await settle();
  away.backend.sink?.offline('gone');
  t.like(await unseen, {
    code: 'offline',
    error:
      'the charger is offline: gone; the charger took the write, which may or may not have had an effect',
  });
  const stopped = idle();
  const unfinished = write(stopped, external, '6000');
  await settle();
  stopped.stop();
  t.like(await unfinished, {
    code: 'offline',
    error: 'the bridge is stopping; the charger took the write, which may or may not have had an effect',
  });
  await settle();
  t.is(away.clock.waiting + stopped.clock.waiting, 0);
});

for (const [title, modes, outcome] of [
  ['that no manager controls says so', [], { applied: false, hint: /no charge manager/ }],
  ['that a manager controls takes it', [0, 1, 2, 3], {}],
] as const) {
  test(`a charge mode on a charger ${title}`, async (t) => {
    const setup = fakeCharger();
    setup.backend.reports('evse/supported_charge_modes', modes);
    setup.backend.reports('evse/charge_mode', { mode: 4 });
    // State and command are one object: the charger shows what was written, whatever it does with it.
    const receipt = write(setup, 'evse/charge_mode', '2');
    await setup.clock.pass(2_000);
    t.deepEqual(setup.charger.read('evse/charge_mode'), { mode: 2 });
    const { hint, applied, status } = (await receipt) as { hint?: string; applied?: boolean; status: string };
    t.is(status, 'ok');
    t.is(applied, 'applied' in outcome ? outcome.applied : undefined);
    if ('hint' in outcome) t.regex(hint ?? '', outcome.hint);
  });
}

test('what the charger has not told yet is read before a write counts as applied', async (t) => {
  const setup = fakeCharger();
  setup.backend.answer = async () => {};
  setup.backend.answerRead = async () => {
    setup.backend.reports(external, { current: 32_000 });
    return true;
  };
  const receipt = write(setup, external, '6000');
  await setup.clock.pass(2_500);
  t.deepEqual(new Set(setup.backend.reads), new Set([external]));
  t.like(await receipt, { status: 'ok', applied: false });
});

test('where the charger has no such state, a write that it took is ok', async (t) => {
  const setup = fakeCharger();
  setup.backend.answer = async () => {};
  setup.backend.answerRead = async () => false;
  const receipt = write(setup, external, '6000');
  await setup.clock.pass(2_500);
  t.deepEqual(await receipt, { topic: external, status: 'ok', value: { current: 6_000 } });
});
