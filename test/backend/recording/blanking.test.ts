import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Blanking } from '../../../src/backend/recording/blanking.js';
import { eventLine, readEvent } from '../../../src/backend/recording/recording-events.js';
import { chargerTopics } from '../../../src/topics/index.js';
import { until } from '../../_until.js';
import { recorded } from './_recorded.js';

const blanking = new Blanking(chargerTopics());

/** What chargers show of people, houses and networks: the topic, what it shows, and what must not be left of it. */
const PRIVATE: readonly (readonly [path: string, value: unknown, ...secrets: string[]])[] = [
  ['info/display_name', { display_name: 'Annas Garage' }, 'Anna', 'Garage'],
  [
    'users/config',
    { users: [{ id: 1, display_name: 'Anna', username: 'anna', digest_hash: 'f00d' }] },
    'nna',
    'f00d',
  ],
  ['nfc/seen_tags', [{ tag_type: 2, tag_id: '04:AB:CD:EF', last_seen: 5 }], '04:AB', 'CD'],
  ['charge_tracker/current_charge', { user_id: 1, authorization_info: { tag_id: '04:AB:CD' } }, '04:AB'],
  [
    'wifi/sta_config',
    { ssid: 'Annas Netz', bssid: [18, 52, 86], passphrase: 'hunter2' },
    'Netz',
    '52',
    'hunter',
  ],
  [
    'wifi/state',
    { connection_state: 3, sta_ip: '192.168.17.45', sta_bssid: 'AA:BB:CC:11:22:33' },
    '168',
    'BB',
  ],
  ['ethernet/state', { connection_state: 3, ip: '192.168.17.45' }, '168'],
  ['network/config', { hostname: 'annas-warp' }, 'annas'],
  ['mqtt/config', { broker_host: 'broker.anna.example', broker_username: 'anna' }, 'anna', 'example'],
  ['remote_access/config', { uuid: '1b4e28ba', users: [{ email: 'anna@example.org' }] }, '4e28', 'anna'],
  ['wireguard/config', { private_key: 'c2VjcmV0', remote_host: 'home.example' }, 'c2Vj', 'home'],
  ['solar_forecast/planes/0/config', { lat: 518976, long: 85671, name: 'Roof' }, '518976', '85671', 'Roof'],
  ['ev/state', { soc: 55, mac: 'AA:BB:CC:11:22:33' }, 'BB'],
  ['charge_manager/config', { chargers: [{ host: 'warp-x.local', name: 'Annas' }] }, 'local', 'Annas'],
  ['evse/management_state', { is_managed: true, last_peer: '192.168.17.9' }, '168'],
  ['certs/state', { certs: [{ id: 0, name: 'annas ca', size: 5 }] }, 'annas'],
  ['unheard/of', { phone: 491701234, text: 'ünï' }, '4917', 'ünï'],
];

for (const [path, value, ...secrets] of PRIVATE) {
  test(`${path} keeps its shape, and nothing of people`, (t) => {
    const text = blanking.state(path, JSON.stringify(value));
    for (const secret of secrets) t.false(text.toLowerCase().includes(secret.toLowerCase()), text);
    t.deepEqual(shapeOf(JSON.parse(text)), shapeOf(value));
  });
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([name, one]) => [name, shapeOf(one)]);
}

test('a tag and an address stay what their rows take', (t) => {
  t.is(
    blanking.state('nfc/seen_tags', '[{"tag_type":2,"tag_id":"04:AB:CD","last_seen":5}]'),
    '[{"tag_type":2,"tag_id":"00:00:00","last_seen":5}]',
  );
});

test('what says how the charger is stays as it came', (t) => {
  const folder = join(import.meta.dirname, '../../../../test/data/payloads');
  for (const generation of ['warp1-public-doc', 'warp3-hw40']) {
    for (const name of readdirSync(join(folder, generation))) {
      const path = name.replace(/(__.*)?\.json$/, '').replace('_', '/');
      const text = readFileSync(join(folder, generation, name), 'utf8').trim();
      if (path.startsWith('evse/') || path.startsWith('meter/')) t.is(blanking.state(path, text), text, name);
    }
  }
  const name = '{"name":"warp3-AbC","type":"warp3","display_type":"WARP3 Charger Pro 22kW","uid":"AbC"}';
  t.is(blanking.state('info/name', name), name);
  t.is(blanking.state('info/display_name', '{"display_name":"warp3-AbC"}'), '{"display_name":"warp3-AbC"}');
});

test('what is no JSON, or nested too deep, ends no recording', (t) => {
  const deep = `${'['.repeat(50_000)}"Anna"${']'.repeat(50_000)}`;
  for (const path of ['info/version', 'info/name', 'evse/state', 'unheard/of'])
    for (const text of ['<html>Anna\n</html>', '', '{', deep]) {
      const line = eventLine({ at: 1, type: 'state', topic: path, text: blanking.state(path, text) });
      t.like(readEvent(line), { type: 'state', topic: path, text: '""' });
    }
});

test('what is written is blanked too', (t) => {
  t.deepEqual(blanking.written('evse/external_current_update', '{"current":6000}'), { current: 6000 });
  t.deepEqual(blanking.written('info/display_name_update', '"Anna"'), '0000');
  t.notRegex(
    JSON.stringify(blanking.written('evse/reset_dc_fault_current_state', '{"password":3695376931}')),
    /3695376931/,
  );
  t.notRegex(JSON.stringify(blanking.written('nfc/inject_tag', '{"tag_type":2,"tag_id":"04:AB"}')), /04:AB/);
});

test('nothing private of a whole recording is in its file', async (t) => {
  const login = { username: 'annalogin', password: 'annasecret' };
  const { text } = await recorded(
    t,
    { type: 'warp3', firmware: '2.12.1', ...login },
    async ({ world, write, told }) => {
      await write('info/display_name', { display_name: 'Annas Garage' });
      await write('evse/user_enabled', { enabled: true });
      await world('simulator/tag', { tag_id: '04:AB:CD:EF' });
      await world('simulator/vehicle', { connected: true, requesting: true });
      await write('nfc/inject_tag', { tag_type: 2, tag_id: '04:AB:CD:EF' });
      await write('evse/reset_dc_fault_current_state', { password: 3695376931 });
      await until(
        () => /Annas/.test(told.latest.get('info/display_name') ?? ''),
        'the name that is told before it is blanked',
      );
      await until(() => /annalogin/.test(told.latest.get('users/config') ?? ''), 'the users');
    },
  );
  for (const secret of ['anna', 'garage', '04:AB', 'CD:EF', '3695376931', '127.0.0.1', 'nonce']) {
    t.false(text.toLowerCase().includes(secret.toLowerCase()), secret);
  }
});

test('what this program says about a charger names nobody', (t) => {
  const said = (text: string) => blanking.message(text, 'http://annas-warp.local:8080');
  t.is(
    said(
      'http://annas-warp.local:8080 refuses the login of "anna \\"x\\"" (HTTP 401); check CHARGER_USERNAME',
    ),
    'the charger refuses the login of "…" (HTTP 401); check CHARGER_USERNAME',
  );
  t.is(
    said("can't be talked to: connect EFAULT 192.168.17.45:80"),
    "can't be talked to: connect EFAULT 0.0.0.0:80",
  );
  t.is(said('getaddrinfo ENOTFOUND annas-warp.local'), 'getaddrinfo ENOTFOUND the charger');
  t.is(said('connect EFAULT fe80::1:2:3:4 - Local'), 'connect EFAULT 0.0.0.0 - Local');
  t.is(said('did not answer within 5 s'), 'did not answer within 5 s');
});
