import test from 'ava';
import { fakeCharger, settle } from '../../_fakes.js';
import { recorded } from './_chargers.js';
import {
  announced,
  documents,
  home,
  MINUTE,
  NAME,
  reportsAll,
  retained,
  STATUS,
  TOPIC,
} from './_fake-home-assistant.js';

test('announces a charger once it has shown what it is', async (t) => {
  const { link, clock, backend, ...rest } = home();
  link.connect();
  await clock.pass(MINUTE);
  t.is(link.published.length, 0, 'nothing is known yet');
  reportsAll({ backend, clock, ...rest });
  await clock.pass(MINUTE);
  t.is(link.published.length, 0, 'no serial number, no device');
  backend.reports('info/name', NAME);
  await clock.pass(1_999);
  t.is(link.published.length, 0);
  await clock.pass(1);
  t.is(link.published.length, 1);
  t.like(link.published[0], { topic: TOPIC, retain: true });
  t.true(Object.keys(retained(link).components).length > 50);
  t.true(rest.log.texts('info').some((text) => text.includes('announced to Home Assistant as "warp-AbCd"')));
});

test('says once that a charger without a serial number can not be announced', async (t) => {
  const { link, clock, backend, log } = home();
  link.connect();
  await clock.pass(MINUTE);
  backend.sink?.offline('gone');
  backend.sink?.online('polling');
  await clock.pass(MINUTE);
  t.is(log.texts('warn').filter((text) => text.includes('serial number')).length, 1);
});

test('topics that trickle in make few documents, at least 5 s apart', async (t) => {
  const { link, clock, backend, charger } = home();
  const times: number[] = [];
  const publish = link.publish.bind(link);
  link.publish = (message) => {
    times.push(clock.now());
    publish(message);
  };
  link.connect();
  backend.reports('info/name', NAME);
  for (const { path, text } of recorded('warp1-public-doc', charger.topics)) {
    backend.reports(path, text);
    await clock.pass(1_000);
  }
  await clock.pass(MINUTE);
  t.true(times.length >= 2 && times.length <= 4, `${times.length} documents`);
  for (let at = 1; at < times.length; at++)
    t.true((times[at] ?? 0) - (times[at - 1] ?? 0) >= 5_000, times.join(' '));
  t.true('meter_slot' in retained(link).components);
});

test('a topic that is not published has no entities', async (t) => {
  const setup = fakeCharger({ exclude: ['evse/meter_config', 'info/*'] });
  const made = home({}, undefined, setup);
  made.link.connect();
  reportsAll(made);
  made.backend.reports('info/name', NAME);
  await made.clock.pass(MINUTE);
  t.true('charger_state' in retained(made.link).components);
  t.false('meter_slot' in retained(made.link).components);
});

test('publishes nothing again while nothing changes', async (t) => {
  const { link, clock, backend } = await announced();
  const count = link.published.length;
  for (let second = 0; second < 300; second++) {
    backend.reports('evse/low_level_state', { ...lowLevel, uptime: second });
    backend.reports('evse/external_current', { current: 6_000 + second });
    await clock.pass(1_000);
  }
  backend.sink?.offline('gone');
  backend.sink?.online('polling');
  await clock.pass(2 * MINUTE);
  t.is(link.published.length, count);
});

const lowLevel = {
  led_state: 0,
  cp_pwm_duty_cycle: 0,
  adc_values: [0, 0],
  voltages: [0, 0, 0],
  resistances: [0, 0],
  gpio: [false, false, false, false, false],
  charging_time: 0,
  time_since_state_change: 0,
  uptime: 0,
};

test('publishes the same bytes after every connect', async (t) => {
  const { link, clock } = await announced();
  link.up = false;
  await clock.pass(MINUTE);
  link.retained.clear();
  link.connect();
  t.is(documents(link).length, 2);
  t.is(link.published[0]?.payload, link.published[1]?.payload);
  await clock.pass(MINUTE);
  t.is(documents(link).length, 2);
});

test('a change while the broker is away is announced when it is back', async (t) => {
  const { link, clock, backend } = await announced();
  link.up = false;
  backend.reports('meter/values', { power: 1, energy_rel: 1, energy_abs: 1 });
  await clock.pass(MINUTE);
  link.connect();
  await clock.pass(2_000);
  t.true('power' in retained(link).components);
});

test('a starting Home Assistant gets the document within 1 to 15 s', async (t) => {
  for (const [chance, ms] of [
    [0, 1_000],
    [0.5, 8_000],
    [1, 15_000],
  ] as const) {
    const { link, clock, ...rest } = home({ chance: () => chance });
    link.connect();
    reportsAll({ clock, ...rest });
    rest.backend.reports('info/name', NAME);
    await clock.pass(MINUTE);
    link.send(STATUS, 'online');
    await clock.pass(ms - 1);
    t.is(documents(link).length, 1);
    await clock.pass(1);
    t.is(documents(link).length, 2);
    t.is(link.published[0]?.payload, link.published[1]?.payload);
    link.send(STATUS, 'offline');
    await clock.pass(MINUTE);
    t.is(documents(link).length, 2);
  }
});

test('several births in a row make one document', async (t) => {
  const { link, clock } = await announced();
  for (let times = 0; times < 3; times++) {
    link.send(STATUS, 'online');
    await clock.pass(500);
  }
  await clock.pass(MINUTE);
  t.is(documents(link).length, 2);
});

test('a birth before anything is known does no harm', async (t) => {
  const { link, clock } = home();
  link.connect();
  link.send(STATUS, 'online');
  await clock.pass(MINUTE);
  t.is(link.published.length, 0);
});

test('firmware that brings more makes a larger document', async (t) => {
  const { link, clock, backend } = await announced();
  const before = Object.keys(retained(link).components);
  backend.reports('meter/values', { power: null, energy_rel: null, energy_abs: null });
  await clock.pass(MINUTE);
  t.is(documents(link).length, 1, 'a meter that says nothing is none');
  backend.reports('meter/values', { power: 0, energy_rel: 0, energy_abs: 12 });
  await clock.pass(2_000);
  t.deepEqual(
    Object.keys(retained(link).components).filter((key) => !before.includes(key)),
    ['power', 'energy_abs', 'energy_rel'],
  );
  backend.reports('meter/values', { power: null, energy_rel: null, energy_abs: null });
  await clock.pass(MINUTE);
  t.is(documents(link).length, 2, 'a meter that falls silent stays');
});

test('another display name changes the device', async (t) => {
  const { link, clock, backend } = await announced();
  backend.reports('info/display_name', { display_name: 'Garage' });
  await clock.pass(MINUTE);
  t.is(retained(link).device.name, 'Garage');
  t.is(documents(link).length, 2);
});

test('settings of the owner are kept to', async (t) => {
  const made = home({
    prefix: 'garage/left',
    name: 'Left',
    discoveryPrefix: 'ha',
    language: 'de',
    chargerUrl: 'http://u:p@192.0.2.1/',
  });
  made.link.connect();
  reportsAll(made);
  made.backend.reports('info/name', NAME);
  await made.clock.pass(2_000);
  const [document] = documents(made.link, 'ha/device/warp_bridge_AbCd/config');
  t.like(document, {
    device: { name: 'Left', configuration_url: 'http://192.0.2.1/' },
    availability: [{ topic: 'garage/left/bridge/state' }, { topic: 'garage/left/bridge/charger' }],
    availability_mode: 'all',
  });
  t.is(document?.components.charger_state?.name, 'Ladestatus');
});

test('after the end nothing is published and no timer is left', async (t) => {
  const { link, clock, backend, cancel } = await announced();
  link.send(STATUS, 'online');
  backend.reports('meter/values', { power: 1, energy_rel: 1, energy_abs: 1 });
  const count = link.published.length;
  cancel();
  t.is(link.handlers.size, 0);
  backend.reports('info/name', { ...NAME, uid: 'XyZ' });
  backend.reports('meter/all_values', [1, 2, 3]);
  link.connect();
  await clock.pass(5 * MINUTE);
  await settle();
  t.is(link.published.length, count);
  t.is(clock.waiting, 0);
});
