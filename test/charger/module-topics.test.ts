import test from 'ava';
import { matcher } from '../../src/charger/globs.js';
import { rows } from '../../src/config/settings.js';
import { chargerTopics } from '../../src/topics/index.js';
import { ALWAYS_PUBLISHED, spaceOf } from '../../src/topics/namespaces.js';
import { withNumber } from '../../src/topics/registry.js';
import { bytes, fakeCharger, openPolicy } from '../_fakes.js';

type Setup = ReturnType<typeof fakeCharger>;

const write = ({ charger }: Setup, path: string, payload: string) =>
  charger.write({ path, payload: bytes(payload), retained: false });

const mirror = rows.find(([key]) => key === 'charger.mirror')?.[1].default as readonly string[];

test('every state that has a row is passed on by default, and nothing that holds secrets', (t) => {
  const mirrored = matcher(mirror);
  const left = chargerTopics().rows.filter(({ path, state }) => {
    return state && !ALWAYS_PUBLISHED.includes(spaceOf(path)) && !mirrored(withNumber(path, '0'));
  });
  t.deepEqual(
    left.map(({ path }) => path),
    [],
  );
  for (const path of [
    'nfc/config',
    'wifi/sta_config',
    'wifi/ap_config',
    'mqtt/config',
    'ocpp/config',
    'wireguard/config',
    'remote_access/config',
    'ev/config',
    'certs/state',
  ])
    t.false(mirrored(path), path);
});

test('of the users only numbers and names are passed on', (t) => {
  const { charger, backend } = fakeCharger({ mirror });
  const secret = { roles: 65535, current: 32000, username: 'eva', digest_hash: '0123' };
  const users = [
    { id: 0, display_name: 'Anonymous', ...secret },
    { id: 3, display_name: 'Eva', ...secret },
  ];
  backend.reports('users/config', JSON.stringify({ users, next_user_id: 4, http_auth_enabled: true }));
  t.is(
    charger.store.get('users/config'),
    '{"users":[{"id":0,"display_name":"Anonymous"},{"id":3,"display_name":"Eva"}]}',
  );
});

const parts: readonly (readonly [path: string, payload: string, value: unknown])[] = [
  ['charge_limits/default_limits_update/energy_wh', '7000', { duration: 3, energy_wh: 7000 }],
  ['charge_limits/default_limits/duration', '5', { duration: 5, energy_wh: 100 }],
  ['charge_limits/override_energy/energy_wh', '7000', { energy_wh: 7000 }],
  ['evse/external_current_update/current', '7000', { current: 7000 }],
  ['charge_manager/charge_modes_update/1', '2', [0, 2, 3]],
  ['evse/user_calibration_update/resistance_880/13', '9', undefined],
];

for (const [path, payload, value] of parts) {
  test(`a part of a value is written by its path: ${path}`, async (t) => {
    const setup = fakeCharger({ mirror });
    setup.backend.reports('charge_limits/default_limits', '{"duration":3,"energy_wh":100}');
    setup.backend.reports('charge_manager/charge_modes', '[0,1,3]');
    const calibration = chargerTopics().get('evse/user_calibration')?.state?.example as object;
    setup.backend.reports('evse/user_calibration', JSON.stringify(calibration));
    const receipt = await write(setup, path, payload);
    const expected = value ?? {
      ...calibration,
      resistance_880: [...Array.from(Object.values(calibration)[5] as number[]).slice(0, 13), 9],
    };
    t.like(receipt, { status: 'ok' });
    t.deepEqual(setup.backend.writes[0]?.value as unknown, expected);
    t.false(receipt.topic.includes('_update'), receipt.topic);
  });
}

const noParts: readonly (readonly [path: string, payload: string, error: RegExp])[] = [
  ['evse/external_defaults_update/x', '1', /x: unknown member; known are current, clear_on_disconnect/],
  [
    'evse/external_defaults_update/current',
    '1',
    /^current: expected 0 or 6000..32000 mA, got 1; clear_on_disc.*missing/,
  ],
  ['evse/external_defaults_update/current/7', '1', /^current: expected 0 or 6000/],
  ['charge_manager/charge_modes_update/3', '2', /there is no 3/],
  ['charge_manager/charge_modes_update/x', '2', /there is no x/],
];

for (const [path, payload, error] of noParts) {
  test(`refused as a part: ${path}`, async (t) => {
    const setup = fakeCharger({ mirror });
    setup.backend.reports('charge_manager/charge_modes', '[0,1,3]');
    const receipt = await write(setup, path, payload);
    t.like(receipt, { status: 'error', code: 'invalid' });
    t.regex(receipt.status === 'error' ? receipt.error : '', error);
    t.deepEqual(setup.backend.writes, []);
  });
}

test('a meter of a house gets its values by the topic of its number', async (t) => {
  const setup = fakeCharger({ mirror });
  t.like(await write(setup, 'meters/1/update', '[-1230.5, 4271]'), { status: 'ok', value: [-1230.5, 4271] });
  t.deepEqual(setup.backend.writes, [{ path: 'meters/1/update', value: [-1230.5, 4271] }]);
  for (const payload of ['[null]', '["1"]', '{}', '7', 'null']) {
    t.like(await write(setup, 'meters/1/update', payload), { status: 'error', code: 'invalid' });
  }
  for (const path of ['meters/100/update', 'meters/01/update', 'meters/x/update', 'meters/N/update']) {
    t.like(await write(setup, path, '[1]'), { status: 'error', code: 'unknown' }, path);
  }
});

test('a tag is injected only where that is switched on', async (t) => {
  const payload = '{"tag_type":2,"tag_id":"01:23:AB:3D"}';
  const off = fakeCharger({ mirror });
  t.deepEqual(await write(off, 'nfc/inject_tag_start', payload), {
    topic: 'nfc/inject_tag_start',
    status: 'error',
    code: 'denied',
    error: 'nfc/inject_tag_start is switched off: INJECT_TAGS switches it on',
  });
  t.like(await write(off, 'ev/inject_ev', '"0A:1B:2C:3D:4E:5F"'), { code: 'denied' });
  t.like(await write(off, 'ev/inject_soc', '42.5'), { status: 'ok' }, 'releases nothing');
  const on = fakeCharger({ mirror, policy: { ...openPolicy, injectTags: true } });
  t.like(await write(on, 'nfc/inject_tag_start', payload), { status: 'ok' });
  t.is(on.backend.writes.length, 1);
});

test('no row without a state is ever read: on the path of a command a GET carries it out', async (t) => {
  const setup = fakeCharger({ mirror: ['*'], policy: { ...openPolicy, injectTags: true } });
  for (const row of chargerTopics().rows.filter(({ command, state }) => command && !state)) {
    const path = withNumber(row.path, '1');
    const payload = JSON.stringify(row.command?.example ?? (row.command?.action ? null : 7));
    const written = write(setup, path, payload);
    await setup.clock.pass(5_000);
    t.like(await written, { status: 'ok' }, path);
    t.false(setup.backend.reads.includes(path), path);
  }
  t.true(setup.backend.writes.length > 10);
});

test('a topic without a row is forwarded where the owner says so, and its state passed on', async (t) => {
  const setup = fakeCharger({ mirror: [], forward: ['automation_trigger/*', 'heating/sg_ready'] });
  setup.backend.reports('heating/sg_ready', '{"on":false}');
  t.is(setup.charger.store.get('heating/sg_ready'), '{"on":false}');
  setup.backend.answer = async () => {};
  t.like(await write(setup, 'automation_trigger/garage', '"open"'), { status: 'ok' });
  t.like(await write(setup, 'heating/sg_ready', '{"on":true}'), { status: 'ok' });
  t.like(await write(setup, 'heating/config', '{}'), { code: 'unknown' });
  t.like(await write(setup, 'automation_trigger/a/../b', '1'), { code: 'unknown' });
  t.like(await write(setup, 'automation_trigger/garage', 'null'), { code: 'invalid' });
  t.deepEqual(setup.backend.reads, ['heating/sg_ready'], 'what may be a command is not read');
});
