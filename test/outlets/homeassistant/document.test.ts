import test, { type ExecutionContext } from 'ava';
import type { DiscoveryDocument } from '../../../src/outlets/homeassistant/document.js';
import type { Text } from '../../../src/topics/entity.js';
import { chargerTopics, modelTopics } from '../../../src/topics/index.js';
import { documentFor, documents, everything, folders, modelCharger, recordedCharger } from './_chargers.js';
import { table } from './_table.js';

const components = (document: DiscoveryDocument) => Object.entries(document.components);

test('a WARP1 has the entities of the table', (t) => {
  const document = everything();
  t.deepEqual(Object.keys(document.components).sort(), table.map(({ key }) => key).sort());
  for (const { topic, key, platform, name, category, enabled, look, icon } of table) {
    const component = document.components[key] ?? { platform: 'missing' };
    const path = topic.startsWith('../') ? `warp/${topic.slice(3)}` : `warp/evse/${topic}`;
    const unit = [component.device_class, component.unit_of_measurement].filter(Boolean).join(' ');
    t.deepEqual(
      [component.platform, component.name, component.entity_category ?? 'main', unit, component.icon ?? ''],
      [platform, name, category, look, icon && `mdi:${icon}`],
      key,
    );
    t.is(component.enabled_by_default ?? true, enabled, key);
    t.is(component.unique_id, `warp_bridge_AbCd_${key}`);
    t.is(component.default_entity_id, `${platform}.warp_abcd_${key}`);
    const writes = ['number', 'switch', 'select'].includes(platform);
    t.is(component.state_topic, platform === 'button' ? undefined : path, key);
    t.is(component.command_topic, writes ? `${path}_update` : platform === 'button' ? path : undefined, key);
  }
});

test('currents are set in steps of 1 A from 0 to 32: the slider of a phone hits nothing finer', (t) => {
  const numbers = components(everything()).filter(([, { device_class }]) => device_class === 'current');
  for (const [key, { platform, min, max, step }] of numbers) {
    if (platform === 'number') t.deepEqual([min, max, step], [0, 32, 1], key);
  }
  t.is(numbers.filter(([, { platform }]) => platform === 'number').length, 4);
});

test('few main entities, all others in a category', (t) => {
  const main = components(everything()).filter(([, component]) => component.entity_category === undefined);
  t.deepEqual(
    main.map(([key]) => key),
    [
      'charger_state',
      'vehicle_connected',
      'charging',
      'allowed_current',
      'problem',
      'charge_event',
      'start_charging',
      'stop_charging',
      'external_current',
      'charging_allowed',
      'button',
    ],
  );
});

test('only what the charger has shown', (t) => {
  const all = documents();
  const keys = (name: string) => Object.keys(all.get(name)?.components ?? {});
  t.false(keys('warp1-public-doc').includes('lock_state'), 'no lock');
  for (const key of [
    'voltage_cp',
    'gpio_relay',
    'contactor_error',
    'contactor_state',
    'user_calibration',
    'power',
  ]) {
    t.false(keys('warp3-hw40').includes(key), `${key} on a WARP3 without a meter`);
  }
  for (const key of ['led_state', 'uptime', 'charger_state', 'limited_by', 'start_charging']) {
    t.true(keys('warp3-hw40').includes(key), `${key} on a WARP3`);
  }
  t.false(keys('warp2').includes('charger_state'), 'nothing but settings was recorded');
  t.false(keys('warp2').includes('start_charging'), 'no state, so no sign of a charge controller');
  t.true(keys('warp3').includes('current_l3'));
  t.false(keys('warp3').includes('voltage_cp'), 'the hardware is not known');
});

test('a meter brings power and energy, ready for the energy dashboard', (t) => {
  const { charger, backend } = recordedCharger('warp3');
  backend.reports('meter/values', { power: 4234, energy_rel: 1.5, energy_abs: 4271.4 });
  const { power, energy_abs, energy_rel, power_l1, voltage_l2, current_l3 } = documentFor(charger).components;
  t.like(energy_abs, {
    device_class: 'energy',
    state_class: 'total_increasing',
    unit_of_measurement: 'kWh',
    state_topic: 'warp/meter/values',
  });
  t.is(energy_abs?.enabled_by_default, undefined);
  t.like(power, { device_class: 'power', state_class: 'measurement', unit_of_measurement: 'W' });
  for (const component of [energy_rel, power_l1, voltage_l2, current_l3])
    t.is(component?.enabled_by_default, false);
});

test('the model brings a vehicle and a finger, and says what it is', (t) => {
  const { device, components } = documentFor(modelCharger().charger);
  t.like(components.simulator_vehicle_connected, {
    platform: 'switch',
    command_topic: 'warp/simulator/vehicle_update',
    payload_on: '{"connected": true}',
  });
  for (const key of ['vehicle_requesting', 'vehicle_connected', 'energy_wanted'])
    t.true(`simulator_${key}` in components);
  t.like(components.simulator_button, { platform: 'switch', command_topic: 'warp/simulator/button_update' });
  t.is(components.simulator_vehicle_connected?.entity_category, undefined);
  t.regex(String(device.name), /\(simulated\)/);
  t.regex(String(device.model), /\(simulated\)/);
});

test('a real charger has nothing simulated', (t) => {
  for (const folder of folders)
    t.notRegex(JSON.stringify(documentFor(recordedCharger(folder).charger)), /imulat/);
});

function checkRules(t: ExecutionContext, document: DiscoveryDocument, ids: Set<unknown>): void {
  t.true(Buffer.byteLength(JSON.stringify(document)) < 256_000);
  for (const [key, component] of components(document)) {
    t.false(ids.has(component.unique_id), `${component.unique_id} is there twice`);
    ids.add(component.unique_id);
    t.true(String(component.default_entity_id).startsWith(`${component.platform}.`), key);
    t.false(String(component.name).startsWith(String(document.device.name)), key);
    t.true(component.state_topic === undefined || component.state_topic !== component.command_topic, key);
    t.false('retain' in component, key);
  }
}

test('ids are unique over all chargers and fit their platform', (t) => {
  const ids = new Set<unknown>();
  const one = recordedCharger('warp1-public-doc');
  const other = recordedCharger('warp1-public-doc');
  other.backend.reports('info/name', { name: 'warp-abcE', type: 'warp', display_type: '', uid: 'abcE' });
  for (const charger of [one.charger, other.charger, modelCharger().charger])
    checkRules(t, documentFor(charger), ids);
});

test('the same charger gives the same bytes', (t) => {
  const text = () => JSON.stringify(documentFor(recordedCharger('warp1-public-doc').charger));
  t.is(text(), text());
});

test('a document of another prefix differs in its topics only', (t) => {
  const text = JSON.stringify(documentFor(modelCharger().charger, 'en', 'garage/left'));
  t.is(text.replaceAll('garage/left/', 'warp/'), JSON.stringify(documentFor(modelCharger().charger)));
});

const INTERNATIONAL = new Set([
  'OK',
  'OCPP',
  'EEBUS',
  '§14a EnWG',
  'OVE R 37',
  'PV',
  'Eco',
  'Min',
  'Start',
  'Firmware',
  ...['Min + PV', 'Eco + PV', 'Eco + Min', 'Eco + Min + PV'],
  ...['1', '3', '15 min', '30 min', '45 min', '1 h', '2 h', '3 h', '4 h', '6 h', '8 h', '10 h', '12 h'],
  ...['6', '10', '13', '16', '20', '25', '32'].map((a) => `${a} A`),
]);

test('every text is there in German', (t) => {
  const rows = [...modelTopics().values(), ...chargerTopics().values()];
  const texts = rows
    .flatMap(({ entities }) => entities ?? [])
    .flatMap(({ name, codes }): Text[] => [name, ...(codes ?? []).map(([, text]) => text)]);
  t.true(texts.length > 200);
  for (const [en, de] of texts) {
    t.not(de.trim(), '');
    if (en === de) t.true(INTERNATIONAL.has(en), `${en} is not translated`);
  }
});

test('the language changes texts and nothing else', (t) => {
  const { charger } = modelCharger();
  const [english, german] = [documentFor(charger, 'en'), documentFor(charger, 'de')];
  t.deepEqual(Object.keys(german.components), Object.keys(english.components));
  for (const [key, component] of components(german)) {
    const TEXTS = ['name', 'options', 'value_template', 'command_template'];
    const rest = (from: typeof component | undefined) =>
      Object.fromEntries(Object.entries(from ?? {}).filter(([member]) => !TEXTS.includes(member)));
    t.deepEqual(rest(component), rest(english.components[key]), key);
  }
  t.is(german.components.charger_state?.name, 'Ladestatus');
  t.true(options(german).includes('Lädt'));
});

const options = (document: DiscoveryDocument): string[] =>
  components(document).flatMap(([, component]) => (component.options as string[] | undefined) ?? []);

test('the options of one entity differ from one another', (t) => {
  for (const language of ['en', 'de'] as const) {
    for (const [key, component] of components(documentFor(modelCharger().charger, language))) {
      const texts = (component.options as string[] | undefined) ?? [];
      t.is(new Set(texts).size, texts.length, key);
    }
  }
  t.true(options(everything()).length > 60);
});
