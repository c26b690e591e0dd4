import test from 'ava';
import type { Json } from '../../src/base/json.js';
import { ownMqtt, ownMqttFaults } from '../../src/outlets/own-mqtt.js';
import { FakeLink, fakeCharger } from '../_fakes.js';

const settings = { 'homeassistant.discovery': true, 'homeassistant.prefix': 'homeassistant' };

/** As a real charger shows it (charger-wire 6). */
const config = {
  enable_mqtt: true,
  broker_host: '192.168.1.5',
  broker_port: 1883,
  broker_username: 'warp',
  broker_password: null,
  global_topic_prefix: 'warp',
  client_name: 'warp-AbC',
  interval: 1,
  protocol: 0,
};
const discovery = { auto_discovery_mode: 2, auto_discovery_prefix: 'homeassistant' };

const faults = (
  mqtt: object | undefined,
  announced: object | undefined,
  prefix = 'warp',
  more = settings,
) => {
  const shown = new Map<string, unknown>([
    ['mqtt/config', mqtt],
    ['mqtt/auto_discovery_config', announced],
  ]);
  return ownMqttFaults((path) => shown.get(path) as Json | undefined, prefix, more);
};

const prefixes: readonly [theirs: string, ours: string, overlap: RegExp | undefined][] = [
  ['warp', 'warp', /under the same prefix warp:/],
  ['warp/AbC', 'warp', /under the prefix warp\/AbC, which overlaps with warp:/],
  ['warp', 'warp/left', /under the prefix warp, which overlaps with warp\/left:/],
  ['warp2', 'warp', undefined],
  ['garage/warp', 'warp', undefined],
];

for (const [theirs, ours, overlap] of prefixes) {
  test(`the charger publishes under ${theirs}, the bridge under ${ours}`, (t) => {
    const [fault, ...more] = faults({ ...config, global_topic_prefix: theirs }, undefined, ours);
    t.deepEqual(more, []);
    if (overlap) t.regex(fault ?? '', overlap);
    else t.is(fault, undefined);
  });
}

test('what is switched off, or not there, is in nobody’s way', (t) => {
  t.deepEqual(faults({ ...config, enable_mqtt: false }, discovery), []);
  t.deepEqual(faults(undefined, undefined), []);
  t.deepEqual(faults({ enable_mqtt: true }, { auto_discovery_mode: 'x' }), []);
});

test('its own discovery announces everything twice', (t) => {
  const elsewhere = { ...config, global_topic_prefix: 'warp/AbC' };
  const told = (mode: number, prefix: string, more = settings) =>
    faults(elsewhere, { auto_discovery_mode: mode, auto_discovery_prefix: prefix }, 'other', more);
  t.regex(
    told(2, 'homeassistant').join(),
    /announces itself to Home Assistant too.*HOMEASSISTANT_DISCOVERY=false/,
  );
  t.is(told(1, 'homeassistant').length, 1);
  t.deepEqual(told(0, 'homeassistant'), []);
  t.deepEqual(told(2, 'ha'), []);
  t.deepEqual(told(2, 'homeassistant', { ...settings, 'homeassistant.discovery': false }), []);
});

test('it is told once, whether pushed or asked for, and not published', async (t) => {
  const setup = fakeCharger();
  const { charger, backend, clock, log, stop } = setup;
  const context = {
    prefix: 'warp',
    name: undefined,
    charger,
    link: new FakeLink(),
    clock,
    log,
    backend: 'http',
    page: undefined,
    version: '0',
    started: '',
  };
  const close = await ownMqtt(context, settings);
  backend.sink?.offline('away');
  backend.sink?.online('polling');
  t.deepEqual(backend.reads, ['mqtt/config', 'mqtt/auto_discovery_config']);
  for (let again = 0; again < 2; again++) {
    backend.reports('mqtt/config', config);
    backend.reports('mqtt/auto_discovery_config', discovery);
  }
  t.is(log.texts('warn').filter((text) => /own MQTT|announces itself/.test(text)).length, 2);
  t.false(charger.store.has('mqtt/config'));
  backend.sink?.online('websocket');
  t.is(backend.reads.length, 2, 'what was pushed is not asked for');
  backend.reports('mqtt/config', '{"half"');
  await close();
  backend.reports('mqtt/config', { ...config, global_topic_prefix: 'warp/x' });
  t.is(log.texts('warn').filter((text) => /own MQTT/.test(text)).length, 1);
  stop();
});
