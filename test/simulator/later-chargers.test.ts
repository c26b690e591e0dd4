import test from 'ava';
import type { Controller } from '../../src/model/controller.js';
import { modelTypes } from '../../src/model/generations/model-type.js';
import { Line, type World, world } from './_simulator.js';

const HEADERS = ['Content-Type: application/json'];

/** A program that asks and commands over one kept connection, as evcc does (charger-wire 8.2). */
class Client {
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  async get(path: string): Promise<unknown> {
    this.#line.request('GET', path);
    const { status, body } = await this.#line.reply();
    return status === 200 ? JSON.parse(body) : status;
  }

  async post(path: string, value: unknown): Promise<{ status: number; body: string }> {
    this.#line.request('POST', path, JSON.stringify(value), HEADERS);
    const { status, body } = await this.#line.reply();
    return { status, body };
  }
}

async function client(at: World): Promise<Client> {
  return new Client(await Line.open(at.port));
}

/** Lets the charger go on for so many seconds. */
async function pass(at: World, seconds: number): Promise<void> {
  for (let s = 0; s < seconds; s++) await at.clock.pass(1000);
}

function plug(controller: Controller): void {
  controller.world.setVehicle({ ...controller.world.vehicle(), connected: true, requesting: true });
}

for (const type of modelTypes) {
  test(`${type}: who it is, and what it can`, async (t) => {
    const at = await world(t, { type, firmware: '2.12.1' });
    const asking = await client(at);
    const { type: name } = (await asking.get('/info/name')) as { type: string };
    t.is(name, type === 'warp1' ? 'warp' : type);
    const features = (await asking.get('/info/features')) as string[];
    t.is(features.includes('phase_switch'), type === 'warp3');
    t.is(features.includes('cp_disconnect'), type !== 'warp1');
    t.is(features.includes('rgb_led'), type === 'warp3');
    t.true(features.includes('nfc') && features.includes('meters'));
    const hostname = ((await asking.get('/network/config')) as { hostname: string }).hostname;
    t.regex(hostname, new RegExp(`^${name}-`));
    t.is(typeof (await asking.get('/evse/gpio_configuration')), type === 'warp1' ? 'number' : 'object');
    t.is(typeof (await asking.get('/simulator/dc_sensor')), type === 'warp1' ? 'number' : 'object');
    const ids = (await asking.get('/meters/0/value_ids')) as number[];
    const values = (await asking.get('/meters/0/values')) as number[];
    t.is(ids.length, values.length);
    t.true(ids.length >= 4);
  });
}

test('evcc, charger warp-ws: one phase and three again on a WARP3', async (t) => {
  const at = await world(t, { type: 'warp3', firmware: '2.12.1' });
  const evcc = await client(at);
  t.deepEqual(await evcc.get('/evse/phase_auto_switch'), { enabled: true });
  t.is((await evcc.post('/evse/phase_auto_switch', { enabled: false })).status, 200);
  plug(at.controller);
  await pass(at, 30);
  t.like(await evcc.get('/evse/state'), { iec61851_state: 2, contactor_state: 27 });
  t.deepEqual(await evcc.get('/power_manager/state'), { config_error_flags: 0, external_control: 0 });
  t.is((await evcc.post('/power_manager/external_control', { phases_wanted: 1 })).status, 200);
  await pass(at, 2);
  t.like(await evcc.get('/power_manager/state'), { external_control: 3 });
  const early = await evcc.post('/power_manager/external_control', { phases_wanted: 3 });
  t.is(early.status, 400);
  t.regex(early.body, /in progress/);
  await pass(at, 85);
  t.like(await evcc.get('/evse/state'), { iec61851_state: 2, contactor_state: 9 });
  t.like(await evcc.get('/power_manager/low_level_state'), { is_3phase: false });
  t.like(await evcc.get('/power_manager/external_control'), { phases_wanted: 1 });
  t.is((await evcc.post('/power_manager/external_control', { phases_wanted: 3 })).status, 200);
  await pass(at, 90);
  t.like(await evcc.get('/evse/state'), { iec61851_state: 2, contactor_state: 27 });
  t.like(await evcc.get('/power_manager/low_level_state'), { is_3phase: true });
  const senseless = await evcc.post('/power_manager/external_control', { phases_wanted: 2 });
  t.is(senseless.status, 400);
  t.regex(senseless.body, /Only 1 or 3/);
});

test('a WARP2 can only tell with how many phases it charges', async (t) => {
  const at = await world(t, { type: 'warp2', firmware: '2.12.1' });
  const evcc = await client(at);
  t.like(await evcc.get('/power_manager/state'), { external_control: 1 });
  t.not((await evcc.post('/power_manager/external_control', { phases_wanted: 1 })).status, 200);
  t.like(await evcc.get('/power_manager/low_level_state'), { is_3phase: true });
});

test('a residual current stops a charge until somebody with the password allows it again', async (t) => {
  const at = await world(t, { type: 'warp2', firmware: '2.12.1' });
  const asking = await client(at);
  plug(at.controller);
  await pass(at, 20);
  t.is((await asking.post('/simulator/dc_sensor', { leakage: 'dc6' })).status, 200);
  await pass(at, 2);
  t.like(await asking.get('/evse/state'), { iec61851_state: 4, error_state: 3, dc_fault_current_state: 1 });
  await asking.post('/simulator/dc_sensor', { leakage: 'none' });
  await asking.post('/evse/reset_dc_fault_current_state', { password: 1 });
  await pass(at, 2);
  t.like(await asking.get('/evse/state'), { dc_fault_current_state: 1 });
  await asking.post('/evse/reset_dc_fault_current_state', { password: 0xdc42fa23 });
  await pass(at, 2);
  t.like(await asking.get('/evse/state'), { error_state: 0, dc_fault_current_state: 0 });
});

test('a tag that is known releases a charge', async (t) => {
  const at = await world(t, { type: 'warp3', firmware: '2.12.1' });
  at.controller.limits.setUserEnabled(true);
  const asking = await client(at);
  plug(at.controller);
  await pass(at, 10);
  t.like(await asking.get('/evse/state'), { iec61851_state: 1, charger_state: 1 });
  const tag = { tag_id: '01:23:AB:3D', known: true, current: 10_000 };
  t.is((await asking.post('/simulator/tag', tag)).status, 200);
  await pass(at, 10);
  t.like(await asking.get('/evse/state'), { iec61851_state: 2, allowed_charging_current: 10_000 });
});
