import { EVERY_BOX } from '../availability.js';
import type { Entity } from '../entity.js';
import { eventEntity } from '../entity-events.js';
import { diagnostic } from '../entity-kinds.js';
import { optional } from '../members.js';
import { models } from '../models.js';
import { list, setting, state } from '../rows.js';
import { text } from '../scalars.js';
import type { Topic } from '../topic.js';

/** Shows whether the bridge or the charger is away: in both cases all other entities are unavailable. */
const chargerReachable: Entity = {
  key: 'charger_reachable',
  platform: 'binary_sensor',
  name: ['Charger reachable', 'Wallbox erreichbar'],
  member: ['uid'],
  heardOn: 'bridge/charger',
  value: "{{ 'ON' if value == 'online' else 'OFF' }}",
  attributes: {
    from: 'bridge/info',
    value:
      "{{ {'why': value_json.why | default(none), 'transport': value_json.transport | default(none)} | tojson }}",
  },
  options: { device_class: 'connectivity' },
  available: 'bridge',
  ...diagnostic,
};

const commandRefused = eventEntity(
  'command_refused',
  ['Command refused', 'Befehl abgelehnt'],
  { refused: 'refused' },
  { ...diagnostic, icon: 'message-alert-outline', member: ['uid'], available: 'bridge' },
  { details: ['topic', 'code', 'error'] },
);

/** Who the charger is; published under the same names (contract 3). */
export const info: readonly Topic[] = [
  state(
    'info/name',
    { name: text(64), type: text(16), display_type: text(64), uid: text(16) },
    {
      doc: 'Name, type and serial number of the charger.',
      generations: EVERY_BOX,
      poll: 'rare',
      entities: [chargerReachable, commandRefused],
      example: { name: 'warp-U7X', type: 'warp', display_type: 'WARP Charger Smart 11kW', uid: 'U7X' },
      read: ({ uid, type }) => ({
        name: `${models[type].name}-${uid}`,
        type: models[type].name,
        display_type: `${models[type].display} Pro 22kW (simulated)`,
        uid,
      }),
    },
  ),
  state(
    'info/version',
    { firmware: text(64), config: text(16), config_type: optional(text(16)) },
    {
      doc: "Version of the charger's firmware.",
      generations: EVERY_BOX,
      poll: 'rare',
      example: { firmware: '2.6.5+65e1a2c8', config: '2.6.5', config_type: 'warp' },
      read: ({ type }) => {
        const { name, release } = models[type];
        return { firmware: `${release}+simulated`, config: release, config_type: name };
      },
    },
  ),
  list('info/features', text(32), {
    doc: 'What the charger can do.',
    generations: EVERY_BOX,
    poll: 'rare',
    example: ['evse', 'firmware_update'],
    read: (c) => [
      'evse',
      ...models[c.type].features,
      ...(c.later.switchesPhases() ? ['phase_switch'] : []),
      ...(c.meter.present ? ['meters', 'meter', 'meter_phases', 'meter_all_values'] : []),
    ],
  }),
  setting(
    'info/display_name',
    { display_name: text(32) },
    {
      doc: 'The name that the owner gave the charger.',
      generations: EVERY_BOX,
      flash: true,
      poll: 'rare',
      example: { display_name: 'warp-U7X' },
      read: ({ uid, type }) => ({ display_name: `${models[type].name}-${uid} (simulated)` }),
    },
  ),
];
