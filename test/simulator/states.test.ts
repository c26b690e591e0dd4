import test from 'ava';
import type { Firmware } from '../../src/simulator/profile.js';
import { ask, shown, world } from './_simulator.js';

/** Topics of charger-wire 10.1, and the first of the four releases that has them. */
const topics: Readonly<Record<string, Firmware>> = Object.fromEntries(
  (
    [
      [
        '2.0.9',
        'evse/state evse/hardware_configuration evse/low_level_state evse/button_state evse/slots evse/indicator_led',
        'evse/external_current evse/external_clear_on_disconnect evse/external_enabled evse/external_defaults',
        'evse/management_current evse/management_enabled evse/auto_start_charging evse/global_current',
        'evse/user_current evse/user_enabled evse/modbus_tcp_enabled evse/ocpp_enabled evse/user_calibration',
        'info/name info/display_name info/version info/features info/modules info/last_boots event_log/boot_id',
        'meter/state meter/values meter/all_values meter/phases charge_tracker/current_charge',
        'mqtt/config mqtt/state network/config network/state ntp/config ntp/state users/config',
      ],
      [
        '2.6.1',
        'evse/boost_mode evse/led_configuration evse/automation_current evse/meter_config evse/identity',
        'meters/0/config meters/0/state meters/0/value_ids meters/0/values mqtt/auto_discovery_config',
        'evse/led_configuration_modified evse/meter_config_modified',
        'power_manager/state power_manager/low_level_state power_manager/external_control',
      ],
      [
        '2.12.1',
        'evse/charge_mode evse/supported_charge_modes evse/enumerate_value evse/eebus_enabled',
        'evse/p14a_enwg_enabled evse/management_state',
      ],
    ] as const
  ).flatMap(([since, ...lines]) => lines.flatMap((line) => line.split(' ')).map((path) => [path, since])),
);

const order: readonly Firmware[] = ['2.0.9', '2.6.1', '2.8.9', '2.12.1'];

for (const firmware of order) {
  test(`${firmware} has its topics and no later ones`, async (t) => {
    const { port } = await world(t, { firmware });
    for (const [path, since] of Object.entries(topics)) {
      const gone = path.endsWith('_modified') && firmware === '2.12.1';
      const expected = order.indexOf(since) <= order.indexOf(firmware) && !gone;
      t.is((await ask(port, 'GET', `/${path}`)).status, expected ? 200 : 404, path);
    }
  });
}

test('the shapes of the controller’s topics follow the release', async (t) => {
  const keys = async (firmware: Firmware, path: string) =>
    Object.keys((await shown((await world(t, { firmware })).port, path)) as object);
  t.deepEqual(await keys('2.0.9', '/evse/indicator_led'), ['indication', 'duration']);
  t.deepEqual(await keys('2.6.1', '/evse/indicator_led'), [
    'indication',
    'duration',
    'color_h',
    'color_s',
    'color_v',
  ]);
  t.is((await keys('2.6.1', '/evse/low_level_state')).at(-1), 'uptime');
  t.deepEqual((await keys('2.8.9', '/evse/low_level_state')).slice(-5), [
    'uptime',
    'phases_current',
    'phases_requested',
    'phases_state',
    'phases_info',
  ]);
  const lengths = await Promise.all(
    order.map(async (firmware) => (await keys(firmware, '/evse/slots')).length),
  );
  t.deepEqual(lengths, [12, 15, 15, 17]);
  t.deepEqual(await keys('2.0.9', '/info/version'), ['firmware', 'config']);
});

test('version and features follow the release, and the name says that it is simulated', async (t) => {
  const [older, newer] = [await world(t, { firmware: '2.0.9' }), await world(t, { firmware: '2.12.1' })];
  t.deepEqual(await shown(older.port, '/info/version'), { firmware: '2.0.9-63d00000', config: '2.0.9' });
  t.deepEqual(await shown(newer.port, '/info/version'), {
    firmware: '2.12.1+6a300000',
    config: '2.12.1',
    config_type: 'warp',
  });
  t.deepEqual(await shown(older.port, '/info/features'), [
    'evse',
    'nfc',
    'meter',
    'meter_phases',
    'meter_all_values',
  ]);
  t.deepEqual(await shown(newer.port, '/info/features'), [
    'evse',
    'firmware_update',
    'nfc',
    'meters',
    'meter',
    'meter_phases',
    'meter_all_values',
  ]);
  t.like(await shown(newer.port, '/info/name'), {
    type: 'warp',
    display_type: 'WARP Charger Pro 22kW (simulated)',
  });
});

test('a meter shows the values of the model under their ids', async (t) => {
  const { port, controller, clock } = await world(t);
  controller.world.setVehicle({ ...controller.world.vehicle(), connected: true, requesting: true });
  await clock.pass(60_000);
  const ids = (await shown(port, '/meters/0/value_ids')) as number[];
  const values = (await shown(port, '/meters/0/values')) as number[];
  const { power, energy_abs } = (await shown(port, '/meter/values')) as { power: number; energy_abs: number };
  const all = (await shown(port, '/meter/all_values')) as number[];
  t.true(power > 1_000);
  t.is(values[ids.indexOf(74)], power);
  t.is(values[ids.indexOf(209)], energy_abs);
  t.deepEqual(
    [1, 2, 3, 13, 17, 21].map((id) => values[ids.indexOf(id)]),
    all.slice(0, 6),
  );
});

test('settings that the model does not have are kept', async (t) => {
  const { port, writes } = await world(t, { firmware: '2.12.1' });
  t.deepEqual(await shown(port, '/evse/charge_mode'), { mode: 4 });
  t.deepEqual(await shown(port, '/evse/supported_charge_modes'), []);
  t.is((await ask(port, 'PUT', '/evse/charge_mode', '2')).status, 200);
  t.deepEqual(await shown(port, '/evse/charge_mode'), { mode: 2 });
  t.is((await ask(port, 'PUT', '/evse/charge_mode', '10')).status, 400);
  t.is((await ask(port, 'PUT', '/info/display_name', '"garage"')).status, 200);
  t.deepEqual(await shown(port, '/info/display_name'), { display_name: 'garage' });
  t.deepEqual(writes, []);
});

test('commands without a state are called by their own name, a family shows only what is there', async (t) => {
  const { port } = await world(t, { firmware: '2.12.1' });
  t.is((await ask(port, 'PUT', '/charge_limits/override_energy', '7000')).status, 200);
  t.deepEqual(await shown(port, '/charge_limits/active_limits'), { duration: 0, energy_wh: 7000 });
  t.is((await ask(port, 'PUT', '/charge_limits/override_energy_update', '7000')).status, 404);
  t.is((await ask(port, 'PUT', '/charge_limits/override_duration', '"x"')).status, 400);
  t.is(
    (await ask(port, 'PUT', '/charge_limits/default_limits', '{"duration":5,"energy_wh":7000}')).status,
    200,
  );
  t.deepEqual(await shown(port, '/charge_limits/default_limits'), { duration: 5, energy_wh: 7000 });
  t.is(
    (await ask(port, 'PUT', '/charge_limits/default_limits', '{"duration":11,"energy_wh":0}')).status,
    400,
  );
  t.deepEqual(await shown(port, '/meters/1/values'), []);
  t.is(await shown(port, '/meters/2/values'), 404);
  t.is(await shown(port, '/ev/state'), 404, 'a WARP4 has it');
});

test('beside a setting in flash it says whether that is the default and unchanged since boot', async (t) => {
  const { port, clock } = await world(t);
  const modified = async (body?: string) => {
    if (body !== undefined) await ask(port, 'PUT', '/evse/led_configuration', body);
    await clock.pass(400);
    return shown(port, '/evse/led_configuration_modified');
  };
  t.deepEqual(await modified(), { modified: 0 });
  t.deepEqual(await modified('true'), { modified: 3 });
  await ask(port, 'PUT', '/simulator/fault', '{"mode":"reboot","duration":1000}');
  await clock.pass(15_000);
  t.deepEqual(await modified(), { modified: 2 });
  t.deepEqual(await modified('false'), { modified: 1 });
});

test('nothing of the bridge or the simulated world is among the charger’s topics', async (t) => {
  const { port, charger } = await world(t);
  t.true(charger.store.has('bridge/current_limit'));
  t.is(await shown(port, '/bridge/current_limit'), 404);
  t.is((await ask(port, 'PUT', '/simulator/vehicle/connected', 'true')).status, 404);
});
