import test from 'ava';
import type { Json } from '../../../src/base/json.js';
import { ChargeEvents } from '../../../src/outlets/session/charge-events.js';

const state = (iec61851_state: number) => ({ iec61851_state });
const button = (button_press_time: number, button_release_time: number) => ({
  button_press_time,
  button_release_time,
  button_pressed: button_press_time > button_release_time,
});
const types = (events: readonly { type: string }[]) => events.map(({ type }) => type);

test('a whole charge, each event once', (t) => {
  const events = new ChargeEvents();
  const told = [0, 0, 1, 1, 2, 2, 1, 2, 0].flatMap((iec) => types(events.changed('evse/state', state(iec))));
  t.deepEqual(told, [
    'plugged_in',
    'charging_started',
    'charging_stopped',
    'charging_started',
    'charging_stopped',
    'unplugged',
  ]);
});

test('what is seen for the first time is no event: it may be old', (t) => {
  const events = new ChargeEvents();
  t.deepEqual(events.changed('evse/state', state(2)), []);
  t.deepEqual(events.changed('evse/button_state', button(5_000, 6_000)), []);
  t.deepEqual(events.changed('nfc/seen_tags', [{ tag_id: '01:02', tag_type: 2, last_seen: 900 }]), []);
});

test('a press and its release; a restart of the controller is neither', (t) => {
  const events = new ChargeEvents();
  events.changed('evse/button_state', button(5_000, 6_000));
  t.deepEqual(types(events.changed('evse/button_state', button(9_000, 6_000))), ['button_pressed']);
  t.deepEqual(types(events.changed('evse/button_state', button(9_000, 9_500))), ['button_released']);
  t.deepEqual(types(events.changed('evse/button_state', button(9_000, 9_500))), []);
  t.deepEqual(types(events.changed('evse/button_state', button(0, 0))), []);
  t.deepEqual(types(events.changed('evse/button_state', button(700, 800))), [
    'button_pressed',
    'button_released',
  ]);
});

test('a tag is seen when it was seen less long ago than before', (t) => {
  const events = new ChargeEvents();
  const seen = (last_seen: number) =>
    events.changed('nfc/seen_tags', [{ tag_id: '01:02', tag_type: 2, last_seen }]);
  seen(10_000);
  t.deepEqual(seen(11_000), []);
  t.deepEqual(seen(50), [{ type: 'tag_seen', details: { tag_id: '01:02', tag_type: 2 } }]);
  t.deepEqual(seen(1_050), []);
});

test('dimming by the grid operator begins and ends once, with its limit as this release calls it', (t) => {
  const events = new ChargeEvents();
  const shown = (state: Json) => events.changed('p14a_enwg/state', state);
  t.deepEqual(shown({ active: false, limit: 0 }), []);
  t.deepEqual(shown({ active: true, limit: 4_200 }), [
    { type: 'dimming_started', details: { limit: 4_200 } },
  ]);
  t.deepEqual(shown({ active: true, limit: 4_300 }), []);
  t.deepEqual(shown({ active: false, limit: 0 }), [{ type: 'dimming_ended' }]);
  t.deepEqual(shown({ active: true, limit_w: 8_400 }), [
    { type: 'dimming_started', details: { limit: 8_400 } },
  ]);
});

test('odd payloads are no events', (t) => {
  const events = new ChargeEvents();
  for (const odd of [undefined, null, 7, [], {}, { iec61851_state: 'x' }])
    for (const path of [
      'evse/state',
      'evse/button_state',
      'nfc/seen_tags',
      'p14a_enwg/state',
      'meter/values',
    ])
      t.deepEqual(events.changed(path, odd), []);
});
