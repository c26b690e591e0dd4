import test from 'ava';
import type { Component, DiscoveryDocument } from '../../../src/outlets/homeassistant/document.js';
import type { AvailabilityTopic } from '../../../src/outlets/homeassistant/entity-availability.js';
import { documentFor, generations, modelCharger, recordedCharger } from './_chargers.js';
import { render } from './_render.js';

/** What tells whether `component` is available, where it does not go by its device. */
const availability = (component: Component | undefined) =>
  component?.availability as readonly AvailabilityTopic[] | undefined;

const topics = (component: Component | undefined) => availability(component)?.map(({ topic }) => topic);

const CHARGER_ANSWERS = ['warp/bridge/state', 'warp/bridge/info'];

/** What goes on showing its state while the charge controller is away. */
const kept = (components: DiscoveryDocument['components']) =>
  Object.keys(components).filter((key) => topics(components[key])?.includes('warp/bridge/info'));

test('what does not come from the charge controller stays available without it', (t) => {
  const { charger, backend } = recordedCharger('all of a WARP2');
  backend.reports('meters/1/value_ids', [74]);
  backend.reports('meters/1/values', [1500]);
  backend.reports('p14a_enwg/state', { active: false, limit: 0 });
  t.deepEqual(kept(documentFor(charger).components).sort(), [
    'available_power',
    'firmware',
    'grid_power',
    'meter_1_power',
    'p14a_dimmed',
    'price',
  ]);
});

test('what comes from the controller does not, and no control', (t) => {
  for (const name of generations) {
    const { components } = documentFor(recordedCharger(name).charger);
    for (const key of kept(components)) {
      const component = components[key];
      t.notRegex(
        String(component?.state_topic),
        /^warp\/(evse|bridge\/(session|current_limit))/,
        `${name}: ${key}`,
      );
      t.is(component?.command_topic, undefined, `${name}: ${key}`);
    }
  }
});

test('the own meter of a WARP1 hangs on its network processor, that of a later one on the controller', (t) => {
  const { charger, backend } = modelCharger();
  t.deepEqual(topics(documentFor(charger).components.power), CHARGER_ANSWERS);
  backend.reports('info/name', { name: 'warp3-SIM1', type: 'warp3', display_type: 'WARP3', uid: 'SIM1' });
  const { power, session_energy, charging } = documentFor(charger).components;
  for (const component of [power, session_energy, charging]) t.is(topics(component), undefined);
});

test('the charger answers while its bridge is in touch with it by any way', (t) => {
  const { firmware } = documentFor(recordedCharger('all of a WARP2').charger).components;
  t.deepEqual(topics(firmware), CHARGER_ANSWERS);
  const template = availability(firmware)?.[1]?.value_template ?? '';
  const shown = (transport: string | null) => render(template, { value_json: { transport } });
  t.deepEqual([null, 'websocket', 'polling'].map(shown), ['offline', 'online', 'online']);
});

test('a refused command is seen while the charger is away: that is why it was refused', (t) => {
  const { command_refused } = documentFor(modelCharger().charger).components;
  t.deepEqual(topics(command_refused), ['warp/bridge/state']);
});
