// Further chargers in the same Home Assistant: a WARP3 with the newest firmware, a WARP2 that is managed and has what the
// model lacks, an energy manager, and one that nobody may write to.
import { ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, until } from '../../test-node-red/rig.js';
import { driveControls } from './controls.js';
import { energyManager, fixtureCharger, managedCharger } from './fixture-charger.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const DEVICE = (uid) => `warp_bridge_${uid}`;
const CONTROLS = /^(number|switch|select|button)\./;

async function simulated(rig, type, uid, port) {
  const options = ['--simulate-port', String(port), '--simulate-type', type, '--simulate-firmware', '2.12.1'];
  const args = [MAIN, 'simulate', ...options, '--model-uid', uid, '--log-format', 'json'];
  const program = rig.start('simulate', process.execPath, args);
  await program.says(/is a simulated charger: /);
  return program;
}

/** Starts them all, and tries what the first charger, a WARP1, has not. `tools` are those of the other checks. */
export async function furtherChargers({ rig, ha, home, check, allHaveStates, stateIs, stateOf }) {
  const [warp3Port, warp2Port] = [await freePort(), await freePort()];
  let warp3 = await simulated(rig, 'warp3', 'Gar3', warp3Port);
  await simulated(rig, 'warp2', 'Car2', warp2Port);
  // Managed chargers never show the mode that the others do, 4.
  await fetch(`http://127.0.0.1:${warp2Port}/evse/charge_mode_update`, { method: 'PUT', body: '{"mode":0}' });
  const managed = await fixtureCharger(managedCharger, `http://127.0.0.1:${warp2Port}`);
  const manager = await fixtureCharger(energyManager);
  const file = join(rig.folder('further'), 'chargers.json');
  const chargers = [
    { prefix: 'garage/warp', charger: { url: `http://127.0.0.1:${warp3Port}` } },
    { prefix: 'carport', charger: { url: managed.url } },
    { prefix: 'house', charger: { url: manager.url } },
  ];
  writeFileSync(file, JSON.stringify({ chargers }));
  const daemons = [
    await rig.daemon('--config', file, '--http-port', '0'),
    await rig.daemon('--mqtt-topic-prefix', 'shed', '--model-uid', 'Ro4', '--read-only', '--http-port', '0'),
  ];
  const world = (port, topic, members) =>
    fetch(`http://127.0.0.1:${port}/simulator/${topic}`, { method: 'PUT', body: JSON.stringify(members) });

  async function enableAll(device) {
    const off = [...(await ha.entities(device)).values()].filter(({ disabled_by }) => disabled_by !== null);
    for (const { entity_id } of off)
      await ha.ask('config/entity_registry/update', { entity_id, disabled_by: null });
  }

  const idOf = async (device, key) => (await ha.entities(device)).get(key)?.entity_id;

  await check(
    'a WARP3, a managed WARP2, an energy manager and a read-only charger have all their states',
    async () => {
      for (const uid of ['Gar3', 'Car2', 'Em1', 'Ro4']) await allHaveStates(DEVICE(uid));
      for (const uid of ['Gar3', 'Car2', 'Em1']) await enableAll(DEVICE(uid));
      await ha.post(`/api/config/config_entries/entry/${ha.mqttEntry}/reload`, {});
      for (const uid of ['Gar3', 'Car2', 'Em1']) await allHaveStates(DEVICE(uid));
      const count = async (uid) => (await ha.entities(DEVICE(uid))).size;
      console.log(
        `     entities: WARP3 ${await count('Gar3')}, WARP2 ${await count('Car2')}, energy manager ${await count('Em1')}, read-only ${await count('Ro4')}`,
      );
    },
  );

  await check('a charger that nobody may write to has no controls', async () => {
    const controls = [...(await ha.entities(DEVICE('Ro4'))).values()].filter(({ entity_id }) =>
      CONTROLS.test(entity_id),
    );
    ok(controls.length === 0, JSON.stringify(controls.map(({ entity_id }) => entity_id)));
    await home.tell('shed/evse/external_current_update', '10000');
    await stateIs('command_refused', ({ attributes }) => attributes.code === 'read_only', DEVICE('Ro4'));
  });

  await check('every control of the WARP3 drives it, the phases too', async () => {
    // A switch of the phases shall take 15 s, not a minute.
    await home.tell('garage/warp/evse/phase_switch_wait_time_update', { time: 1 });
    await world(warp3Port, 'vehicle', { connected: true, requesting: true });
    await stateIs('charger_state', ({ state }) => state === 'Charging', DEVICE('Gar3'));
    const phases = await idOf(DEVICE('Gar3'), 'phases_wanted');
    await ha.call('select.select_option', phases, { option: '1' });
    await stateIs('phases_wanted', ({ state }) => state === '1', DEVICE('Gar3'));
    await stateIs('power', ({ state }) => Number(state) > 1_000 && Number(state) < 4_000, DEVICE('Gar3'));
    const { driven, wrong } = await driveControls({ ha, device: DEVICE('Gar3') });
    console.log(`     ${driven} values of controls`);
    ok(wrong.length === 0 && driven > 40, wrong.join('\n'));
  });

  await check('the managed WARP2: charge mode, limits, and what recorded payloads show', async () => {
    const { driven, wrong } = await driveControls({ ha, device: DEVICE('Car2') });
    console.log(`     ${driven} values of controls`);
    ok(wrong.length === 0 && driven > 40, wrong.join('\n'));
    const mode = await idOf(DEVICE('Car2'), 'charge_mode');
    await ha.call('select.select_option', mode, { option: 'Min + PV' });
    const shown = () =>
      fetch(`http://127.0.0.1:${warp2Port}/evse/charge_mode`).then((answer) => answer.json());
    await until(async () => (await shown()).mode === 3, 'the charger to have the mode');
    await stateIs(
      'firmware',
      ({ state, attributes }) => state === 'on' && attributes.latest_version === '2.12.2',
      DEVICE('Car2'),
    );
    await stateIs('meter_1_power', ({ state }) => Math.abs(Number(state) - 6684) < 1, DEVICE('Car2'));
    managed.show('p14a_enwg/state', { active: true, limit: 4_200 });
    await stateIs('p14a_dimmed', ({ state }) => state === 'on', DEVICE('Car2'));
    await stateIs('p14a_dimmed_since', ({ state }) => !Number.isNaN(Date.parse(state)), DEVICE('Car2'));
  });

  await check('every control of the energy manager drives it', async () => {
    const { driven, wrong } = await driveControls({ ha, device: DEVICE('Em1') });
    ok(wrong.length === 0 && driven > 4, wrong.join('\n'));
    await stateIs('meter_0_imported', ({ state }) => Math.abs(Number(state) - 4644) < 1, DEVICE('Em1'));
  });

  await check('a car is woken, and a charger that ignores it is seen', async () => {
    const wake = await idOf(DEVICE('Gar3'), 'wake_vehicle');
    await world(warp3Port, 'vehicle', { requesting: false });
    await stateIs('charging', ({ state }) => state === 'off', DEVICE('Gar3'));
    await ha.call('button.press', wake);
    await stateIs('control_pilot_disconnect', ({ state }) => state === 'on', DEVICE('Gar3'));
    await stateIs('control_pilot_disconnect', ({ state }) => state === 'off', DEVICE('Gar3'));
    // Who is killed before it has ended this ends it after its start.
    await ha.call('button.press', wake);
    await stateIs('control_pilot_disconnect', ({ state }) => state === 'on', DEVICE('Gar3'));
    await daemons[0].stop('SIGKILL');
    await stateIs('control_pilot_disconnect', ({ state }) => state === 'unavailable', DEVICE('Gar3'));
    daemons[0] = await rig.daemon('--config', file, '--http-port', '0');
    await stateIs('control_pilot_disconnect', ({ state }) => state === 'off', DEVICE('Gar3'));
    await world(warp3Port, 'vehicle', { requesting: true });
    await stateIs('charging', ({ state }) => state === 'on', DEVICE('Gar3'));
    await ha.call('button.press', wake);
    await stateIs('command_refused', ({ attributes }) => attributes.code === 'ignored', DEVICE('Gar3'));
  });

  await check('charging is allowed again with the limit that there was before', async () => {
    const device = DEVICE('Gar3');
    await ha.call('number.set_value', await idOf(device, 'external_current'), { value: 13 });
    await stateIs('external_current', ({ state }) => Number(state) === 13, device);
    const allowed = await idOf(device, 'charging_allowed');
    await ha.call('switch.turn_off', allowed);
    await stateIs('external_current', ({ state }) => Number(state) === 0, device);
    await ha.call('switch.turn_on', allowed);
    await stateIs('external_current', ({ state }) => Number(state) === 13, device);
  });

  await check('a charger that goes and comes is told apart from a bridge that does', async () => {
    await warp3.stop('SIGKILL');
    await stateIs('charger_state', ({ state }) => state === 'unavailable', DEVICE('Gar3'));
    await stateIs(
      'charger_reachable',
      ({ state, attributes }) => state === 'off' && attributes.why,
      DEVICE('Gar3'),
    );
    warp3 = await simulated(rig, 'warp3', 'Gar3', warp3Port);
    await stateIs('charger_reachable', ({ state }) => state === 'on', DEVICE('Gar3'));
    await allHaveStates(DEVICE('Gar3'));
    await stateOf('charger_state', DEVICE('Gar3'));
  });

  await check('a charger that loses its charge controller shows the rest, and takes it back', async () => {
    const device = DEVICE('Car2');
    await world(warp2Port, 'fault', { mode: 'no_controller' });
    await stateIs('charger_state', ({ state }) => state === 'unavailable', device);
    await stateIs('charger_reachable', ({ state }) => state === 'off', device);
    for (const key of ['meter_1_power', 'p14a_dimmed', 'wifi_rssi'])
      await stateIs(key, ({ state }) => state !== 'unavailable', device);
    await stateIs('external_current', ({ state }) => state === 'unavailable', device);
    await home.tell('carport/evse/external_current_update', '10000');
    await stateIs('command_refused', ({ attributes }) => attributes.code === 'offline', device);
    await world(warp2Port, 'fault', { mode: 'none' });
    await stateIs('charger_state', ({ state }) => state !== 'unavailable', device);
  });

  await check('nothing was complained about in the log by any of them', () => {
    const lines = ha.complaints();
    ok(lines.length === 0, lines.join('\n'));
  });

  for (const daemon of daemons) await daemon.stop();
  await managed.close();
  await manager.close();
}
