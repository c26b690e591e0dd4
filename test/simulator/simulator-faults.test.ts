import test from 'ava';
import { WebSocket } from 'ws';
import { ask, Line, Listener, type Reply, shown, until, type World, world } from './_simulator.js';

const fault = async ({ port }: World, body: string) =>
  (await ask(port, 'PUT', '/simulator/fault', body)).status;

/** The charger is away: connections are cut without an answer. */
async function isAway(port: number): Promise<boolean> {
  const line = await Line.open(port);
  line.request('GET', '/evse/state');
  return line.reply().then(
    () => false,
    () => true,
  );
}

test('a reboot closes with 1001, is away for a while, and comes back as after power-on', async (t) => {
  const at = await world(t);
  const { port, clock } = at;
  await ask(port, 'PUT', '/evse/external_defaults', '{"current":13000,"clear_on_disconnect":true}');
  await ask(port, 'PUT', '/evse/external_current', '8000');
  await clock.pass(7_000);
  const before = await shown(port, '/event_log/boot_id');
  const listener = await Listener.open(t, port);
  const idle = await Line.open(port);
  t.is(await fault(at, '{"mode":"reboot","duration":6000}'), 200);
  await clock.pass(200);
  await until(() => listener.code !== undefined);
  t.is(listener.code, 1001);
  await idle.untilClosed();
  t.true(await isAway(port));
  await clock.pass(5_800);
  t.true(await isAway(port));
  await clock.pass(200);
  t.notDeepEqual(await shown(port, '/event_log/boot_id'), before);
  t.deepEqual(await shown(port, '/evse/slots/8'), {
    max_current: 13000,
    active: true,
    clear_on_disconnect: true,
  });
  t.true(((await shown(port, '/evse/low_level_state/uptime')) as number) < 8_000);
  t.like(((await shown(port, '/info/last_boots')) as object[])[0], { reset_reason: 3, uptime: 7_000 });
  await ask(port, 'PUT', '/evse/external_current', 'null');
  t.deepEqual(at.writes.at(-1)?.value, { current: 32000 }, 'command objects start again');
  const again = await Listener.open(t, port);
  await clock.pass(1_000);
  await until(() => again.pings === 1);
  t.like(again.lines().findLast(({ topic }) => topic === 'info/keep_alive')?.payload, { uptime: 900 });
});

test('the charger’s own reboot action does the same; up to 2.7.1 it says nothing', async (t) => {
  const { port, clock } = await world(t, { firmware: '2.6.1' });
  const listener = await Listener.open(t, port);
  t.is((await ask(port, 'GET', '/reboot')).status, 200);
  await clock.pass(200);
  await until(() => listener.code !== undefined);
  t.is(listener.code, 1006);
  t.true(await isAway(port));
  await clock.pass(5_000);
  t.is((await ask(port, 'GET', '/evse/state')).status, 200);
});

test('/force_reboot restarts too', async (t) => {
  const { port, clock } = await world(t);
  t.is((await ask(port, 'GET', '/force_reboot')).status, 200);
  await clock.pass(200);
  t.true(await isAway(port));
});

test('a power cycle and a factory reset take the network with them', async (t) => {
  const { port, clock } = await world(t);
  await ask(port, 'PUT', '/evse/global_current', '16000');
  await ask(port, 'PUT', '/info/display_name', '"garage"');
  await clock.pass(1_000);
  t.is((await ask(port, 'PUT', '/simulator/power_cycle', 'null')).status, 200);
  await clock.pass(200);
  t.true(await isAway(port));
  await clock.pass(10_000);
  t.deepEqual(await shown(port, '/evse/global_current'), { current: 16000 });
  t.deepEqual(await shown(port, '/info/display_name'), { display_name: 'garage' });
  t.is((await ask(port, 'POST', '/simulator/factory_reset')).status, 200);
  await clock.pass(200);
  t.true(await isAway(port));
  await clock.pass(10_000);
  t.deepEqual(await shown(port, '/evse/global_current'), { current: 32000 });
  t.deepEqual(await shown(port, '/info/display_name'), { display_name: 'warp-SIM1 (simulated)' });
});

test('while the main loop stands still reads end with 500 and commands with 400, ten seconds each', async (t) => {
  const at = await world(t);
  const { port, clock, writes } = at;
  const listener = await Listener.open(t, port);
  await until(() => listener.frames.at(-1)?.endsWith('\n\n') ?? false);
  t.is(await fault(at, '{"mode":"stall","duration":60000}'), 200);
  t.deepEqual(await shown(port, '/simulator/fault'), { mode: 'stall' });
  listener.frames.splice(0);
  const [read, command] = [await Line.open(port), await Line.open(port)];
  let answered = 0;
  read.request('GET', '/evse/state');
  const first = read.reply().finally(() => answered++);
  await clock.pass(1);
  command.request('PUT', '/evse/external_current', '16000');
  const second = command.reply().finally(() => answered++);
  await clock.pass(9_900);
  t.is(answered, 0);
  await clock.pass(100);
  t.is((await first).status, 500);
  await clock.pass(9_900);
  t.is(answered, 1, 'they wait one after the other');
  await clock.pass(100);
  const refused = await second;
  t.is(refused.status, 400);
  t.regex(refused.body, /main loop/);
  t.deepEqual(writes, []);
  t.deepEqual(listener.frames, []);
  command.request('GET', '/evse/state');
  const third = command.reply();
  await clock.pass(1);
  t.is(await fault(at, '{"mode":"none"}'), 200);
  t.is((await third).status, 200);
  await clock.pass(1_000);
  await until(() => listener.code !== undefined);
  t.is(listener.code, 1006, 'nobody pinged it for ten seconds, so it could not answer');
  t.deepEqual(await shown(port, '/simulator/fault'), { mode: 'none' });
});

test('a stall ends by itself', async (t) => {
  const at = await world(t);
  await fault(at, '{"mode":"stall","duration":3000}');
  const line = await Line.open(at.port);
  line.request('GET', '/evse/state');
  const reply = line.reply();
  await at.clock.pass(3_000);
  t.is((await reply).status, 200);
  line.end();
});

test('up to 2.1.4 a charger that finds no controller has no evse topics and no such feature', async (t) => {
  const at = await world(t, { firmware: '2.0.9' });
  const { port, clock } = at;
  await clock.pass(1_000);
  const listener = await Listener.open(t, port);
  await fault(at, '{"mode":"no_controller"}');
  t.is(await shown(port, '/evse/state'), 404);
  t.is((await ask(port, 'PUT', '/evse/external_current', '16000')).status, 404);
  t.false(((await shown(port, '/info/features')) as string[]).includes('evse'));
  t.like(await shown(port, '/info/name'), { display_type: 'WARP Charger Pro 22kW (simulated) w/o EVSE' });
  await clock.pass(1_000);
  await until(() => listener.pings === 1);
  listener.frames.splice(0);
  await clock.pass(1_000);
  await until(() => listener.pings === 2);
  t.false(listener.lines().some(({ topic }) => topic.startsWith('evse/')));
  await fault(at, '{"mode":"none"}');
  t.is((await ask(port, 'GET', '/evse/state')).status, 200);
  await clock.pass(1_000);
  await until(() => listener.lines().some(({ topic }) => topic === 'evse/state'));
  t.pass();
});

test('later ones have them with nothing in them, and answer writes as if somebody were there', async (t) => {
  const at = await world(t);
  const { port, clock, writes } = at;
  await clock.pass(1_000);
  await fault(at, '{"mode":"no_controller"}');
  t.deepEqual(await shown(port, '/simulator/fault'), { mode: 'no_controller' });
  t.deepEqual(await shown(port, '/evse/state/charger_state'), 0);
  t.deepEqual(await shown(port, '/evse/low_level_state/uptime'), 0);
  t.deepEqual(await shown(port, '/evse/slots/0'), {
    max_current: 0,
    active: false,
    clear_on_disconnect: false,
  });
  t.deepEqual(await shown(port, '/evse/external_current'), { current: 32000 });
  t.false(((await shown(port, '/info/features')) as string[]).includes('evse'));
  t.like(await shown(port, '/info/name'), { display_type: 'WARP Charger Pro 22kW (simulated) w/o EVSE' });
  t.is((await ask(port, 'PUT', '/evse/external_current', '16000')).status, 200);
  t.deepEqual(writes, []);
  await fault(at, '{"mode":"none"}');
  t.true(((await shown(port, '/evse/low_level_state/uptime')) as number) > 0);
});

test('a frozen controller leaves everything as it was, and the rest goes on', async (t) => {
  const at = await world(t);
  const { port, clock, controller, writes } = at;
  await clock.pass(1_000);
  const listener = await Listener.open(t, port);
  await fault(at, '{"mode":"frozen"}');
  const before = await shown(port, '/evse/low_level_state');
  controller.limits.setExternalCurrent(9_000);
  await clock.pass(1_000);
  await until(() => listener.pings === 1);
  listener.frames.splice(0);
  await clock.pass(4_000);
  await until(() => listener.pings === 5);
  t.false(listener.lines().some(({ topic }) => topic.startsWith('evse/')));
  t.true(listener.lines().some(({ topic }) => topic === 'info/keep_alive'));
  t.deepEqual(await shown(port, '/evse/low_level_state'), before);
  t.deepEqual(await shown(port, '/evse/external_current'), { current: 32000 });
  t.true(((await shown(port, '/info/features')) as string[]).includes('evse'));
  t.is((await ask(port, 'PUT', '/evse/external_current', '16000')).status, 200);
  t.deepEqual(writes, []);
  await fault(at, '{"mode":"none"}');
  t.deepEqual(await shown(port, '/evse/external_current'), { current: 9000 });
});

for (const [firmware, lost] of [
  ['2.0.9', false],
  ['2.8.9', true],
] as const) {
  test(`what changes during the dump is ${lost ? 'never told' : 'told'}: ${firmware}`, async (t) => {
    const at = await world(t, { firmware });
    const { port, clock, controller } = at;
    await clock.pass(1_000);
    await fault(at, '{"mode":"lossy_dump","duration":3000}');
    const listener = await Listener.open(t, port);
    await clock.pass(500);
    controller.limits.setExternalCurrent(9_000);
    await clock.pass(6_000);
    await until(() => listener.pings >= 2);
    const told = listener.lines().filter(({ topic }) => topic === 'evse/external_current');
    t.deepEqual(told.at(-1)?.payload, { current: lost ? 32000 : 9000 });
    t.deepEqual(await shown(port, '/evse/external_current'), { current: 9000 });
  });
}

test('eviction drops one WebSocket client without a word', async (t) => {
  const at = await world(t);
  const [first, second] = [await Listener.open(t, at.port), await Listener.open(t, at.port)];
  t.is(await fault(at, '{"mode":"evict"}'), 200);
  await until(() => first.code !== undefined || second.code !== undefined);
  t.is([first, second].filter(({ ws }) => ws.readyState === WebSocket.OPEN).length, 1);
});

const refused: readonly (readonly [body: string, says: RegExp])[] = [
  ['', /not JSON/],
  ['{', /not JSON/],
  ['5', /an object with mode/],
  ['{"mode":"x"}', /mode: expected one of "none", "reboot"/],
  ['{"mode":"stall","duration":0}', /duration: expected a whole number 1..3600000 ms/],
  ['{"mode":"stall","duration":1.5}', /duration: /],
  ['{"mode":"none","x":1}', /x: unknown member/],
];

test('faults are checked strictly', async (t) => {
  const { port } = await world(t);
  for (const [body, says] of refused) {
    const reply = await ask(port, 'PUT', '/simulator/fault', body);
    t.is(reply.status, 400, body);
    t.regex(reply.body, says);
  }
  t.is((await ask(port, 'DELETE', '/simulator/fault')).status, 405);
});

/** A change of the simulated world is answered when the model shows it, so time has to pass meanwhile. */
async function change({ port, clock }: World, path: string, body: string): Promise<Reply> {
  let answered = false;
  const reply = ask(port, 'PUT', `/simulator/${path}`, body).finally(() => {
    answered = true;
  });
  while (!answered) await clock.pass(50);
  return reply;
}

test('the simulated world is read and written under /simulator/, strictly', async (t) => {
  const at = await world(t);
  const { port, clock, controller } = at;
  t.like(await shown(port, '/simulator/vehicle'), { connected: false });
  t.is((await change(at, 'vehicle', '{"connected":true}')).status, 200);
  t.like(await shown(port, '/simulator/vehicle'), { connected: true, phases: 3 });
  await clock.pass(2_000);
  t.is(await shown(port, '/evse/state/iec61851_state'), 1);
  t.is((await change(at, 'slot', '{"slot":7,"max_current":10000,"active":true}')).status, 200);
  await clock.pass(400);
  t.is(await shown(port, '/evse/state/allowed_charging_current'), 10000);
  t.is((await change(at, 'button', 'true')).status, 200);
  t.true(controller.world.button().pressed);
  t.is((await change(at, 'supply', '{"live":false}')).status, 200);
  const wrong = await ask(port, 'PUT', '/simulator/vehicle', '{"connected":1,"wheels":4}');
  t.is(wrong.status, 400);
  t.regex(wrong.body, /connected: expected true or false.*wheels: unknown/);
  t.is((await ask(port, 'PUT', '/simulator/slot', '{"slot":1}')).status, 400);
  t.is((await ask(port, 'GET', '/simulator/slot')).status, 405);
  t.is((await ask(port, 'GET', '/simulator/power_cycle')).status, 405);
  t.is((await ask(port, 'GET', '/simulator/nothing')).status, 404);
});
