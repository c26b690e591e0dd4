import test, { type ExecutionContext } from 'ava';
import type { Json, JsonObject } from '../../../src/base/json.js';
import type { Charger } from '../../../src/charger/charger.js';
import { wantedValue } from '../../../src/charger/payload.js';
import type { Component, Language } from '../../../src/outlets/homeassistant/document.js';
import { slotLabels, slotNames } from '../../../src/topics/current-limit.js';
import { writeTarget } from '../../../src/topics/write-target.js';
import { bytes } from '../../_fakes.js';
import {
  documentFor,
  folders,
  generations,
  modelCharger,
  read,
  recorded,
  recordedCharger,
} from './_chargers.js';
import { render } from './_render.js';

const LANGUAGES: readonly Language[] = ['en', 'de'];

/** What Home Assistant makes of a rendered value, or the fault that it would log. */
function faultOf(component: Component, text: string): string | undefined {
  const { platform, device_class, min, max, options, event_types, unit_of_measurement } = component;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (platform === 'event') return text === '' ? undefined : eventFault(text, event_types as string[]);
  if (platform === 'update') return versionFault(text);
  if (device_class === 'timestamp' && text !== 'None')
    return Number.isNaN(Date.parse(text)) ? 'no time' : undefined;
  if (text === 'None') return undefined;
  if (platform === 'binary_sensor' || platform === 'switch')
    return /^(ON|OFF)$/.test(text) ? undefined : 'neither ON nor OFF';
  if (Array.isArray(options)) return options.includes(text) ? undefined : 'not among the options';
  if (platform === 'number')
    return number >= Number(min) && number <= Number(max) ? undefined : 'out of range';
  if (unit_of_measurement !== undefined) return Number.isFinite(number) ? undefined : 'not a number';
  return text === '' ? 'empty' : undefined;
}

function eventFault(text: string, types: readonly string[]): string | undefined {
  const event = JSON.parse(text) as { event_type: string; time: unknown };
  return types.includes(event.event_type) && typeof event.time === 'number' ? undefined : 'not an event';
}

function versionFault(text: string): string | undefined {
  const { installed_version, latest_version } = JSON.parse(text) as Record<string, unknown>;
  return [installed_version, latest_version].every((version) => typeof version === 'string' && version !== '')
    ? undefined
    : 'not two versions';
}

/** Renders what every entity of `charger` shows for `payload` on the topic `path`; the number of values. */
function checkValues(
  t: ExecutionContext,
  components: Readonly<Record<string, Component>>,
  path: string,
  payload: Json | undefined,
): number {
  let values = 0;
  if (payload === undefined) return values;
  for (const [key, component] of Object.entries(components)) {
    if (component.state_topic !== `warp/${path}`) continue;
    const text = rendered(key, String(component.value_template), payload);
    const fault = faultOf(component, text);
    if (fault) t.fail(`${key} shows ${JSON.stringify(text)} for ${JSON.stringify(payload)}: ${fault}`);
    if (typeof component.json_attributes_template === 'string')
      JSON.parse(rendered(key, component.json_attributes_template, payload));
    values += 1;
  }
  return values;
}

function rendered(key: string, template: string, payload: Json): string {
  try {
    return render(template, { value_json: payload, value: JSON.stringify(payload) });
  } catch (error) {
    throw new Error(`${key}: ${template} for ${JSON.stringify(payload)}`, { cause: error });
  }
}

for (const folder of [...folders, ...generations]) {
  test(`every recorded payload gives good values: ${folder}`, (t) => {
    const { charger, backend } = recordedCharger(folder);
    for (const language of LANGUAGES) {
      const { components } = documentFor(charger, language);
      let values = 0;
      for (const { path, text } of recorded(folder, charger.topics)) {
        // What is no state of a charger is not published, so no entity ever sees it.
        backend.reports(path, text);
        values += checkValues(t, components, path, read(charger)(path));
      }
      values += checkValues(t, components, 'bridge/current_limit', read(charger)('bridge/current_limit'));
      const shown = Object.values(components).filter(
        ({ value_template, platform, state_topic }) =>
          value_template !== undefined && platform !== 'event' && state_topic !== 'warp/bridge/charger',
      );
      t.true(values >= shown.length, `${values} values of ${shown.length} entities`);
    }
  });
}

test('whatever the model does, its entities have good values', (t) => {
  const { charger, controller, report } = modelCharger();
  const vehicle = controller.world.vehicle();
  const acts: readonly (() => void)[] = [
    () => controller.world.setVehicle({ ...vehicle, connected: true }),
    () =>
      controller.world.setVehicle({ ...vehicle, connected: true, requesting: true, energy_wanted: 5_000 }),
    () => controller.world.setButton({ pressed: true }),
    () => controller.world.setButton({ pressed: false }),
    () => controller.startCharging(),
    () => controller.limits.setExternalCurrent(9_500),
    () => controller.limits.setGlobalCurrent(0),
    () => controller.limits.setGlobalCurrent(32_000),
    () => controller.world.setSupply({ live: true, contactor: 'welded' }),
    () => controller.world.setSupply({ live: false, contactor: 'stuck_open' }),
    () => controller.world.setSupply({ live: true, contactor: 'ok' }),
    () => controller.world.setVehicle({ ...vehicle, connected: true, requesting: true, ventilation: true }),
    () => controller.world.setVehicle({ ...vehicle, connected: true, requesting: true, diode_fault: true }),
    () => controller.setLedConfiguration(true),
    () =>
      controller.setIndicatorLed({ indication: 2003, duration: 5_000, color_h: 0, color_s: 0, color_v: 0 }),
    () => controller.setIndicatorLed({ indication: 77, duration: 5_000, color_h: 0, color_s: 0, color_v: 0 }),
    () => controller.world.setVehicle(vehicle),
  ];
  const states = new Set<string>();
  let now = 0;
  for (const act of acts) {
    act();
    for (let look = 0; look < 4; look++) {
      now += 1_700;
      controller.tick(now);
      report();
      const { components } = documentFor(charger);
      for (const [path, text] of charger.store.entries())
        checkValues(t, components, path, JSON.parse(text) as Json);
      states.add(charger.store.get('evse/state') ?? '');
    }
  }
  t.true(states.size > 5, `${states.size} different states`);
});

test('codes that nobody has heard of show as unknown', (t) => {
  const { components } = documentFor(recordedCharger('warp1-public-doc').charger);
  const sensors = Object.entries(components).filter(([, { device_class }]) => device_class === 'enum');
  t.true(sensors.length >= 7);
  for (const [key, { value_template }] of sensors) {
    const member = /value_json\.([a-z0-9_]+)/.exec(String(value_template))?.[1] ?? '';
    const payload = key === 'limited_by' ? { slots: [{ index: 99, name: 'slot_99' }] } : { [member]: 99 };
    t.is(render(String(value_template), { value_json: payload }), 'None', key);
  }
  const limit = String(components.limited_by?.value_template);
  t.is(render(limit, { value_json: { current: 0, slots: [] } }), 'None');
});

test('what holds the current down is told by its name', (t) => {
  const { charger, backend } = recordedCharger('warp1-public-doc');
  const limit = (language: Language) =>
    render(String(documentFor(charger, language).components.limited_by?.value_template), {
      value_json: read(charger)('bridge/current_limit'),
    });
  t.is(limit('en'), 'Configuration');
  const slots = (read(charger)('evse/slots') as { max_current: number; active: boolean }[]).map(
    (slot, index) => (index === 8 ? { ...slot, max_current: 10_000, active: true } : slot),
  );
  backend.reports('evse/slots', slots);
  t.is(limit('en'), 'External control');
  t.is(limit('de'), 'Externe Steuerung');
});

for (const language of ['en', 'de'] as const) {
  test(`all that hold it down are told by their names: ${language}`, (t) => {
    const { components } = documentFor(recordedCharger('warp1-public-doc').charger, language);
    const component = components.limited_by;
    const options = component?.options as Json;
    const attributes = (slots: readonly Json[], attributesNow: JsonObject): Json => {
      const value_json = { current: 16_000, slots };
      const context = { value_json, this: { attributes: attributesNow } };
      return JSON.parse(render(String(component?.json_attributes_template), context)) as Json;
    };
    const all = slotNames.map((name, index) => ({ index, name }));
    const labels = Object.values(slotLabels).map(([en, de]) => (language === 'en' ? en : de));
    t.deepEqual(attributes(all, { options }), { current: 16, slots: labels });
    t.is(labels.length, slotNames.length);
    for (const [index, name] of slotNames.entries())
      t.is(labels[index], slotLabels[name][language === 'en' ? 0 : 1], name);
    const unheardOf = [{ index: 99, name: 'slot_99' }];
    t.deepEqual(attributes(unheardOf, { options }), { current: 16, slots: ['slot_99'] });
    t.deepEqual(attributes([], {}), { current: 16, slots: [] });
  });
}

test('which side is away is told while everything else is unavailable', (t) => {
  const document = documentFor(recordedCharger('warp1-public-doc').charger);
  const { charger_reachable } = document.components;
  const shown = (value: string) => render(String(charger_reachable?.value_template), { value });
  t.is(shown('online'), 'ON');
  t.is(shown('offline'), 'OFF');
  t.deepEqual(charger_reachable?.availability, [{ topic: 'warp/bridge/state' }]);
  const why = (value_json: Json) =>
    JSON.parse(render(String(charger_reachable?.json_attributes_template), { value_json })) as Json;
  t.deepEqual(why({ why: 'it does not answer', transport: 'none' }), {
    why: 'it does not answer',
    transport: 'none',
  });
  t.deepEqual(why({ transport: 'websocket' }), { why: null, transport: 'websocket' });
});

test('a fault of the charger is no departure of the vehicle', (t) => {
  const template = String(
    documentFor(recordedCharger('warp1-public-doc').charger).components.vehicle_connected?.value_template,
  );
  const shown = (iec61851_state: number, state: string) =>
    render(template, { value_json: { iec61851_state }, this: { state, attributes: {} } });
  t.deepEqual(
    [0, 1, 2, 3].map((iec) => shown(iec, 'unknown')),
    ['OFF', 'ON', 'ON', 'ON'],
  );
  t.deepEqual(
    ['on', 'off', 'unknown', 'unavailable'].map((state) => shown(4, state)),
    ['ON', 'OFF', 'None', 'None'],
  );
});

test('charging is allowed again with the limit that there was before, and never with more', (t) => {
  const { charger } = recordedCharger('warp1-public-doc');
  const component = documentFor(charger).components.charging_allowed;
  let attributes: Json = {};
  const shows = (current: number) => {
    const context = { value_json: { current }, this: { state: 'on', attributes } };
    attributes = JSON.parse(render(String(component?.json_attributes_template), context)) as Json;
    return render(String(component?.value_template), context);
  };
  const sends = (value: string) =>
    taken(
      charger,
      String(component?.command_topic),
      render(String(component?.command_template), { value, this: { state: 'on', attributes } }),
    );
  t.deepEqual(sends('ON'), { current: 6_000 }, 'nothing is known yet');
  t.is(shows(13_500), 'ON');
  t.deepEqual(sends('OFF'), { current: 0 });
  t.is(shows(0), 'OFF');
  t.deepEqual(attributes, { limit: 13.5 });
  t.deepEqual(sends('ON'), { current: 13_500 });
  t.is(shows(32_000), 'ON');
  t.deepEqual(sends('ON'), { current: 32_000 });
});

test('a meter that falls silent shows unknown', (t) => {
  const { charger, backend } = recordedCharger('warp3');
  backend.reports('meter/values', { power: 1, energy_rel: 1, energy_abs: 1 });
  const { components } = documentFor(charger);
  const silent = { power: null, energy_rel: null, energy_abs: null };
  for (const key of ['power', 'energy_abs', 'energy_rel']) {
    t.is(render(String(components[key]?.value_template), { value_json: silent }), 'None');
  }
  for (const payload of [[], [null, null, null]]) {
    t.is(render(String(components.voltage_l3?.value_template), { value_json: payload }), 'None');
  }
});

/** The commands of an entity: what is entered, and what is sent for it. */
function commandsOf(component: Component): { readonly input: unknown; readonly sent: string }[] {
  const { platform, min, max, options, command_template, payload_on, payload_off, payload_press } = component;
  if (platform === 'switch')
    return [payload_on, payload_off].map((input) => ({
      input,
      sent:
        command_template === undefined ? String(input) : render(String(command_template), { value: input }),
    }));
  if (platform === 'button') return [{ input: 'press', sent: String(payload_press) }];
  const inputs =
    platform === 'select'
      ? (options as string[])
      : [Number(min), 1, 5, 5.9, 6, 8.2, 16, 16.1, 29.7, Number(max)];
  return inputs
    .filter((input) => typeof input === 'string' || (input >= Number(min) && input <= Number(max)))
    .map((input) => ({ input, sent: render(String(command_template), { value: input }) }));
}

/** What the bridge hands to the charger for `sent` on `topic`; throws where it would refuse. */
function taken(charger: Charger, topic: string, sent: string): Json {
  const row = writeTarget(charger.topics, topic.replace(/^warp\//, ''))?.row;
  if (!row) throw new Error(`${topic} takes no commands`);
  return wantedValue(row, bytes(sent), read(charger)(row.path));
}

for (const [name, chargerOf] of [
  ...generations.map((one) => [one, () => recordedCharger(one).charger] as const),
  ['the model', () => modelCharger().charger] as const,
]) {
  test(`every command is taken: ${name}`, (t) => {
    const charger = chargerOf();
    let count = 0;
    for (const language of LANGUAGES) {
      for (const [key, component] of Object.entries(documentFor(charger, language).components)) {
        if (component.command_topic === undefined) continue;
        for (const { input, sent } of commandsOf(component)) {
          t.notThrows(
            () => taken(charger, String(component.command_topic), sent),
            `${key}: ${input} sends ${sent}`,
          );
          count += 1;
        }
      }
    }
    t.true(count > (name.includes('manager') ? 10 : 29), `${count} commands`);
  });
}

test('amperes become whole milliamperes, and what is below 6 A becomes 0', (t) => {
  const { charger } = recordedCharger('warp1-public-doc');
  const numbers = Object.values(documentFor(charger).components).filter(
    ({ platform, device_class }) => platform === 'number' && device_class === 'current',
  );
  t.is(numbers.length, 4);
  for (const { command_template, command_topic } of numbers) {
    const currentFor = (value: number) =>
      (
        taken(charger, String(command_topic), render(String(command_template), { value })) as {
          current: number;
        }
      ).current;
    t.deepEqual(
      [0, 1, 5, 5.9, 6, 8.2, 16, 16.1, 29.7, 32].map(currentFor),
      [0, 0, 0, 0, 6000, 8200, 16000, 16100, 29700, 32000],
    );
    // Home Assistant does not hold automations to the step of 0.1 A.
    t.deepEqual([8.001, 8.03, 9.9994].map(currentFor), [8001, 8030, 9999]);
    for (let tenths = 60; tenths <= 320; tenths++) t.is(currentFor(tenths / 10), tenths * 100);
  }
});

test('a command that names one member keeps the other', (t) => {
  const { charger, backend } = recordedCharger('warp1-public-doc');
  backend.reports('evse/external_defaults', { current: 10_000, clear_on_disconnect: true });
  const { external_default_current, external_default_clear } = documentFor(charger).components;
  const sent = render(String(external_default_current?.command_template), { value: 8 });
  t.deepEqual(taken(charger, 'warp/evse/external_defaults_update', sent), {
    current: 8_000,
    clear_on_disconnect: true,
  });
  t.deepEqual(
    taken(charger, 'warp/evse/external_defaults_update', String(external_default_clear?.payload_off)),
    {
      current: 10_000,
      clear_on_disconnect: false,
    },
  );
});

test('what an entity sends is what it then shows', (t) => {
  for (const language of LANGUAGES) {
    const { charger } = modelCharger();
    for (const [key, component] of Object.entries(documentFor(charger, language).components)) {
      if (component.command_topic === undefined || component.platform === 'button') continue;
      for (const { input, sent } of commandsOf(component)) {
        const value = taken(charger, String(component.command_topic), sent);
        const shown = render(String(component.value_template), { value_json: value });
        const expected =
          component.platform === 'switch'
            ? input === component.payload_on
              ? 'ON'
              : 'OFF'
            : component.device_class === 'current' && !key.startsWith('simulator') && Number(input) < 6
              ? 0
              : component.platform === 'number' &&
                  component.device_class !== 'current' &&
                  Number.isInteger(component.step)
                ? Math.trunc(Number(input))
                : input;
        t.is(typeof expected === 'number' ? Number(shown) : shown, expected as never, `${key} after ${sent}`);
      }
    }
  }
});

test('a vehicle that is never full has an energy wanted of 0', (t) => {
  const { charger } = modelCharger();
  const component = documentFor(charger).components.simulator_energy_wanted;
  const sent = render(String(component?.command_template), { value: 0 });
  const value = taken(charger, 'warp/simulator/vehicle_update', sent);
  t.like(value as object, { energy_wanted: null });
  t.is(Number(render(String(component?.value_template), { value_json: value })), 0);
});

test('an event of the bridge becomes the event of its entity, and no other', (t) => {
  const { components } = documentFor(recordedCharger('warp1-public-doc').charger);
  const shown = (key: string, value_json: Json) =>
    render(String(components[key]?.value_template), { value_json });
  const time = '2026-11-24T12:00:00Z';
  t.like(JSON.parse(shown('button', { type: 'button_pressed', time })), { event_type: 'press_start', time });
  t.like(JSON.parse(shown('button', { type: 'button_released', time })), { event_type: 'press_end' });
  for (const type of ['plugged_in', 'refused', 'unheard_of']) t.is(shown('button', { type, time }), '');
  const refused = {
    type: 'refused',
    time,
    topic: 'evse/external_current',
    code: 'invalid',
    error: '3 \'A\' "x"',
  };
  t.like(JSON.parse(shown('command_refused', refused)), {
    event_type: 'refused',
    topic: refused.topic,
    code: refused.code,
    error: refused.error,
  });
  t.is(shown('command_refused', { type: 'button_pressed', time }), '');
});
