import test from 'ava';
import { fakeCharger, openPolicy } from '../../_fakes.js';
import { documentFor, recorded } from './_chargers.js';
import { announced, MINUTE, NAME, reportsAll } from './_fake-home-assistant.js';

const CONTROLS = ['number', 'switch', 'select', 'button'];

/** The platforms and keys of a WARP1 under a policy. */
function shown(policy: Partial<typeof openPolicy>) {
  const { charger, backend } = fakeCharger({ policy: { ...openPolicy, ...policy } });
  backend.reports('info/name', NAME);
  for (const { path, text } of recorded('warp1-public-doc', charger.topics)) backend.reports(path, text);
  return Object.entries(documentFor(charger).components);
}

test('a bridge that is read-only offers no control', (t) => {
  const components = shown({ readOnly: true });
  t.true(components.length > 20);
  t.deepEqual(
    components.filter(([, { platform }]) => CONTROLS.includes(platform)),
    [],
  );
});

test('only what may be written is offered', (t) => {
  const components = shown({ writable: ['external_*', 'start_charging'] });
  const controls = components.filter(([, { platform }]) => CONTROLS.includes(platform)).map(([key]) => key);
  t.deepEqual(controls.sort(), [
    'charging_allowed',
    'external_clear_on_disconnect',
    'external_current',
    'external_default_clear',
    'external_default_current',
    'start_charging',
  ]);
});

test('no switch can lift the limit to 32 A by itself', (t) => {
  const external = shown({}).find(([key]) => key === 'external_enabled')?.[1];
  t.is(external?.platform, 'binary_sensor');
  t.is(external?.command_topic, undefined);
});

test('a charge mode is offered in words, and only those that this charger has', (t) => {
  const { charger, backend } = fakeCharger();
  backend.reports('info/name', NAME);
  backend.reports('evse/charge_mode', { mode: 4 });
  t.is(documentFor(charger).components.charge_mode, undefined, 'nobody manages this charger');
  backend.reports('evse/supported_charge_modes', []);
  t.is(documentFor(charger).components.charge_mode, undefined);
  backend.reports('evse/supported_charge_modes', [0, 1, 2, 3]);
  t.deepEqual(documentFor(charger).components.charge_mode?.options, ['Fast', 'Off', 'PV', 'Min + PV']);
  t.deepEqual(documentFor(charger, 'de').components.charge_mode?.options, [
    'Schnell',
    'Aus',
    'PV',
    'Min + PV',
  ]);
});

test('modes that come later bring a new document', async (t) => {
  const home = await announced();
  const documents = () => home.link.published.filter(({ topic }) => topic.endsWith('/config'));
  const before = documents().length;
  home.backend.reports('evse/charge_mode', { mode: 0 });
  home.backend.reports('evse/supported_charge_modes', [0, 1]);
  await home.clock.pass(MINUTE);
  t.is(documents().length, before + 1);
  home.backend.reports('evse/supported_charge_modes', [0, 1, 2]);
  await home.clock.pass(MINUTE);
  t.regex(documents().at(-1)?.payload ?? '', /"ops":\["Fast","Off","PV"\]/);
});

test('a charge brings its energy, its time and its user', (t) => {
  const { charger, backend } = fakeCharger();
  backend.reports('info/name', NAME);
  charger.tellOwn('bridge/session', {
    start: '2026-11-24T18:02:11Z',
    end: null,
    energy: 7_350,
    charging_seconds: 60,
    user_id: 3,
    max_power: 11_000,
    meter_start: 5,
  });
  const { components } = documentFor(charger);
  for (const key of ['session_energy', 'session_duration', 'session_start', 'session_end', 'session_user'])
    t.is(components[key]?.state_topic, 'warp/bridge/session', key);
});

test('after a new document every state is told again', async (t) => {
  const home = await announced();
  const told: string[] = [];
  home.charger.watch({ state: (path) => told.push(path), connection() {} });
  await home.clock.pass(1_999);
  t.deepEqual(told, []);
  await home.clock.pass(1);
  t.true(told.includes('evse/state') && told.includes('evse/external_current'));
});

test('who is refused sees what is so again', async (t) => {
  const setup = fakeCharger();
  reportsAll(setup);
  const told: string[] = [];
  setup.charger.watch({ state: (path, text) => told.push(`${path} ${text}`), connection() {} });
  const current = setup.charger.store.get('evse/external_current');
  await setup.charger.write({ path: 'evse/external_current', payload: Buffer.from('3000'), retained: false });
  t.deepEqual(told, [`evse/external_current ${current}`]);
});
