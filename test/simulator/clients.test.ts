import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { Controller } from '../../src/model/controller.js';
import { Line, Listener, type Reply, shown, until, type World, world } from './_simulator.js';

/** What evcc's charger `warp-ws` keeps of what the charger said (charger-wire 8.2). */
class Evcc {
  readonly #listener: Listener;
  readonly #http: Line;
  #read = 0;
  readonly #topics = new Map<string, unknown>();

  private constructor(http: Line, listener: Listener) {
    this.#http = http;
    this.#listener = listener;
  }

  /** Steps 1 to 4: features, name, WebSocket; all over one kept connection, as Go's client does. */
  static async start(t: ExecutionContext, port: number): Promise<Evcc> {
    const http = await Line.open(port);
    t.teardown(() => http.end());
    const evcc = new Evcc(http, await Listener.open(t, port));
    const features = await evcc.#get('/info/features');
    t.true(JSON.parse(features.body).includes('meters'));
    const name = await evcc.#get('/info/name');
    t.is(JSON.parse(name.body).type, 'warp');
    return evcc;
  }

  async #get(path: string): Promise<Reply> {
    const headers = ['User-Agent: Go-http-client/1.1', 'Accept: application/json', 'Accept-Encoding: gzip'];
    this.#http.request('GET', path, undefined, headers);
    return this.#http.reply();
  }

  /** Step 6. The status is not looked at, but the connection must stay of use. */
  async setCurrent(current: number): Promise<Reply> {
    const headers = [
      'User-Agent: Go-http-client/1.1',
      'Content-Type: application/json',
      'Accept-Encoding: gzip',
    ];
    this.#http.request('POST', '/evse/external_current', JSON.stringify({ current }), headers);
    return this.#http.reply();
  }

  /** Takes in frames: each a sequence of whole JSON documents of together at most 32768 bytes. */
  #catchUp(t: ExecutionContext): void {
    for (const frame of this.#listener.frames.slice(this.#read)) {
      t.true(Buffer.byteLength(frame) <= 32_768);
      for (const document of frame.split('\n').filter((line) => line !== '')) {
        const { topic, payload } = JSON.parse(document) as { topic: string; payload: unknown };
        if (topic === 'meters/0/values')
          t.true(this.#topics.has('meters/0/value_ids'), 'ids come before values');
        this.#topics.set(topic, payload);
      }
    }
    this.#read = this.#listener.frames.length;
  }

  /** Step 5, what evcc makes of the topics. */
  view(t: ExecutionContext) {
    this.#catchUp(t);
    const document = <T>(topic: string) => this.#topics.get(topic) as T;
    const { iec61851_state: iec } = document<{ iec61851_state: number }>('evse/state');
    const { current } = document<{ current: number }>('evse/external_current');
    const ids = document<number[]>('meters/0/value_ids');
    const values = document<number[]>('meters/0/values');
    const value = (id: number) => values[ids.indexOf(id)];
    const waits =
      document<{ enabled: boolean }>('evse/user_enabled').enabled &&
      document<{ current: number }>('evse/user_current').current === 0;
    return {
      status: ['A', 'B', 'C'][iec] ?? 'error',
      enabled: current > 0,
      power: value(74),
      energy: value(209),
      currents: [value(13), value(17), value(21)],
      voltages: [value(1), value(2), value(3)],
      waitsForAuthorization: iec === 1 && waits,
      tag: document<{ authorization_info: { tag_id?: string } | null }>('charge_tracker/current_charge')
        .authorization_info?.tag_id,
    };
  }

  get pings(): number {
    return this.#listener.pings;
  }

  get open(): boolean {
    return this.#listener.code === undefined;
  }
}

/** Lets `seconds` pass; the client is through with everything sent in them. */
async function pass({ clock }: World, evcc: Evcc, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const pings = evcc.pings;
    await clock.pass(1_000);
    await until(() => evcc.pings > pings);
  }
}

function plug(controller: Controller, change: { connected?: boolean; requesting?: boolean }): void {
  controller.world.setVehicle({ ...controller.world.vehicle(), ...change });
}

test('evcc, charger warp-ws: a charge from plugging in to leaving', async (t) => {
  const at = await world(t);
  const evcc = await Evcc.start(t, at.port);
  await pass(at, evcc, 1);
  t.like(evcc.view(t), { status: 'A', enabled: true, power: 0, tag: undefined });
  const disabled = await evcc.setCurrent(0);
  t.deepEqual([disabled.status, disabled.headers.includes('Content-Length: 0')], [200, true]);
  plug(at.controller, { connected: true, requesting: true });
  await pass(at, evcc, 4);
  t.like(evcc.view(t), { status: 'B', enabled: false, waitsForAuthorization: false });
  await evcc.setCurrent(6_000);
  await pass(at, evcc, 30);
  const slow = evcc.view(t);
  t.like(slow, { status: 'C', enabled: true });
  t.true(
    slow.currents.every((current) => current !== undefined && current > 5 && current < 6.5),
    String(slow.currents),
  );
  t.true(slow.voltages.every((voltage) => voltage !== undefined && voltage > 200));
  await evcc.setCurrent(16_000);
  await pass(at, evcc, 30);
  const fast = evcc.view(t);
  t.true((fast.power ?? 0) > 2 * (slow.power ?? 0));
  t.true((fast.energy ?? 0) > (slow.energy ?? 0));
  await evcc.setCurrent(0);
  await pass(at, evcc, 6);
  t.like(evcc.view(t), { status: 'B', enabled: false, power: 0 });
  plug(at.controller, { connected: false });
  await pass(at, evcc, 6);
  t.like(evcc.view(t), { status: 'A' });
});

test('evcc, charger warp-ws: with user authorization it is told to wait', async (t) => {
  const at = await world(t);
  at.controller.limits.setUserEnabled(true);
  const evcc = await Evcc.start(t, at.port);
  plug(at.controller, { connected: true, requesting: true });
  await pass(at, evcc, 4);
  t.like(evcc.view(t), { status: 'B', waitsForAuthorization: true });
});

test('evcc, charger warp-ws: after a reboot the dump tells everything again', async (t) => {
  const at = await world(t);
  const evcc = await Evcc.start(t, at.port);
  const line = await Line.open(at.port);
  line.request('PUT', '/reboot', 'null');
  await line.reply();
  await at.clock.pass(5_200);
  await until(() => !evcc.open);
  const again = await Evcc.start(t, at.port);
  await pass(at, again, 1);
  t.like(again.view(t), { status: 'A', enabled: true });
  t.is(typeof again.view(t).power, 'number');
});

/** Requests of one client over one connection; the last column is the status. */
type Requests = readonly (readonly [
  method: string,
  path: string,
  body: string | undefined,
  status: number,
])[];

async function run(
  t: ExecutionContext,
  port: number,
  headers: (method: string, path: string) => readonly string[],
  requests: Requests,
) {
  const line = await Line.open(port);
  for (const [method, path, body, status] of requests) {
    line.request(method, path, body, headers(method, path));
    const reply = await line.reply();
    t.is(reply.status, status, `${method} ${path}: ${reply.body}`);
    if (method === 'GET') t.notThrows(() => JSON.parse(reply.body), path);
  }
  line.end();
}

const login = { username: 'homebridge', password: 'secret' };
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

test('homebridge: one nonce for ever, always with nc=00000001', async (t) => {
  const { port, writes } = await world(t, login);
  const digest = (method: string, path: string) => {
    const ha1 = md5(`${login.username}:esp32-lib:${login.password}`);
    const response = md5(`${ha1}:first:00000001:c0ffee:auth:${md5(`${method}:${path}`)}`);
    return [
      `Authorization: Digest username="${login.username}", realm="esp32-lib", nonce="first", uri="${path}", qop=auth, nc=00000001, cnonce="c0ffee", response="${response}", opaque="x"`,
    ];
  };
  await run(t, port, digest, [
    ['GET', '/info/name', undefined, 200],
    ['GET', '/info/display_name', undefined, 200],
    ['GET', '/info/version', undefined, 200],
    ['GET', '/info/features', undefined, 200],
    ['GET', '/evse/state', undefined, 200],
    ['PUT', '/evse/start_charging', 'null', 200],
    ['PUT', '/evse/stop_charging', 'null', 200],
  ]);
  t.deepEqual(
    writes.map(({ path }) => path),
    ['evse/start_charging', 'evse/stop_charging'],
  );
});

test('Symcon: settings by _update, actions with an empty body', async (t) => {
  const { port, writes } = await world(t);
  await run(t, port, () => ['User-Agent: Symcon', 'Accept: */*', 'Content-Type: application/json'], [
    ['GET', '/evse/state', undefined, 200],
    ['GET', '/meter/values', undefined, 200],
    ['PUT', '/evse/global_current_update', '{"current":16000}', 200],
    ['PUT', '/evse/start_charging', '', 200],
    ['PUT', '/evse/stop_charging', '', 200],
  ]);
  t.is(writes.length, 3);
});

test('Victron: reads by plain paths, actions with {}', async (t) => {
  const { port, writes } = await world(t);
  await run(
    t,
    port,
    () => [
      'User-Agent: python-requests/2.31.0',
      'Accept-Encoding: gzip, deflate',
      'Accept: */*',
      'Connection: keep-alive',
    ],
    [
      ['GET', '/info/version', undefined, 200],
      ['GET', '/info/name', undefined, 200],
      ['GET', '/info/display_name', undefined, 200],
      ['GET', '/meters/0/config', undefined, 200],
      ['GET', '/meters/0/value_ids', undefined, 200],
      ['GET', '/meters/0/values', undefined, 200],
      ['GET', '/evse/slots', undefined, 200],
      ['GET', '/evse/state', undefined, 200],
      ['GET', '/charge_tracker/current_charge', undefined, 200],
      ['GET', '/power_manager/charge_mode', undefined, 200],
      ['PUT', '/evse/global_current', '{"current": 16000}', 200],
      ['PUT', '/evse/external_current', '{"current": 10000}', 200],
      ['PUT', '/evse/auto_start_charging', '{"auto_start_charging": false}', 200],
      ['PUT', '/evse/start_charging', '{}', 200],
      ['PUT', '/evse/stop_charging', '{}', 200],
    ],
  );
  t.is(writes.length, 5);
});

test('Victron: power and current of each phase come by their ids', async (t) => {
  const { port, controller, clock } = await world(t);
  controller.world.setVehicle({ ...controller.world.vehicle(), connected: true, requesting: true });
  await clock.pass(60_000);
  const ids = (await shown(port, '/meters/0/value_ids')) as number[];
  const values = (await shown(port, '/meters/0/values')) as number[];
  const value = (id: number) => values[ids.indexOf(id)] ?? 0;
  // Mean voltage, sum of the currents, power of L1, L2 and L3, frequency (charger-wire 10a).
  t.is(value(7), 230);
  t.true(Math.abs(value(33) - 48) < 1);
  for (const id of [39, 48, 57]) t.true(Math.abs(value(id) - value(74) / 3) < 1, String(id));
  t.is(value(364), 50);
  t.like(await shown(port, '/power_manager/charge_mode'), { mode: 0 });
});
