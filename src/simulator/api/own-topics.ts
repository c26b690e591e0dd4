import { type Json, membersOf } from '../../base/json.js';
import type { Availability } from '../../topics/availability.js';
import { idleModules } from './idle-modules.js';

/** What the topics are made from. */
export interface About {
  readonly uid: string;
  /** Login that the simulator asks for, if any. */
  readonly username: string | undefined;
  readonly bootId: number;
  readonly lastBoots: readonly Json[];
  /** What a topic of the controller shows now, and what it showed first after the last boot. */
  now(path: string): Json | undefined;
  atBoot(path: string): Json | undefined;
  since(version: string): boolean;
}

/** A topic whose value the simulator makes itself. If it has a row, the row says which chargers have it. */
export interface OwnTopic extends Availability {
  readonly path: string;
  readonly read: (about: About) => Json;
  /** Topics of the controller that it is made from. */
  readonly from?: readonly string[];
}

const MODULES =
  'task_scheduler event_log api web_server rtc esp32_brick uptime_tracker debug_protocol evse evse_common evse_led network ntp wifi mqtt mqtt_auto_discovery http ws event system firmware_update automation charge_manager cm_networking modbus_tcp_client meters meters_rs485_bricklet meters_api meters_legacy_api require_meter charge_tracker power_manager users device_name modbus_tcp charge_limits coredump';

const HARDWARE = ['evse/hardware_configuration'];
const NAME = ['info/name'];
/** The type of the energy meter of a charger that does not show `energy_meter_type`. */
const SDM630 = 2;

/**
 * Topics about the simulator itself (its boots, its login), and topics without a row that known clients read
 * (charger-wire 10.1). Every other topic shows the value of the model, or else the example of its row. The shapes are
 * those of public captures of the same firmware on other generations.
 */
export const ownTopics: readonly OwnTopic[] = [
  { path: 'event_log/boot_id', read: ({ bootId }) => ({ boot_id: bootId }) },
  isModified('evse/meter_config', { slot: 0 }),
  isModified('evse/led_configuration', { enable_api: false }),
  { path: 'info/modules', read: () => Object.fromEntries(MODULES.split(' ').map((name) => [name, true])) },
  { path: 'meter/state', from: HARDWARE, read: (about) => ({ state: 2, type: meterType(about) }) },
  {
    path: 'meters/0/config',
    since: '2.1.90',
    read: () => [1, { display_name: 'WARP Charger', location: 2 }],
  },
  { path: 'meters/0/state', since: '2.1.90', from: HARDWARE, read: (about) => ({ type: meterType(about) }) },
  {
    path: 'network/config',
    from: NAME,
    read: (about) => ({
      hostname: hostname(about),
      enable_mdns: true,
      // There is no HTTPS here.
      ...(about.since('2.10.0') ? { transport_mode: 0 } : {}),
      web_server_port: 80,
      ...(about.since('2.10.0') ? { web_server_port_secure: 443, cert_id: -1, key_id: -1 } : {}),
    }),
  },
  { path: 'network/state', read: () => ({ connected: true }) },
  {
    path: 'ntp/config',
    read: () => ({ enable: true, use_dhcp: true, timezone: 'Europe/Berlin', server: '', server2: '' }),
  },
  { path: 'ntp/state', read: () => ({ time: 0, synced: false }) },
  {
    path: 'mqtt/config',
    from: NAME,
    read: (about) => ({
      enable_mqtt: false,
      broker_host: '',
      broker_port: 1883,
      broker_username: '',
      broker_password: '',
      global_topic_prefix: hostname(about).replace('-', '/'),
      client_name: hostname(about),
      interval: 1,
      ...(about.since('2.3.0')
        ? { protocol: 0, cert_id: -1, client_cert_id: -1, client_key_id: -1, path: '' }
        : {}),
      ...(about.since('2.7.0') ? { read_only: false } : {}),
    }),
  },
  {
    path: 'mqtt/state',
    read: () => ({ connection_state: 0, connection_start: 0, connection_end: 0, last_error: 0 }),
  },
  {
    path: 'mqtt/auto_discovery_config',
    since: '2.1.1',
    read: () => ({ auto_discovery_mode: 0, auto_discovery_prefix: 'homeassistant' }),
  },
  { path: 'info/last_boots', read: ({ lastBoots }) => lastBoots },
  {
    path: 'users/config',
    read: ({ username }) => ({
      users: [
        {
          id: 0,
          roles: 0,
          current: 32000,
          display_name: 'Anonymous',
          username: 'anonymous',
          digest_hash: '',
        },
        ...(username === undefined
          ? []
          : [{ id: 1, roles: 65535, current: 32000, display_name: username, username, digest_hash: null }]),
      ],
      next_user_id: username === undefined ? 1 : 2,
      http_auth_enabled: username !== undefined,
    }),
  },
  ...idleModules,
];

function hostname({ now }: About): string {
  return String(membersOf(now('info/name')).name);
}

function meterType({ now }: About): Json {
  return membersOf(now('evse/hardware_configuration')).energy_meter_type ?? SDM630;
}

/** The topic `…_modified`: 2 if a setting is not the default, and 1 if it was changed since boot (charger-wire 1). */
function isModified(path: string, preset: Json): OwnTopic {
  return {
    path: `${path}_modified`,
    from: [path],
    read: ({ now, atBoot }) => {
      const text = JSON.stringify(now(path));
      const changed = text === JSON.stringify(atBoot(path)) ? 0 : 1;
      return { modified: (text === JSON.stringify(preset) ? 0 : 2) + changed };
    },
  };
}
