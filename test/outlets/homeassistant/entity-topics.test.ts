import test from 'ava';
import { testBridge } from '../../_bridge.js';
import { FakeLink, type FakeSetup } from '../../_fakes.js';
import { documentFor, modelCharger, recordedCharger } from './_chargers.js';

function bridged({ charger, clock, log }: FakeSetup): FakeLink {
  const link = new FakeLink();
  testBridge({ charger, link, clock, log });
  link.connect();
  return link;
}

for (const [name, setupOf] of [
  ['a WARP1', () => recordedCharger('warp1-public-doc')],
  ['a WARP3', () => recordedCharger('warp3-hw40')],
  ['the model', modelCharger],
] as const) {
  test(`every topic of the document is one that the bridge speaks or hears: ${name}`, (t) => {
    const setup = setupOf();
    const link = bridged(setup);
    const { availability, components } = documentFor(setup.charger);
    const heard = new Set<unknown>(
      Object.values(components).flatMap((c) => [c.state_topic, c.json_attributes_topic]),
    );
    for (const { topic } of availability) heard.add(topic);
    heard.delete(undefined);
    // Events are not retained, and another outlet publishes them.
    heard.delete('warp/bridge/event');
    const spoken = new Set<unknown>(Object.values(components).map(({ command_topic }) => command_topic));
    spoken.delete(undefined);
    t.deepEqual(
      [...heard].filter((topic) => !link.retained.has(String(topic))),
      [],
    );
    t.deepEqual(
      [...spoken].filter((topic) => !link.handlers.has(String(topic))),
      [],
    );
    t.true(heard.size > 10 && spoken.size > 5);
    t.is(link.retained.get('warp/bridge/state'), 'online');
    t.is(link.retained.get('warp/bridge/charger'), 'online');
  });
}

test('attributes are objects', (t) => {
  const { charger } = recordedCharger('warp1-public-doc');
  for (const { json_attributes_template, json_attributes_topic } of Object.values(
    documentFor(charger).components,
  )) {
    if (json_attributes_topic === undefined || json_attributes_template !== undefined) continue;
    const text = charger.store.get(String(json_attributes_topic).replace(/^warp\//, ''));
    t.regex(text ?? '', /^\{/);
  }
});
