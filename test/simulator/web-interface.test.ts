import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { BadConfiguration } from '../../src/base/errors.js';
import { readWebInterface } from '../../src/simulator/web-interface.js';
import { ask, shown, world } from './_simulator.js';

/** What the charger's own web interface reads and throws without (charger-wire 10a). */
const NEEDED = [
  'automation: config state',
  'batteries: 0/config 0/state config',
  'battery_control: config rules_charge rules_discharge state',
  'certs: state',
  'charge_authorization: last_seen',
  'charge_limits: active_limits default_limits state',
  'charge_manager: available_current charge_modes config low_level_config low_level_state state supported_charge_modes',
  'charge_tracker: config last_charges pdf_letterhead_config state',
  'firmware_update: config install_state state',
  'meters: 1/config 1/state 1/value_ids 1/values',
  'modbus_tcp: config',
  'nfc: config seen_tags',
  'power_manager: charge_mode config dynamic_load_config',
  'remote_access: config ping_state registration_state state',
  'require_meter: config',
  'rtc: config time',
  'system: country_config i18n_config last_reset theme_config',
  'wifi: ap_config sta_config state',
  'wireguard: config state',
].flatMap((line) => {
  const [module, names = ''] = line.split(': ');
  return names.split(' ').map((name) => `${module}/${name}`);
});

const PAGE = '<!doctype html><title>brought</title>';

for (const type of ['warp1', 'warp2', 'warp3'] as const) {
  test(`${type}: every state that its own web interface needs is there`, async (t) => {
    const { port } = await world(t, { type, firmware: '2.12.1' });
    t.is(NEEDED.length, 54);
    for (const path of NEEDED) t.is((await ask(port, 'GET', `/${path}`)).status, 200, path);
    t.is((await ask(port, 'GET', '/login_state')).body, 'Logged in');
    t.like(await shown(port, '/meters/live'), { offset: 0, samples: [[], []] });
    t.like(await shown(port, '/meters/history'), { offset: 0, samples: [[], []] });
    t.like(await shown(port, '/charge_tracker/current_charge'), { charger_name: '' });
    t.is(((await shown(port, '/info/ws')) as { keep_alive_peers: unknown[] }).keep_alive_peers.length, 5);
    t.is(Object.keys((await shown(port, '/network/config')) as object).length, 7);
  });
}

test('its clock can be set, as the web interface does when it is loaded', async (t) => {
  const { port } = await world(t, { firmware: '2.12.1' });
  const time = { year: 2026, month: 11, day: 24, hour: 13, minute: 5, second: 9, weekday: 2 };
  t.is((await ask(port, 'PUT', '/rtc/time_update', JSON.stringify(time))).status, 200);
  t.deepEqual(await shown(port, '/rtc/time'), time);
  t.is((await ask(port, 'PUT', '/rtc/time_update', '{"year":2026}')).status, 400);
  const old = await world(t, { firmware: '2.0.9' });
  t.is((await ask(old.port, 'PUT', '/rtc/time_update', JSON.stringify(time))).status, 404);
});

async function brought(content: Uint8Array | string): Promise<{ file: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'web-interface-'));
  const file = join(folder, 'index.html');
  await writeFile(file, content);
  return { file, remove: () => rm(folder, { recursive: true }) };
}

test('a web interface that the user brings is shown, plain or compressed', async (t) => {
  for (const [content, encoding] of [
    [PAGE, undefined],
    [gzipSync(PAGE), 'gzip'],
  ] as const) {
    const { file, remove } = await brought(content);
    t.teardown(remove);
    const { port } = await world(t, { web: await readWebInterface(file) });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    t.is(await response.text(), PAGE);
    t.is(response.headers.get('content-encoding') ?? undefined, encoding);
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'If-None-Match': etag } });
    t.is(again.status, 304);
    t.is((await ask(port, 'GET', '/evse/state')).status, 200);
  }
});

test('a web interface that is not there is told by its setting', async (t) => {
  const error = await t.throwsAsync(readWebInterface('no-such-file.html'), { instanceOf: BadConfiguration });
  t.regex(error.message, /SIMULATE_WEB.*no-such-file\.html/);
});

test('on the path of a topic an upgrade is not looked at', async (t) => {
  const { port } = await world(t);
  const headers = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  const on = (path: string) => ask(port, 'GET', path, undefined, headers);
  const { status, body } = await on('/evse/state');
  t.is(status, 200);
  t.is(typeof (JSON.parse(body) as { iec61851_state: number }).iec61851_state, 'number');
  t.is((await on('/nothing')).status, 400);
});
