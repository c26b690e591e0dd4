import test from 'ava';
import { FirmwareCompat } from '../../../src/backend/http/firmware-compat.js';

function listened() {
  const heard: string[] = [];
  const compat = new FirmwareCompat({
    state: (path) => heard.push(path),
    online: (transport) => heard.push(`online ${transport}`),
    offline: (why) => heard.push(`offline ${why}`),
  });
  return { compat, heard };
}

const OLD = '{"iec61851_state":0,"vehicle_state":0,"contactor_state":1,"charge_release":0,"uptime":1}';
const NEW = '{"iec61851_state":0,"charger_state":0}';

test('firmware 1.x is refused with one sentence, and nothing of it comes through', (t) => {
  const { compat, heard } = listened();
  compat.online('polling');
  compat.state('evse/state', OLD);
  compat.state('evse/state', OLD.replace('"uptime":1', '"uptime":2'));
  compat.state('evse/low_level_state', '{}');
  compat.offline('disconnected');
  compat.online('polling');
  t.is(heard.length, 2);
  t.regex(heard[1] ?? '', /^offline its firmware 1\.x .* update the charger/);
});

test('after its update it is taken', (t) => {
  const { compat, heard } = listened();
  compat.online('polling');
  compat.state('evse/state', OLD);
  heard.length = 0;
  compat.state('evse/state', NEW);
  t.deepEqual(heard, ['online polling', 'evse/state']);
});

const led = { indication: 255, duration: 1000, color_h: 1, color_s: 2, color_v: 3 };

for (const [firmware, wanted] of [
  ['2.1.3-1', { indication: 255, duration: 1000 }],
  ['2.3.0-1', { indication: 255, duration: 1000, h: 1, s: 2, v: 3 }],
  ['2.4.0+1', led],
  ['2.12.1+1', led],
  [undefined, led],
] as const) {
  test(`indicator_led as firmware ${firmware} wants it`, (t) => {
    const { compat } = listened();
    if (firmware) compat.state('info/version', JSON.stringify({ firmware, config: '1' }));
    t.deepEqual(compat.encode('evse/indicator_led', led), wanted);
    t.deepEqual(compat.encode('evse/external_current', { current: 1 }), { current: 1 });
  });
}
