import test from 'ava';
import type { Json } from '../../../src/base/json.js';
import { deviceOf } from '../../../src/outlets/homeassistant/device.js';

const identity = (more: Record<string, Json>) => {
  const topics: Record<string, Json> = {
    'info/name': { name: 'warp2-YDE', type: 'warp2', display_type: 'WARP2 Charger Pro 22kW', uid: 'YDE' },
    ...more,
  };
  return (path: string) => topics[path];
};

test('the device is who the charger says it is', (t) => {
  const read = identity({
    'info/display_name': { display_name: 'Garage' },
    'info/version': { firmware: '2.9.1+00000000', config: '2.9.1' },
    'evse/hardware_configuration': { jumper_configuration: 3, has_lock_switch: false, evse_version: 21 },
  });
  t.deepEqual(deviceOf(read, undefined, 'http://user:secret@192.0.2.7:8080/some/path?x=1'), {
    id: 'warp_bridge_YDE',
    slug: 'warp_yde',
    uid: 'YDE',
    name: 'Garage',
    model: 'WARP2 Charger Pro 22kW',
    hardware: 'EVSE 2.1',
    firmware: '2.9.1+00000000',
    url: 'http://192.0.2.7:8080/',
  });
  t.is(deviceOf(read, 'Left', undefined)?.name, 'Left');
});

test('the device of a charger that has just booted', (t) => {
  const name = { name: 'warp2-YDE', type: 'warp2', display_type: '', uid: 'YDE' };
  const device = deviceOf(
    identity({ 'info/name': name, 'info/display_name': { display_name: ' ' } }),
    undefined,
    undefined,
  );
  t.like(device, { name: 'warp2-YDE', model: 'WARP2 Charger' });
  t.is(deviceOf(identity({ 'info/name': { ...name, uid: '' } }), undefined, undefined), undefined);
  t.is(
    deviceOf(() => undefined, 'Left', undefined),
    undefined,
  );
});

test('a type that is no charger, but the name of something else, has no model of its own', (t) => {
  for (const type of ['constructor', 'toString', '__proto__']) {
    const name = { name: 'x', type, display_type: '', uid: 'YDE' };
    const simulated = { 'info/name': name, 'info/display_name': { display_name: 'Test (simulated)' } };
    t.is(deviceOf(identity({ 'info/name': name }), undefined, undefined)?.model, 'WARP Charger');
    t.is(deviceOf(identity(simulated), undefined, undefined)?.model, 'WARP Charger (simulated)');
  }
});

test('a simulated charger is called so, whatever its owner calls it', (t) => {
  const name = { name: 'warp-SIM1', type: 'warp', display_type: 'WARP Charger Pro (simulated)', uid: 'SIM1' };
  t.is(deviceOf(identity({ 'info/name': name }), 'My Car', undefined)?.name, 'My Car (simulated)');
});

test('ids are made of what topics and entity ids may contain', (t) => {
  const name = { name: 'x', type: 'warp', display_type: '', uid: 'SIM-a/b #+ä' };
  const device = deviceOf(identity({ 'info/name': name }), undefined, 'ftp://192.0.2.7');
  t.is(device?.id, 'warp_bridge_SIM-a_b____');
  t.is(device?.slug, 'warp_sim_a_b____');
  t.is(device?.url, undefined);
});
