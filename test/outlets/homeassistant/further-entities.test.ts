import test from 'ava';
import { type FakeSetup, fakeCharger } from '../../_fakes.js';
import { documentFor, documents, generations, recordedCharger } from './_chargers.js';
import { FakeBroker, home, MINUTE, NAME, parsed, reportsAll, TOPIC } from './_fake-home-assistant.js';
import { render } from './_render.js';

const keysOf = ({ charger }: FakeSetup) => Object.keys(documentFor(charger).components);

test('meters beyond the first are there by their value ids, and follow their order', (t) => {
  const setup = fakeCharger({ mirror: ['*'] });
  const { backend } = setup;
  backend.reports('info/name', NAME);
  for (const number of [0, 1, 3]) {
    backend.reports(`meters/${number}/value_ids`, [209, 74, 1]);
    backend.reports(`meters/${number}/values`, [4_271.4, -1_230, 230.5]);
  }
  backend.reports('meters/2/value_ids', []);
  backend.reports('meters/2/values', []);
  const keys = keysOf(setup).filter((key) => key.startsWith('meter'));
  t.deepEqual(
    keys,
    [1, 3].flatMap((number) => ['power', 'imported', 'voltage_l1'].map((key) => `meter_${number}_${key}`)),
  );
  const shown = (key: string) =>
    render(String(documentFor(setup.charger).components[key]?.value_template), {
      value_json: setup.charger.read('meters/1/values'),
    });
  t.is(shown('meter_1_power'), '-1230');
  t.is(documentFor(setup.charger).components.meter_1_power?.name, 'Meter 1 power');
  t.is(documentFor(setup.charger, 'de').components.meter_3_imported?.name, 'Zähler 3 Energie Bezug');
  t.is(documentFor(setup.charger).components.meter_3_power?.state_topic, 'warp/meters/3/values');
  backend.reports('meters/1/value_ids', [74, 209]);
  backend.reports('meters/1/values', [500, 4_271.5]);
  t.is(shown('meter_1_power'), '500');
  t.is(shown('meter_1_imported'), '4271.5');
  const template = String(documentFor(setup.charger).components.meter_1_power?.value_template);
  for (const value_json of [[null, null], []]) t.is(render(template, { value_json }), 'None');
  t.false(keysOf(setup).includes('meter_1_voltage_l1'), 'a value that the meter has no more');
});

test('a meter whose values come in another order brings a new document', async (t) => {
  const made = home({}, new FakeBroker(), fakeCharger({ mirror: ['*'] }));
  made.link.connect();
  reportsAll(made);
  made.backend.reports('info/name', NAME);
  made.backend.reports('meters/1/value_ids', [209, 74]);
  made.backend.reports('meters/1/values', [1, 2]);
  await made.clock.pass(MINUTE);
  const template = () => parsed(made.link.retained.get(TOPIC) ?? '').components.meter_1_power?.value_template;
  t.regex(String(template()), /value_json\[1\]/);
  made.backend.reports('meters/1/value_ids', [74, 209]);
  await made.clock.pass(MINUTE);
  t.regex(String(template()), /value_json\[0\]/);
});

test('an energy manager is a device that shows what it has', (t) => {
  const setup = recordedCharger('all of an energy manager');
  const { device } = documentFor(setup.charger);
  t.is(device.model, 'WARP Energy Manager');
  const keys = keysOf(setup);
  for (const key of [
    'charger_reachable',
    'command_refused',
    'manager_problem',
    'relay',
    'phases_switched',
    'power_manager_charge_mode',
    'phases_wanted',
    'available_current',
    'meter_0_power',
    'meter_0_imported',
    'firmware',
    'restart',
  ])
    t.true(keys.includes(key), key);
  for (const key of [
    'charger_state',
    'external_current',
    'power',
    'energy_abs',
    'limited_by',
    'session_energy',
  ])
    t.false(keys.includes(key), key);
});

test('a second energy manager has its inputs and outputs in lists', (t) => {
  const setup = fakeCharger({ mirror: ['*'] });
  setup.backend.reports('info/name', { ...NAME, type: 'wem2' });
  setup.backend.reports('energy_manager/state', {
    error_flags: 0,
    config_error_flags: 0,
    em_version: 2,
    inputs: [true, false, false, true],
    sg_ready_outputs: [false, true],
    relays: [true, false],
  });
  const { components } = documentFor(setup.charger);
  const value_json = setup.charger.read('energy_manager/state');
  const shown = (key: string) => render(String(components[key]?.value_template), { value_json });
  t.deepEqual(['input_1', 'input_2', 'input_4', 'sg_ready_2', 'relay_1', 'relay_2'].map(shown), [
    'ON',
    'OFF',
    'ON',
    'ON',
    'ON',
    'OFF',
  ]);
  t.false('relay' in components || 'phases_switched' in components);
});

test('phases are offered where the charger can switch them, and available while it lets others do it', (t) => {
  const setup = fakeCharger({ mirror: ['*'] });
  setup.backend.reports('info/name', NAME);
  setup.backend.reports('power_manager/external_control', { phases_wanted: 3 });
  t.false(keysOf(setup).includes('phases_wanted'), 'not known yet');
  setup.backend.reports('power_manager/state', { config_error_flags: 0, external_control: 1 });
  t.false(keysOf(setup).includes('phases_wanted'), 'switched off');
  setup.backend.reports('power_manager/state', { config_error_flags: 0, external_control: 2 });
  const availability = documentFor(setup.charger).components.phases_wanted?.availability as {
    topic: string;
    value_template?: string;
  }[];
  t.deepEqual(
    availability.map(({ topic }) => topic),
    ['warp/bridge/state', 'warp/bridge/charger', 'warp/power_manager/state'],
  );
  const at = (external_control: number) =>
    render(availability[2]?.value_template ?? '', { value_json: { external_control } });
  t.deepEqual([0, 1, 2, 3].map(at), ['online', 'offline', 'offline', 'online']);
});

test('the firmware that runs and the newest are told, where the charger tells them', (t) => {
  const shown = (state: object) => {
    const setup = fakeCharger({ mirror: ['*'] });
    setup.backend.reports('info/name', NAME);
    setup.backend.reports('firmware_update/state', JSON.stringify(state));
    const template = documentFor(setup.charger).components.firmware?.value_template;
    return template && (JSON.parse(render(String(template), { value_json: state })) as unknown);
  };
  const running = { running_partition: 'app1', app0_version: '2.8.1+1', app1_version: '2.9.0+2' };
  t.deepEqual(shown({ ...running, update_version: '' }), {
    installed_version: '2.9.0+2',
    latest_version: '2.9.0+2',
  });
  t.deepEqual(shown({ ...running, running_partition: 'app0', update_version: '2.9.1' }), {
    installed_version: '2.8.1+1',
    latest_version: '2.9.1',
  });
  t.is(shown({ check_timestamp: 0, check_error: '', update_version: '' }), undefined, 'firmware 2.5');
});

test('every generation has what an owner looks for', (t) => {
  for (const name of generations.filter((one) => one.includes('WARP'))) {
    const keys = keysOf(recordedCharger(name));
    for (const key of ['charger_reachable', 'command_refused', 'restart'])
      t.true(keys.includes(key), `${name}: ${key}`);
  }
  const warp4 = keysOf(recordedCharger('all of a WARP4'));
  for (const key of ['vehicle_soc', 'vehicle_name', 'charger_state', 'wake_vehicle', 'phases_wanted'])
    t.true(warp4.includes(key), key);
});

/** The kinds of components for which openHAB's binding has a class, as far as we use any (docs/openhab.md). */
const OPENHAB = ['binary_sensor', 'button', 'event', 'number', 'select', 'sensor', 'switch', 'update'];

test('openHAB knows every kind of component that is announced', (t) => {
  const used = new Set(
    [...documents().values()].flatMap(({ components }) =>
      Object.values(components).map(({ platform }) => platform),
    ),
  );
  t.deepEqual([...used].sort(), OPENHAB);
});

test('members that a later release adds are passed on with what is known', (t) => {
  const { charger, backend } = fakeCharger({ mirror: ['*'] });
  const later = (known: object) => JSON.stringify({ ...known, brand_new: { a: [1] } });
  const states = {
    'ocpp/state': {
      charge_point_state: 1,
      charge_point_status: 2,
      connector_state: 3,
      connector_status: 4,
      txn_id: 7,
    },
    'wifi/state': {
      connection_state: 3,
      connection_start: 5,
      ap_state: 0,
      sta_ip: '192.0.2.7',
      sta_rssi: -61,
    },
    'ethernet/state': {
      connection_state: 3,
      mac: '',
      ip: '192.0.2.8',
      subnet: '255.255.255.0',
      link_speed: 100,
    },
    'eco/state': { last_charge_plan_save: 0, chargers: [{ start: 3, amount: 4 }] },
    'solar_forecast/state': {
      wh_today: -1,
      wh_today_remaining: -1,
      wh_tomorrow: -1,
      rate_limit: 12,
      next_api_call: 0,
    },
    'p14a_enwg/state': { active: true, limit_w: 4_200 },
    'charge_limits/state': {
      start_timestamp_ms: 1,
      start_energy_kwh: 1.5,
      target_timestamp_ms: 2,
      target_energy_kwh: null,
      target_soc_pct: 80,
    },
  };
  for (const [path, known] of Object.entries(states)) {
    backend.reports(path, later(known));
    t.is(charger.store.get(path), later(known), path);
  }
});
