import test, { type ExecutionContext } from 'ava';
import type { Json } from '../../../src/base/json.js';
import { unfinishedCommands } from '../../../src/outlets/unfinished/index.js';
import { bytes, FakeLink, type FakeSetup, fakeCharger, openPolicy, outletContext } from '../../_fakes.js';

const PILOT = 'evse/control_pilot_disconnect';
const MINUTE_MS = 60_000;

/** What an earlier process left, and how the charger is found: by now it is 12:00. */
interface Found {
  readonly since?: unknown;
  readonly disconnect?: boolean;
  /** Of the charge controller, ms. */
  readonly uptime?: number;
  readonly readOnly?: boolean;
}

async function started(t: ExecutionContext, found: Found): Promise<FakeSetup> {
  const { since, disconnect = true, uptime = 60 * MINUTE_MS, readOnly = false } = found;
  const setup = fakeCharger({ policy: { ...openPolicy, readOnly } });
  setup.backend.sink?.offline('not there yet');
  const link = new FakeLink();
  if (since !== undefined) link.retained.set('warp/bridge/waking', JSON.stringify({ since }));
  const close = await unfinishedCommands(outletContext(setup, link), {});
  t.teardown(async () => {
    await close();
    setup.stop();
  });
  setup.backend.reports(PILOT, { disconnect });
  setup.backend.reports('evse/low_level_state', lifeWith(uptime));
  await setup.clock.pass(0);
  t.deepEqual(setup.backend.writes, [], 'nothing before the charger is online');
  setup.backend.sink?.online('polling');
  await setup.clock.pass(10_000);
  return setup;
}

const lifeWith = (uptime: number): Json => ({
  led_state: 0,
  cp_pwm_duty_cycle: 0,
  adc_values: [],
  voltages: [],
  resistances: [],
  gpio: [],
  charging_time: 0,
  time_since_state_change: 0,
  uptime,
});

const connected = ({ backend }: FakeSetup) => backend.writes.map(({ path, value }) => [path, value]);

test('a control pilot that a killed process left disconnected is connected', async (t) => {
  const setup = await started(t, { since: '2026-11-24T11:59:00Z' });
  t.deepEqual(connected(setup), [[PILOT, { disconnect: false }]]);
  t.deepEqual(setup.charger.read('bridge/waking'), { since: null });
});

test('it is not before its time', async (t) => {
  const setup = fakeCharger();
  const link = new FakeLink();
  link.retained.set('warp/bridge/waking', '{"since":"2026-11-24T11:59:59Z"}');
  const close = await unfinishedCommands(outletContext(setup, link), {});
  setup.backend.reports('evse/low_level_state', lifeWith(9_000_000));
  setup.backend.reports(PILOT, { disconnect: true });
  await setup.clock.pass(2_500);
  t.deepEqual(connected(setup), []);
  await setup.clock.pass(1_000);
  t.deepEqual(connected(setup), [[PILOT, { disconnect: false }]]);
  await close();
  setup.stop();
});

const LEFT: readonly (Found & { readonly name: string; readonly warns?: RegExp })[] = [
  { name: 'nothing was begun' },
  { name: 'the last one was ended', since: null },
  { name: 'what stands there is no time', since: 'yesterday' },
  { name: 'somebody has connected it already', since: '2026-11-24T11:59:00Z', disconnect: false },
  {
    name: 'it is long ago',
    since: '2026-11-24T11:40:00Z',
    warns: /to end it, publish .*_update \{"disconnect":false\}/,
  },
  {
    name: 'the controller has restarted since, which connects it',
    since: '2026-11-24T11:55:00Z',
    uptime: 2 * MINUTE_MS,
    warns: /Somebody may want the present state/,
  },
  { name: 'it begins tomorrow', since: '2026-11-25T00:00:00Z', warns: /so it stays/ },
  { name: 'nothing may be written', since: '2026-11-24T11:59:00Z', readOnly: true, warns: /it stays/ },
];

for (const { name, warns, ...found } of LEFT) {
  test(`the control pilot stays as it is: ${name}`, async (t) => {
    const setup = await started(t, found);
    await setup.clock.pass(MINUTE_MS);
    t.deepEqual(connected(setup), []);
    const told = setup.log
      .texts('warn')
      .filter((text) => text.startsWith('an earlier process began bridge/wake_vehicle'));
    if (warns) t.regex(told.join(), warns);
    else t.deepEqual(told, []);
    const shown = setup.charger.read('bridge/waking');
    if (shown !== undefined) t.deepEqual(shown, { since: null });
  });
}

test('a wake that has begun meanwhile ends by itself', async (t) => {
  const setup = fakeCharger();
  const link = new FakeLink();
  link.retained.set('warp/bridge/waking', '{"since":"2026-11-24T11:59:00Z"}');
  setup.backend.reports('evse/low_level_state', lifeWith(9_000_000));
  setup.backend.reports(PILOT, { disconnect: false });
  void setup.charger.write({ path: 'bridge/wake_vehicle', payload: bytes(''), retained: false });
  const close = await unfinishedCommands(outletContext(setup, link), {});
  await setup.clock.pass(3_900);
  t.deepEqual(connected(setup), [[PILOT, { disconnect: true }]]);
  await setup.clock.pass(MINUTE_MS);
  t.deepEqual(connected(setup), [
    [PILOT, { disconnect: true }],
    [PILOT, { disconnect: false }],
  ]);
  await close();
  setup.stop();
});
