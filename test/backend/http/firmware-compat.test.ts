import test from 'ava';
import { FirmwareCompat } from '../../../src/backend/http/firmware-compat.js';

const OLD = '{"iec61851_state":0,"vehicle_state":0,"contactor_state":1,"charge_release":0,"uptime":1}';
const NEW = '{"iec61851_state":0,"charger_state":0}';

test('firmware 1.x is refused with one sentence, and nothing of it comes through', (t) => {
  let verdicts = 0;
  const compat = new FirmwareCompat(() => {
    verdicts += 1;
  });
  t.true(compat.accepts('info/name', '{}'));
  t.false(compat.accepts('evse/state', OLD));
  t.false(compat.accepts('evse/state', OLD.replace('"uptime":1', '"uptime":2')));
  t.false(compat.accepts('evse/low_level_state', '{}'));
  t.is(verdicts, 1);
  t.is(compat.fault?.kind, 'too_old');
  t.regex(compat.fault?.message ?? '', /^its firmware 1\.x .* update the charger/);
});

test('after its update it is taken', (t) => {
  let verdicts = 0;
  const compat = new FirmwareCompat(() => {
    verdicts += 1;
  });
  compat.accepts('evse/state', OLD);
  t.true(compat.accepts('evse/state', NEW));
  t.is(compat.fault, undefined);
  t.is(verdicts, 2);
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
    const compat = new FirmwareCompat(() => {});
    if (firmware) compat.accepts('info/version', JSON.stringify({ firmware, config: '1' }));
    t.deepEqual(compat.encode('evse/indicator_led', led), wanted);
    t.deepEqual(compat.encode('evse/external_current', { current: 1 }), { current: 1 });
  });
}
