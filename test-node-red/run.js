// Tries examples/node-red/flow.json as a house would: docs/node-red.md says how to run this.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Onlooker, Rig, until } from './rig.js';
import { demand, Tally } from './tally.js';

demand([
  [
    existsSync(join(import.meta.dirname, 'node_modules/node-red')),
    'Node-RED is not installed: npm ci --ignore-scripts --prefix test-node-red',
  ],
]);

/** The tab's environment: the times of a house, shortened. */
const ENV = {
  PHASES: 3,
  START_AFTER_S: 1,
  STOP_AFTER_S: 2,
  INTERVAL_S: 1,
  MAX_STEP_A: 4,
  WATCHDOG_S: 2,
  SAFE_CURRENT_A: 6,
};
const WATT_PER_AMPERE = 230 * ENV.PHASES;
const WRITE = 'warp/evse/external_current_update';
const NOTICE = 'home/warp/notify';

const tally = new Tally();
const { check } = tally;
const rig = new Rig();
let home;
let grid;
let nodeRed;

/** The meter at the grid connection: `surplus` W from the roof, less what the car takes. */
function gridMeter() {
  let timer;
  const meter = {
    surplus: 0,
    readings: 0,
    start() {
      let before;
      timer = setInterval(() => {
        const power = carPower();
        const isSteady = power === before;
        before = power;
        // While the car's power changes the flow may know another one than was read here, and count the difference twice.
        if (!isSteady) return;
        void home.tell('home/grid/power', String(Math.round(power - meter.surplus)));
        meter.readings++;
      }, 100);
    },
    stop() {
      clearInterval(timer);
    },
  };
  return meter;
}

function carPower() {
  return JSON.parse(home.newest.get('warp/meter/values') ?? '{}').power ?? 0;
}

const current = (mA, ms) => home.sees('warp/evse/external_current', (value) => value.current === mA, ms);
const carTakes = (amps) =>
  until(
    () => Math.abs(carPower() - amps * WATT_PER_AMPERE) < 0.3 * WATT_PER_AMPERE,
    () => `a car that takes ${amps} A; it takes ${carPower()} W`,
  );
const vehicle = (members) => home.tell('warp/simulator/vehicle_update', members);
const writes = (from) => home.on(WRITE, from).map(({ payload }) => JSON.parse(payload).current);
const notices = (from) => home.on(NOTICE, from).map(({ payload }) => payload);
const notice = (text, from) =>
  until(
    () => notices(from).includes(text),
    () => `the notice "${text}"; there are ${JSON.stringify(notices(from))}`,
  );

async function checks(daemon) {
  await check('the state is told as text and follows a car that is plugged in', async () => {
    await home.sees('home/warp/text', ({ charger, amps }) => charger === 'Not connected' && amps === 32);
    await vehicle({ connected: true, requesting: false, max_current: 32_000 });
    await home.sees('home/warp/text', ({ iec61851 }) => iec61851 === 'B: Connected');
    await vehicle({ requesting: true });
    await home.sees('home/warp/text', ({ text }) => text === 'Charging, allowed 32 A');
  });

  for (const [button, mA] of [
    ['evse_inj_16', 16_000],
    ['evse_inj_10', 10_000],
    ['evse_inj_6', 6_000],
    ['evse_inj_stop', 0],
  ]) {
    await check(`the button ${button} sets ${mA} mA`, async () => {
      await nodeRed.press(button);
      await current(mA);
      await home.sees('warp/evse/state', (state) => state.allowed_charging_current === mA);
    });
  }

  await check('the PV loop counts what the car takes, not what it may take', async () => {
    await vehicle({ max_current: 8_000 });
    await nodeRed.press('evse_inj_16');
    await carTakes(8);
    const from = home.seen.length;
    grid.surplus = 10.4 * WATT_PER_AMPERE;
    grid.start();
    await nodeRed.press('evse_inj_pv');
    await current(10_000);
    deepEqual(writes(from), [10_000]);
  });

  await check('3000 W to the grid raise the current by what they are worth', async () => {
    await vehicle({ max_current: 32_000 });
    await carTakes(10);
    const from = home.seen.length;
    grid.surplus = carPower() + 3_000;
    await current(14_000);
    deepEqual(writes(from), [14_000]);
  });

  await check('more sun raises it in limited steps, not faster than INTERVAL_S', async () => {
    await carTakes(14);
    const from = home.seen.length;
    grid.surplus = 23.5 * WATT_PER_AMPERE;
    await current(23_000);
    deepEqual(writes(from), [18_000, 22_000, 23_000]);
    const times = home.on(WRITE, from).map(({ at }) => at);
    for (const [index, at] of times.entries()) {
      // The charger's answer and the next reading come in between, so only clocks and queues may take a little off.
      if (index > 0) ok(at - times[index - 1] > ENV.INTERVAL_S * 1_000 - 50, `${at - times[index - 1]} ms`);
    }
  });

  await check('less sun lowers it at once', async () => {
    await carTakes(23);
    const from = home.seen.length;
    grid.surplus = 8.5 * WATT_PER_AMPERE;
    await current(8_000);
    deepEqual(writes(from), [8_000]);
  });

  await check('too little sun: 6 A, and no charging after STOP_AFTER_S', async () => {
    await carTakes(8);
    const from = home.seen.length;
    const dark = performance.now();
    grid.surplus = 3_000;
    await current(0);
    deepEqual(writes(from), [6_000, 0]);
    const last = home.on(WRITE, from).at(-1).at;
    ok(last - dark > ENV.STOP_AFTER_S * 1_000 - 50, `stopped after ${last - dark} ms`);
    await home.sees('home/warp/text', ({ charger }) => charger === 'Waiting for charge release');
  });

  await check('enough sun for START_AFTER_S: it starts again, with 6 A', async () => {
    await carTakes(0);
    const from = home.seen.length;
    const bright = performance.now();
    grid.surplus = 9.5 * WATT_PER_AMPERE;
    await current(9_000);
    deepEqual(writes(from), [6_000, 9_000]);
    const first = home.on(WRITE, from)[0].at;
    ok(first - bright > ENV.START_AFTER_S * 1_000 - 50, `started after ${first - bright} ms`);
    await home.sees('home/warp/text', ({ charger }) => charger === 'Charging');
  });

  await check('the watchdog: no readings, 6 A and one notice; then on as before', async () => {
    await carTakes(9);
    const from = home.seen.length;
    grid.stop();
    // Neither of them is a reading: unreadable, and of unknown age.
    await home.tell('home/grid/power', 'unavailable');
    await current(6_000, 15_000);
    deepEqual(writes(from), [6_000]);
    const stopped = 'WARP charger: no grid readings, at most 6 A until they are back';
    deepEqual(notices(from), [stopped]);
    grid.start();
    await current(9_000);
    deepEqual(notices(from), [stopped, 'WARP charger: grid readings are back']);
  });

  await check('a current that somebody else sets is told, and the loop goes on', async () => {
    await carTakes(9);
    const from = home.seen.length;
    await home.tell(WRITE, '20000');
    await current(20_000);
    await until(
      () => notices(from).some((text) => text.includes('somebody else has set 20 A')),
      'the notice',
    );
    await current(9_000);
  });

  await check('a current set by hand switches the loop off', async () => {
    await nodeRed.press('evse_inj_10');
    await current(10_000);
    const from = home.seen.length;
    const { readings } = grid;
    grid.surplus = 20 * WATT_PER_AMPERE;
    await until(() => grid.readings >= readings + 15, '15 readings');
    deepEqual(writes(from), []);
    grid.stop();
  });

  await check('an error is told once however often it is reported, then OK', async () => {
    const from = home.seen.length;
    const errors = () =>
      home.on('warp/evse/state', from).filter(({ payload }) => JSON.parse(payload).contactor_error === 6);
    await home.tell('warp/simulator/supply_update', { contactor: 'welded' });
    await nodeRed.press('evse_inj_stop');
    const text = 'WARP charger: contactor error, contactor monitoring code 6';
    await notice(text, from);
    await nodeRed.press('evse_inj_16');
    await until(() => errors().length >= 2, 'the error to be reported twice');
    await home.tell('warp/simulator/supply_update', { contactor: 'ok' });
    await vehicle({ connected: false });
    await notice('WARP charger: OK', from);
    deepEqual(notices(from), [text, 'WARP charger: OK']);
  });

  await check('a refused write is told once', async () => {
    const from = home.seen.length;
    await home.tell(WRITE, '3000');
    await home.tell(WRITE, '3000');
    await home.tell('warp/evse/global_current_update', '"x"');
    await until(() => notices(from).length >= 2, 'two notices');
    ok(notices(from)[0].startsWith('WARP charger: write to evse/external_current refused (invalid): '));
    ok(notices(from)[1].startsWith('WARP charger: write to evse/global_current refused (invalid): '));
    const answers = home.on('warp/bridge/response', from).map(({ payload }) => JSON.parse(payload));
    equal(answers.filter(({ code }) => code === 'invalid').length, 3);
  });

  await check('a write without effect is told', async () => {
    const from = home.seen.length;
    // Chargers since firmware 2.6.2, and the model, keep external control on.
    await home.tell('warp/evse/external_enabled_update', 'false');
    await until(() => notices(from).length > 0, 'a notice');
    ok(notices(from)[0].startsWith('WARP charger: write to evse/external_enabled had no effect: '));
  });

  await check('a charger and a bridge that go away are told', async () => {
    const from = home.seen.length;
    // The model never goes away, so this is said in the place of the bridge.
    await home.tell('warp/bridge/charger', 'offline', { retain: true });
    await notice('WARP charger: the charger is offline', from);
    await home.tell('warp/bridge/charger', 'online', { retain: true });
    await notice('WARP charger: the charger is online again', from);
    await daemon.stop();
    await notice('WARP charger: the bridge is offline', from);
  });

  await check('only the text is retained, each once, and only external_current was written', () => {
    const own = home.seen.filter(({ topic }) => topic === WRITE || topic.startsWith('home/warp/'));
    ok(own.length > 20);
    deepEqual(
      own.filter(({ topic, retain }) => retain !== (topic === 'home/warp/text')),
      [],
    );
    const texts = home.on('home/warp/text').map(({ payload }) => payload);
    deepEqual(
      texts.filter((text, at) => text === texts[at - 1]),
      [],
    );
    equal(home.on('warp/evse/global_current_update').length, 1);
    ok(!/\[(error|warn)\] \[(function|mqtt)/.test(nodeRed.program.output), nodeRed.program.output);
  });
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void rig.close().then(() => process.exit(1)));

try {
  await rig.broker();
  home = await Onlooker.at(rig.port);
  const daemon = await rig.daemon('--model-time-scale', '20');
  nodeRed = await rig.nodeRed(ENV);
  grid = gridMeter();
  await checks(daemon);
} catch (error) {
  tally.fails('to get it running', error);
} finally {
  grid?.stop();
  await home?.close();
  await rig.close();
}
if (tally.failed > 0 && nodeRed) console.log(`\nwhat Node-RED said:\n${nodeRed.program.output}`);
tally.report('node-red');
