import { EVERY_BOX, EVERY_MANAGER, WARP2_AND_LATER } from '../availability.js';
import type { Entity } from '../entity.js';
import { detail, diagnostic, expert, measurement, press } from '../entity-kinds.js';
import { array, optional } from '../members.js';
import { action, state } from '../rows.js';
import { bool, int, text, u8, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

/** The running and the newest firmware; Home Assistant can't install it. Firmware up to 2.7 does not show what runs. */
const firmwareUpdate: Entity = {
  key: 'firmware',
  platform: 'update',
  name: ['Firmware', 'Firmware'],
  member: ['running_partition'],
  value: [
    "{% set runs = value_json.app0_version if value_json.running_partition == 'app0' else value_json.app1_version %}",
    "{{ {'installed_version': runs, 'latest_version': value_json.update_version or runs} | tojson }}",
  ].join(''),
  options: { device_class: 'firmware' },
  ...diagnostic,
};

/** The box itself: its connections, its firmware, its restarts. */
export const system: readonly Topic[] = [
  state(
    'wifi/state',
    {
      connection_state: u8(),
      sta_ip: optional(text(15)),
      sta_rssi: optional(int(-128, 127, 'dBm')),
      sta_bssid: optional(text(17)),
    },
    {
      doc: 'The WiFi connection: state (0 not set up, 1 not connected, 2 connecting, 3 connected, 4 error), address and signal strength.',
      generations: EVERY_BOX,
      poll: 'rare',
      example: { connection_state: 0, sta_ip: '0.0.0.0', sta_rssi: -127, sta_bssid: '' },
      entities: [
        measurement(
          'wifi_rssi',
          ['WiFi signal', 'WLAN-Signal'],
          ['sta_rssi'],
          { unit: 'dBm', device_class: 'signal_strength' },
          detail,
        ),
      ],
    },
  ),
  state(
    'ethernet/state',
    {
      connection_state: u8(),
      ip: optional(text(15)),
      full_duplex: optional(bool()),
      link_speed: optional(u16('Mbit/s')),
    },
    {
      doc: 'The Ethernet connection: state (0 not set up, 1 no cable, 2 connecting, 3 connected), address and speed.',
      generations: [...WARP2_AND_LATER, ...EVERY_MANAGER],
      poll: 'rare',
      example: { connection_state: 0, ip: '0.0.0.0', full_duplex: false, link_speed: 0 },
    },
  ),
  state(
    'ocpp/state',
    {
      charge_point_state: u8(),
      charge_point_status: u8(),
      connector_state: optional(u8()),
      connector_status: optional(u8()),
    },
    {
      doc: 'The state of the OCPP client: the members that are the same in all releases.',
      since: '2.0.9',
      generations: WARP2_AND_LATER,
      example: { charge_point_state: 0, charge_point_status: 0, connector_state: 0, connector_status: 0 },
    },
  ),
  state(
    'automation/state',
    { enabled_triggers: optional(array(u8())), enabled_actions: optional(array(u8())) },
    {
      doc: 'Which triggers and actions the rules of the charger use, by number.',
      since: '2.8.9',
      generations: EVERY_BOX,
      poll: 'rare',
      example: { enabled_triggers: [], enabled_actions: [] },
    },
  ),
  state(
    'firmware_update/state',
    {
      check_timestamp: optional(u32('s')),
      check_state: optional(u8()),
      update_version: text(64),
    },
    {
      doc: 'Newer firmware: when the manufacturer was last asked (s since 1970), whether that worked (0: yes), and the newer version, empty when there is none.',
      since: '2.5.0',
      generations: EVERY_BOX,
      poll: 'rare',
      example: { check_timestamp: 0, check_state: 0, update_version: '' },
      entities: [firmwareUpdate],
    },
  ),
  action('firmware_update/check_for_update', {
    doc: 'Asks the manufacturer whether there is newer firmware.',
    since: '2.5.0',
    generations: EVERY_BOX,
    entities: [
      press(
        'firmware_check',
        ['Look for new firmware', 'Nach neuer Firmware suchen'],
        'firmware_update/state',
        {
          ...expert,
          icon: 'package-down',
        },
      ),
    ],
  }),
  state(
    'event_log/boot_id',
    { boot_id: u32() },
    {
      doc: 'A number that changes at each restart of the network processor.',
      generations: EVERY_BOX,
      example: { boot_id: 0 },
    },
  ),
  action('reboot', {
    doc: 'Restarts the network processor; a charge goes on meanwhile.',
    generations: EVERY_BOX,
    entities: [press('restart', ['Restart', 'Neustart'], 'info/name', { ...expert, icon: 'restart' })],
  }),
];
