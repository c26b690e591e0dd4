// Plays and times what scripts/ten-minutes has prepared: argv[2] is the folder with the published repository, and
// --base says that the base image is there already.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, Rig, until } from '../test-node-red/rig.js';
import { HomeAssistant } from './homeassistant/home-assistant.js';
import { installed, wanted } from './homeassistant/installation.js';

const PROMISED_S = 600;
const PATIENCE_MS = 120_000;
const CHARGER = 'http://192.168.1.20';
const LOGIN = { username: 'me', password: 'secret' };
const DEVICE = 'warp_bridge_SIM1';

const room = process.argv[2];
const checkout = join(room, 'evse-mqtt-bridge');
const rig = new Rig();
let total = 0;

/** Runs one step, and prints what its owner sees and how long it took. */
async function step(what, run) {
  const since = performance.now();
  const seen = await run();
  const seconds = (performance.now() - since) / 1_000;
  total += seconds;
  console.log(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
  for (const line of (seen ?? '').split('\n').filter(Boolean)) console.log(`          ${line.slice(0, 160)}`);
}

/** Types a command; returns what it prints. */
function type(command, cwd = checkout) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: exit code ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** The house: what its owner has before the ten minutes begin. */
async function house() {
  writeFileSync(join(room, 'passwd'), '');
  type(`mosquitto_passwd -b passwd ${LOGIN.username} ${LOGIN.password}`, room);
  const settings = ['listener 1883', 'allow_anonymous false', `password_file ${join(room, 'passwd')}`];
  writeFileSync(join(room, 'mosquitto.conf'), `user root\nlog_dest stderr\n${settings.join('\n')}\n`);
  await rig.start('mosquitto', 'mosquitto', ['-c', join(room, 'mosquitto.conf')]).says(/running/);
  const main = resolve('dist/main.js');
  const charger = rig.start('charger', process.execPath, [main, 'simulate'], {
    env: { SIMULATE_HOST: '192.168.1.20', SIMULATE_PORT: '80' },
  });
  await charger.says(/is a simulated charger/);
  const ha = new HomeAssistant(rig, installed(wanted([])), await freePort());
  await ha.start();
  await ha.setUp(1883, LOGIN);
  return ha;
}

async function main() {
  const ha = await house();
  const entity = async (key) => (await ha.entities(DEVICE)).get(key)?.entity_id;
  const shows = (key, accept) =>
    until(
      async () => {
        const id = await entity(key);
        const state = id && ha.states.get(id)?.state;
        return state !== undefined && accept(state) && `${id}: ${state}`;
      },
      `${key} in Home Assistant`,
      PATIENCE_MS,
    );

  await step('git clone', () =>
    type(`git clone --quiet "${join(room, 'published')}" evse-mqtt-bridge`, room),
  );
  await step('cp .env.example .env, and four lines filled in', () => {
    type('cp .env.example .env');
    const filled = { CHARGER_URL: CHARGER, MQTT_URL: 'mqtt://192.168.1.5', MQTT_USERNAME: LOGIN.username };
    Object.assign(filled, { MQTT_PASSWORD: LOGIN.password });
    let text = readFileSync(join(checkout, '.env'), 'utf8');
    for (const [name, value] of Object.entries(filled))
      text = text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`);
    writeFileSync(join(checkout, '.env'), text);
  });
  await step('docker compose up -d --build', () => void type('docker compose up -d --build'));
  await step('docker compose exec bridge node dist/main.js check', () =>
    type('docker compose exec -T bridge node dist/main.js check'),
  );
  await step('docker compose logs --tail 20 bridge', async () => {
    let log = '';
    await until(
      () => {
        log = type('docker compose logs --tail 20 bridge');
        return /charger online: /.test(log);
      },
      'the charger in the log',
      PATIENCE_MS,
    );
    return log.split('\n').find((line) => line.includes('charger online: '));
  });
  await step('the charger is a device in Home Assistant', () =>
    shows('charger_state', (state) => state !== 'unavailable'),
  );
  await step('6 A in Home Assistant, the car is plugged in and charges with 6 A', async () => {
    await ha.call('number.set_value', await entity('external_current'), { value: 6 });
    await shows('external_current', (state) => Number(state) === 6);
    const car = { connected: true, requesting: true };
    await fetch(`${CHARGER}/simulator/vehicle`, { method: 'PUT', body: JSON.stringify(car) });
    await shows('charger_state', (state) => state === 'Charging');
    return shows('power', (state) => Math.abs(Number(state) - 6 * 690) < 300);
  });
  await step('0 A stops it', async () => {
    await ha.call('number.set_value', await entity('external_current'), { value: 0 });
    return shows('power', (state) => Number(state) < 50);
  });
  type('docker compose down --volumes');
  const without = process.argv.includes('--base') ? ', nor the download of the base image' : '';
  console.log(
    `\nten-minutes: ${Math.round(total)} s of ${PROMISED_S}; the time to read and to type is not in it${without}`,
  );
  if (total > PROMISED_S) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`ten-minutes: ${error.message}`);
  process.exitCode = 1;
} finally {
  await rig.close();
}
process.exit();
