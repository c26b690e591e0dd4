import test from 'ava';
import { Refused } from '../../../src/base/errors.js';
import { Metrics } from '../../../src/outlets/http/metrics.js';
import { bytes, FakeLink, type FakeSetup, fakeCharger, outletContext } from '../../_fakes.js';

const state = {
  iec61851_state: 2,
  charger_state: 3,
  contactor_state: 3,
  contactor_error: 0,
  allowed_charging_current: 16_000,
  error_state: 0,
  lock_state: 0,
  dc_fault_current_state: 0,
};

const write = ({ charger }: FakeSetup, path: string, payload: string) =>
  charger.write({ path, payload: bytes(payload), retained: false });

/** The lines of `text` about this program, without help and types. */
const samples = (text: string) => text.split('\n').filter((line) => line.startsWith('evse_'));

test('what a charger shows, while it is online', async (t) => {
  const setup = fakeCharger();
  const metrics = new Metrics([outletContext(setup)]);
  setup.backend.reports('evse/state', state);
  setup.backend.reports('meter/values', { power: 11_040.5, energy_rel: null, energy_abs: 1_234.5 });
  t.deepEqual(samples(await metrics.text()), [
    'evse_broker_up{charger="warp"} 1',
    'evse_charger_up{charger="warp"} 1',
    'evse_charger_state{charger="warp"} 3',
    'evse_iec61851_state{charger="warp"} 2',
    'evse_error_state{charger="warp"} 0',
    'evse_allowed_charging_current_milliamperes{charger="warp"} 16000',
    'evse_power_watts{charger="warp"} 11040.5',
    'evse_energy_kilowatthours{charger="warp"} 1234.5',
    'evse_states_total{charger="warp"} 2',
  ]);
});

test('a charger that is offline shows nothing but why', async (t) => {
  const setup = fakeCharger();
  const link = new FakeLink();
  const metrics = new Metrics([outletContext(setup, link)]);
  setup.backend.reports('evse/state', state);
  setup.backend.sink?.offline('the charge controller "does not" answer');
  link.up = false;
  t.deepEqual(samples(await metrics.text()), [
    'evse_broker_up{charger="warp"} 0',
    'evse_charger_up{charger="warp"} 0',
    'evse_charger_offline_reason{charger="warp",why="the charge controller \\"does not\\" answer"} 1',
    'evse_states_total{charger="warp"} 1',
  ]);
  setup.backend.sink?.offline('another reason');
  t.is((await metrics.text()).match(/evse_charger_offline_reason\{/g)?.length, 1, 'only the present one');
});

test('a member without a value is no sample', async (t) => {
  const setup = fakeCharger();
  const metrics = new Metrics([outletContext(setup)]);
  setup.backend.reports('meter/values', { power: null, energy_rel: null, energy_abs: 1 });
  const text = await metrics.text();
  t.false(text.includes('evse_power_watts{'));
  t.true(text.includes('evse_energy_kilowatthours{charger="warp"} 1'));
});

test('writes are counted by what became of them', async (t) => {
  const setup = fakeCharger();
  const metrics = new Metrics([outletContext(setup)]);
  await write(setup, 'evse/external_current', '6000');
  await write(setup, 'evse/external_current', '1');
  await write(setup, 'evse/nonsense', '1');
  setup.backend.answer = async () => {
    throw new Refused('rejected', 'no');
  };
  await write(setup, 'evse/external_current', '7000');
  const text = samples(await metrics.text()).filter((line) => line.startsWith('evse_writes_total'));
  t.deepEqual(text.sort(), [
    'evse_writes_total{charger="warp",outcome="invalid"} 1',
    'evse_writes_total{charger="warp",outcome="ok"} 1',
    'evse_writes_total{charger="warp",outcome="rejected"} 1',
    'evse_writes_total{charger="warp",outcome="unknown"} 1',
  ]);
});

test('chargers that come later are counted, those that are gone are not', async (t) => {
  const [first, second] = [fakeCharger(), fakeCharger()];
  const chargers = [outletContext(first)];
  const metrics = new Metrics(chargers);
  chargers.push({ ...outletContext(second), prefix: 'garage/left' });
  await metrics.text();
  second.backend.reports('evse/state', state);
  t.true((await metrics.text()).includes('evse_states_total{charger="garage/left"} 1'));
  first.backend.reports('evse/state', state);
  await write(first, 'evse/external_current', '6000');
  t.true((await metrics.text()).includes('charger="warp"'));
  chargers.shift();
  await metrics.text();
  first.backend.reports('evse/state', { ...state, error_state: 1 });
  t.false((await metrics.text()).includes('charger="warp"'));
});
