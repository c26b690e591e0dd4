import { detail, diagnostic, measurement } from './entity-kinds.js';
import { nullable } from './members.js';
import { state } from './rows.js';
import { int, oneOf, text } from './scalars.js';
import type { Topic } from './topic.js';

/** What can happen at a charger, in the order of a charge. */
export const eventTypes = [
  'plugged_in',
  'charging_started',
  'charging_stopped',
  'unplugged',
  'button_pressed',
  'button_released',
  'tag_seen',
  'dimming_started',
  'dimming_ended',
  'refused',
] as const;

/** The present charge or the last one (contract 3). The bridge makes it from several topics and its clock. */
export const session: Topic = state(
  'bridge/session',
  {
    start: text(32),
    end: nullable(text(32)),
    energy: nullable(int(0, 10_000_000, 'Wh')),
    charging_seconds: int(0, 4_294_967_295, 's'),
    user_id: nullable(int(-32_768, 32_767)),
    max_power: nullable(int(0, 1_000_000, 'W')),
    meter_start: nullable(int(0, 4_294_967_295, 'Wh')),
  },
  {
    doc: 'The present charge, or the last one: `start` and `end` (ISO 8601; `end` is null while it goes on), energy by the meter, how long the contactor was closed, the user of the charger, the highest power, and the meter at the start. What is not known is null.',
    example: {
      start: '2026-11-24T18:02:11Z',
      end: null,
      energy: 7350,
      charging_seconds: 2480,
      user_id: 0,
      max_power: 11040,
      meter_start: 4271400,
    },
    entities: [
      measurement(
        'session_energy',
        ['Energy of this charge', 'Energie dieses Ladevorgangs'],
        ['energy'],
        {
          value: "{{ 'None' if value_json.energy is none else value_json.energy / 1000 }}",
          unit: 'kWh',
          device_class: 'energy',
          state_class: 'total_increasing',
          precision: 2,
        },
        {},
      ),
      measurement(
        'session_duration',
        ['Charging time of this charge', 'Ladezeit dieses Ladevorgangs'],
        ['charging_seconds'],
        { value: '{{ value_json.charging_seconds }}', unit: 's', device_class: 'duration', precision: 0 },
        diagnostic,
      ),
      {
        key: 'session_start',
        platform: 'sensor',
        name: ['Start of this charge', 'Beginn dieses Ladevorgangs'],
        member: ['start'],
        value: '{{ value_json.start }}',
        options: { device_class: 'timestamp' },
        ...diagnostic,
      },
      {
        key: 'session_end',
        platform: 'sensor',
        name: ['End of the last charge', 'Ende des letzten Ladevorgangs'],
        member: ['start'],
        value: "{{ value_json.end or 'None' }}",
        options: { device_class: 'timestamp' },
        ...diagnostic,
      },
      {
        key: 'session_user',
        platform: 'sensor',
        name: ['User of this charge', 'Benutzer dieses Ladevorgangs'],
        member: ['user_id'],
        value: "{{ 'None' if value_json.user_id is none else value_json.user_id }}",
        options: {},
        ...detail,
        icon: 'account',
      },
    ],
  },
);

/** What happened just now; never retained (contract 3). */
export const event: Topic = state(
  'bridge/event',
  {
    type: oneOf(...eventTypes),
    time: text(32),
  },
  {
    doc: 'What happened, each time once, not retained: `plugged_in`, `charging_started`, `charging_stopped`, `unplugged`, `button_pressed`, `button_released`, `tag_seen` (with `tag_id` and `tag_type`), `dimming_started` (§14a, with `limit` in W), `dimming_ended`, `refused` (a write; with `topic`, `code` and `error`; `ignored` is the code where the charger took it and did nothing).',
    example: { type: 'plugged_in', time: '2026-11-24T18:02:11Z' },
  },
);
