import test from 'ava';
import type { DiscoveryDocument } from '../../../src/outlets/homeassistant/document.js';
import { settle } from '../../_fakes.js';
import {
  announced,
  documents,
  FakeBroker,
  home,
  MINUTE,
  NAME,
  retained,
  STATUS,
  TOPIC,
} from './_fake-home-assistant.js';

test('a restart of the bridge leaves the document as it is', async (t) => {
  const first = await announced();
  const link = new FakeBroker(Object.fromEntries(first.link.retained));
  await announced(link);
  t.is(link.retained.get(TOPIC), first.link.retained.get(TOPIC));
  t.is(documents(link).length, 1);
});

/** What the broker retains when an earlier run knew components that this one does not. */
function earlier(document: DiscoveryDocument, more: Readonly<Record<string, object>>): FakeBroker {
  const changed = { ...document, components: { ...document.components, ...more } };
  return new FakeBroker({ [TOPIC]: JSON.stringify(changed) });
}

const component = (key: string, platform = 'sensor') => ({
  platform,
  unique_id: `warp_bridge_AbCd_${key}`,
  name: 'Old',
  state_topic: 'warp/evse/old',
});

test('components that vanished go in two steps, when the charger has had time to show them', async (t) => {
  const document = retained((await announced()).link);
  const { link, clock, log } = await announced(
    earlier(document, { old: component('old'), older: component('older', 'switch') }),
  );
  t.deepEqual(retained(link).components.old, component('old') as never, 'still there');
  await clock.pass(MINUTE - 2_000);
  t.is(documents(link).length, 1);
  await clock.pass(2_000);
  const [, second] = documents(link);
  t.deepEqual(second?.components.old, { platform: 'sensor' });
  t.deepEqual(second?.components.older, { platform: 'switch' });
  await clock.pass(4_999);
  t.is(documents(link).length, 2);
  await clock.pass(MINUTE);
  t.is(documents(link).length, 3);
  t.deepEqual(retained(link), document);
  t.true(log.texts('info').some((text) => text.includes('removed from Home Assistant: old, older')));
});

test('a removal that the broker did not hear of is made again', async (t) => {
  const document = retained((await announced()).link);
  const { link, clock } = await announced(earlier(document, { old: component('old') }));
  link.up = false;
  await clock.pass(5 * MINUTE);
  link.connect();
  await clock.pass(2_000);
  t.deepEqual(documents(link).at(-1)?.components.old, { platform: 'sensor' });
  link.up = false;
  await clock.pass(MINUTE);
  link.connect();
  await clock.pass(MINUTE);
  t.false('old' in retained(link).components);
});

test('nothing is removed while the charger is away or has lost its charge controller', async (t) => {
  const document = retained((await announced()).link);
  const away = await announced(earlier(document, { old: component('old') }));
  for (let minute = 0; minute < 5; minute++) {
    await away.clock.pass(MINUTE - 5_000);
    away.backend.sink?.offline('gone');
    away.backend.sink?.online('polling');
  }
  t.true('old' in retained(away.link).components);

  const lost = home({}, earlier(document, {}));
  lost.link.connect();
  lost.backend.reports('info/name', NAME);
  lost.backend.reports('meter/values', { power: 1, energy_rel: 1, energy_abs: 1 });
  await lost.clock.pass(5 * MINUTE);
  t.true('charger_state' in retained(lost.link).components);
  t.true('power' in retained(lost.link).components);
});

test('a meter that says nothing after a restart keeps its entities', async (t) => {
  const first = await announced();
  first.backend.reports('meter/values', { power: 1, energy_rel: 1, energy_abs: 1 });
  await first.clock.pass(MINUTE);
  const { link, clock, backend } = await announced(new FakeBroker(Object.fromEntries(first.link.retained)));
  backend.reports('meter/values', { power: null, energy_rel: null, energy_abs: null });
  await clock.pass(5 * MINUTE);
  t.deepEqual(retained(link), retained(first.link));
});

test('an entity that is on another platform now is removed there first', async (t) => {
  const document = retained((await announced()).link);
  const { link, clock } = await announced(
    earlier(document, { boost_mode: component('boost_mode', 'select') }),
  );
  t.deepEqual(documents(link)[0]?.components.boost_mode, { platform: 'select' });
  await clock.pass(5_000);
  t.like(documents(link)[1]?.components.boost_mode, { platform: 'switch' });
});

test('what strangers left on the topic is not kept', async (t) => {
  const document = retained((await announced()).link);
  for (const text of [
    '',
    'nonsense',
    '[]',
    'null',
    '{"components":[1]}',
    '{"components":{"a":null,"b":"c"},"availability":{}}',
  ]) {
    const { link, clock } = await announced(new FakeBroker({ [TOPIC]: text }));
    await clock.pass(5 * MINUTE);
    t.deepEqual(retained(link), document, text);
  }
  const foreign = { ...component('x'), unique_id: 'somebody_else' };
  const { link } = await announced(earlier(document, { x: foreign, y: { platform: 'sensor' } }));
  t.deepEqual(retained(link), document);
});

test('another charger at the same address replaces the device', async (t) => {
  const { link, clock, backend } = await announced();
  backend.reports('info/name', { ...NAME, name: 'warp-XyZ', uid: 'XyZ' });
  await settle();
  t.false(link.retained.has(TOPIC));
  await clock.pass(5_000);
  const [document] = documents(link, 'homeassistant/device/warp_bridge_XyZ/config');
  t.is(document?.components.charger_state?.unique_id, 'warp_bridge_XyZ_charger_state');
  link.up = false;
  await clock.pass(MINUTE);
  link.connect();
  await clock.pass(MINUTE);
  t.false(link.retained.has(TOPIC));
});

test('another charger gets its own time to show what it has', async (t) => {
  const other = 'homeassistant/device/warp_bridge_XyZ/config';
  const old = { ...component('old'), unique_id: 'warp_bridge_XyZ_old' };
  const document = { availability: [{ topic: 'warp/bridge/state' }], components: { old } };
  const { link, clock, backend } = await announced(new FakeBroker({ [other]: JSON.stringify(document) }));
  await clock.pass(5 * MINUTE);
  backend.reports('info/name', { ...NAME, name: 'warp-XyZ', uid: 'XyZ' });
  await clock.pass(MINUTE - 1);
  t.deepEqual(
    documents(link, other).map(({ components }) => components.old as unknown),
    [old],
  );
  await clock.pass(MINUTE);
  t.false('old' in (documents(link, other).at(-1)?.components ?? {}));
});

test('another charger while the broker is away replaces the device when it is back', async (t) => {
  const { link, clock, backend } = await announced();
  link.up = false;
  backend.reports('info/name', { ...NAME, name: 'warp-XyZ', uid: 'XyZ' });
  await clock.pass(MINUTE);
  t.true(link.retained.has(TOPIC));
  link.connect();
  await clock.pass(MINUTE);
  t.false(link.retained.has(TOPIC));
  t.true(link.retained.has('homeassistant/device/warp_bridge_XyZ/config'));
});

test('a restart with another charger under the same prefix removes the one before', async (t) => {
  const model = 'homeassistant/device/warp_bridge_SIM1/config';
  const document = JSON.stringify({ availability: [{ topic: 'warp/bridge/state' }], components: {} });
  const { link } = await announced(
    new FakeBroker({ [model]: document, 'warp/bridge/info': '{"uid":"SIM1"}' }),
  );
  t.false(link.retained.has(model));
  t.true(link.retained.has(TOPIC));
});

test('a charger that lives on under another prefix stays', async (t) => {
  const moved = 'homeassistant/device/warp_bridge_XyZ/config';
  const document = JSON.stringify({ availability: [{ topic: 'garage/bridge/state' }], components: {} });
  const { link } = await announced(
    new FakeBroker({ [moved]: document, 'warp/bridge/info': '{"uid":"XyZ"}' }),
  );
  t.is(link.retained.get(moved), document);
});

test('our own bridge/info is no predecessor', async (t) => {
  const model = 'homeassistant/device/warp_bridge_SIM1/config';
  const document = JSON.stringify({ availability: [{ topic: 'warp/bridge/state' }], components: {} });
  for (const info of ['{"uid":null}', 'nonsense', '{"uid":"AbCd"}']) {
    const { link, clock } = await announced(new FakeBroker({ [model]: document, 'warp/bridge/info': info }));
    link.publish({ topic: 'warp/bridge/info', payload: '{"uid":"SIM1"}', retain: true, qos: 1 });
    link.disconnect();
    link.connect();
    await clock.pass(MINUTE);
    t.is(link.retained.get(model), document, info);
    t.true(link.retained.has(TOPIC));
  }
});

test('discovery stays subscribed to the birth message alone: it hears nothing of its own', async (t) => {
  const { link } = await announced();
  t.deepEqual([...link.handlers.keys()], [STATUS]);
});

test('nothing is announced before it is known what an earlier run announced', async (t) => {
  const document = retained((await announced()).link);
  const link = earlier(document, { old: component('old') });
  const read = link.readRetained.bind(link);
  let answer = () => {};
  link.readRetained = async (topic) => {
    if (topic === TOPIC) {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
    }
    return read(topic);
  };
  const { clock } = await announced(link);
  await clock.pass(5 * MINUTE);
  t.is(documents(link).length, 0);
  answer();
  await clock.pass(2_000);
  t.true('old' in (documents(link)[0]?.components ?? {}));
});

test('an energy manager has no charge controller: what it has no more is removed', async (t) => {
  const document = retained((await announced()).link);
  const { link, backend, clock } = home({}, earlier(document, { old: component('old') }));
  link.connect();
  backend.reports('info/name', { ...NAME, type: 'wem' });
  await clock.pass(MINUTE - 1);
  t.true('old' in retained(link).components);
  await clock.pass(MINUTE);
  const { components } = retained(link);
  t.false('old' in components);
  t.true('charger_reachable' in components);
});
