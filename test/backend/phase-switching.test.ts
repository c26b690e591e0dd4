import test from 'ava';
import { type Json, membersOf } from '../../src/base/json.js';
import { bytes } from '../_fakes.js';
import { until } from '../_until.js';
import { httpTestCharger, modelTestCharger } from './_backends.js';
import type { TestCharger } from './_contract.js';

const BACKENDS: Readonly<Record<string, () => TestCharger | Promise<TestCharger>>> = {
  'the model': () => modelTestCharger('warp3'),
  'a charger over HTTP': () => httpTestCharger({}, { type: 'warp3', firmware: '2.12.1' }),
};

for (const [name, start] of Object.entries(BACKENDS)) {
  test(`a WARP3 as ${name}: one phase and three again, refused while it switches`, async (t) => {
    const { charger, world, stop } = await start();
    t.teardown(stop);
    const write = (path: string, value: Json) =>
      charger.write({ path, payload: bytes(JSON.stringify(value)), retained: false });
    const shown = (path: string, member: string) => membersOf(charger.read(path))[member];
    const shows = (path: string, member: string, value: Json) =>
      until(() => shown(path, member) === value, `${path}: ${member} ${value}`);
    await until(() => charger.connection.online, 'the charger');
    t.is((await write('evse/phase_auto_switch', { enabled: false })).status, 'ok');
    await world('simulator/vehicle', { connected: true, requesting: true });
    await shows('evse/state', 'contactor_state', 27);
    t.is((await write('power_manager/external_control', { phases_wanted: 1 })).status, 'ok');
    await shows('power_manager/state', 'external_control', 3);
    const early = await write('power_manager/external_control', { phases_wanted: 3 });
    t.regex(early.status === 'error' ? early.error : early.status, /in progress/);
    await shows('power_manager/low_level_state', 'is_3phase', false);
    await shows('evse/state', 'contactor_state', 9);
    t.is(shown('evse/low_level_state', 'phases_current'), 1);
    await shows('power_manager/state', 'external_control', 0);
    t.is((await write('power_manager/external_control', { phases_wanted: 3 })).status, 'ok');
    await shows('evse/state', 'contactor_state', 27);
  });
}
