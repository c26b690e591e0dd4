// Tries the bridge with a real Home Assistant, the oldest that is promised: discovery, every control of every kind of
// charger, refusals, restarts of each part, another language, a charger that goes. docs/compatibility.md says what was seen.
// usage: npm run check:homeassistant [-- --version 2025.4.4] [--root FOLDER]
// Mosquitto and a Python that this Home Assistant runs on must be installed; `npm run bundle` before. The Python may
// also be that of another system, in the folder that --root names.
import { ok } from 'node:assert/strict';
import { freePort, Onlooker, Rig, until } from '../test-node-red/rig.js';
import { demand, Tally } from '../test-node-red/tally.js';
import { followsTheSun } from './homeassistant/blueprint.js';
import { driveControls } from './homeassistant/controls.js';
import { furtherChargers } from './homeassistant/further-chargers.js';
import { HomeAssistant } from './homeassistant/home-assistant.js';
import { installed, OLDEST, wanted } from './homeassistant/installation.js';

demand();

const DEVICE = 'warp_bridge_SIM1';
/** Home Assistant applies what was changed in its registry, and the bridge announces, some seconds later. */
const PATIENCE_MS = 90_000;

/** What has no state until something happens, or where nothing is what there is to say. */
const NO_STATE = {
  session_user: 'nobody was asked for authorization',
  session_end: 'the charge is not over',
  resistance_cp: 'without a vehicle the line is open',
  p14a_dimmed_since: 'the grid operator does not dim',
  forecast_today: 'no forecast is set up',
  forecast_rest: 'no forecast is set up',
  forecast_tomorrow: 'no forecast is set up',
};

const tally = new Tally();
const { check } = tally;
const rig = new Rig();
let home;
let ha;
let bridge;

const startBridge = async (...options) => {
  bridge = await rig.daemon('--model-uid', 'SIM1', '--http-port', '0', ...options);
};

/** The keys of the components that the bridge has announced, in one document or in several. */
const announced = (device = DEVICE) =>
  [...home.newest]
    .filter(([topic, text]) => topic.startsWith(`homeassistant/device/${device}`) && text !== '')
    .flatMap(([, text]) => {
      const { components, cmps } = JSON.parse(text);
      return Object.keys(components ?? cmps);
    });

/** The enabled entities whose state says nothing, or whose entity is not there at all. */
async function stateless(device = DEVICE) {
  const keys = announced(device);
  const entities = await ha.entities(device);
  const wrong = keys.filter((key) => !entities.has(key));
  for (const [key, { entity_id, disabled_by }] of entities) {
    if (disabled_by !== null || !keys.includes(key)) continue;
    const [platform] = entity_id.split('.');
    const state = ha.states.get(entity_id)?.state;
    const silent = platform === 'button' || platform === 'event' || key in NO_STATE ? ['unknown'] : [];
    if (state === undefined || state === 'unavailable') wrong.push(`${entity_id}: ${state}`);
    else if (state === 'unknown' && !silent.includes(state)) wrong.push(`${entity_id}: unknown`);
  }
  return wrong;
}

async function allHaveStates(device = DEVICE) {
  let wrong = ['nothing was announced'];
  await until(
    async () => {
      if (announced(device).length > 0) wrong = await stateless(device);
      return wrong.length === 0;
    },
    () => `a state of every entity; these have none: ${wrong.join(', ')}`,
    PATIENCE_MS,
  );
}

async function stateOf(key, device = DEVICE) {
  const entity = (await ha.entities(device)).get(key);
  ok(entity, `there is no entity ${key}`);
  return ha.states.get(entity.entity_id);
}

/** Waits until `accept` is true of the state of an entity. */
async function stateIs(key, accept, device = DEVICE) {
  let state;
  await until(
    async () => {
      state = await stateOf(key, device);
      return state && accept(state);
    },
    () => `${key}: ${accept}; it is ${JSON.stringify(state)}`,
    PATIENCE_MS,
  );
}

const slotsInWords = () =>
  stateIs(
    'limited_by',
    ({ attributes: { slots = [], options = [] } }) =>
      slots.length > 0 && slots.every((slot) => options.includes(slot)),
  );

const vehicle = (members) => home.tell('warp/simulator/vehicle_update', members);

async function checks() {
  await check('every enabled entity has a state', () => allHaveStates());

  await check('what limits the current is named in words, also in the attributes', () => slotsInWords());

  await check('every entity has a state when all are enabled', async () => {
    await vehicle({ connected: true, requesting: true });
    await stateIs('charger_state', ({ state }) => state === 'Charging');
    const off = [...(await ha.entities(DEVICE)).values()].filter(({ disabled_by }) => disabled_by !== null);
    for (const { entity_id } of off)
      await ha.ask('config/entity_registry/update', { entity_id, disabled_by: null });
    await ha.post(`/api/config/config_entries/entry/${ha.mqttEntry}/reload`, {});
    await allHaveStates();
    console.log(`     ${(await ha.entities(DEVICE)).size} entities, ${off.length} of them off by default`);
  });

  await check('every control drives the charger, and shows it', async () => {
    const { driven, wrong } = await driveControls({ ha, device: DEVICE });
    console.log(`     ${driven} values of controls`);
    ok(wrong.length === 0 && driven > 40, wrong.join('\n'));
  });

  await check('a refused command is seen as an event', async () => {
    const before = (await stateOf('command_refused'))?.state;
    await home.tell('warp/evse/global_current_update', '"x"');
    await stateIs('command_refused', ({ state }) => state !== 'unknown' && state !== before);
    const { attributes } = await stateOf('command_refused');
    ok(attributes.code === 'invalid' && attributes.error, JSON.stringify(attributes));
  });

  await check('the blueprint is taken, and the car follows the sun', () =>
    followsTheSun({ ha, device: DEVICE, vehicle, stateIs }),
  );

  await furtherChargers({ rig, ha, home, check, allHaveStates, stateIs, stateOf });

  await check('nothing was complained about in the log', () => {
    const lines = ha.complaints();
    ok(lines.length === 0, lines.join('\n'));
  });

  await check(
    'a press of the front button before a restart of the bridge is not seen again after it',
    async () => {
      await home.tell('warp/simulator/button_update', { pressed: true });
      await stateIs('button', ({ attributes }) => attributes.event_type === 'press_start');
      await home.tell('warp/simulator/button_update', { pressed: false });
      await stateIs('button', ({ attributes }) => attributes.event_type === 'press_end');
      const { state } = await stateOf('button');
      await bridge.stop('SIGKILL');
      await stateIs('charger_state', (now) => now.state === 'unavailable');
      await startBridge();
      await allHaveStates();
      const after = (await stateOf('button')).state;
      ok(after === state, `it was ${state}, now it is ${after}`);
    },
  );

  await check(
    'all is right again after a restart of the broker, which has forgotten everything',
    async () => {
      await broker.stop();
      await stateIs('charger_state', ({ state }) => state === 'unavailable');
      await home.close();
      broker = await rig.broker();
      home = await Onlooker.at(rig.port);
      await allHaveStates();
    },
  );

  await check('all is right again after a restart of Home Assistant', async () => {
    await ha.restart();
    await allHaveStates();
  });

  await check('restarts leave nothing in the log but the lost connection', () => {
    const lines = ha
      .complaints()
      .filter((line) => !/mqtt\.client|Error returned from MQTT server/.test(line));
    ok(lines.length === 0, lines.join('\n'));
  });

  await check('a switch of the language leaves nothing unknown', async () => {
    await bridge.stop();
    await startBridge('--homeassistant-language', 'de');
    await stateIs('charger_state', ({ attributes }) => attributes.options?.includes('Lädt'));
    await allHaveStates();
    await stateIs('charger_state', ({ attributes, state }) => attributes.options.includes(state));
    // Home Assistant makes the attributes before it knows the new texts; the next change of the limit has them.
    await home.tell('warp/evse/external_current_update', '11000');
    await stateIs('limited_by', ({ attributes: { current } }) => current === 11);
    await slotsInWords();
    await home.tell('warp/evse/external_current_update', '32000');
    await bridge.stop();
    await startBridge();
    await stateIs('charger_state', ({ attributes }) => attributes.options?.includes('Charging'));
    await allHaveStates();
    // Home Assistant holds each old text against the new options before it looks at the new text.
    const lines = ha.complaints().filter((line) => !/Error doing job: Task exception/.test(line));
    ok(lines.length === 0, lines.join('\n'));
  });

  await check('another charger under the prefix: the old one goes, with all that it had', async () => {
    await bridge.stop();
    bridge = await rig.daemon('--model-uid', 'NEW9', '--http-port', '0');
    await allHaveStates('warp_bridge_NEW9');
    let left;
    await until(
      async () => {
        left = await ha.entities(DEVICE);
        return left.size === 0;
      },
      () => `the old charger to go; it still has ${[...left.keys()].join(', ')}`,
      PATIENCE_MS,
    );
    ok(!home.newest.get(`homeassistant/device/${DEVICE}/config`), 'its document is still there');
  });

  await check('a charger whose document is cleared goes', async () => {
    await bridge.stop();
    await home.tell('homeassistant/device/warp_bridge_NEW9/config', '', { retain: true });
    await until(
      async () => (await ha.entities('warp_bridge_NEW9')).size === 0,
      'the charger to go',
      PATIENCE_MS,
    );
  });
}

let broker;
try {
  const python = installed(wanted(process.argv.slice(2)));
  broker = await rig.broker();
  home = await Onlooker.at(rig.port);
  await startBridge();
  ha = new HomeAssistant(rig, python, await freePort());
  await ha.start();
  await ha.setUp(rig.port);
  console.log(`== Home Assistant ${(await ha.get('/api/config')).version}, promised: ${OLDEST} and newer`);
  await checks();
} catch (error) {
  tally.fails('to get it running', error);
} finally {
  await home?.close();
  await rig.close();
}
tally.report('home-assistant');
