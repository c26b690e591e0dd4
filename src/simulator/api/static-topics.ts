import { type Json, valueAt } from '../../base/json.js';
import type { WireMembers } from './value-check.js';

/** What the further topics are made of. */
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

/** A topic that the controller model does not have. */
export interface Further {
  readonly path: string;
  /** First release that has it, and first one that has it no more (charger-wire 2.1, 6 and 7). */
  readonly since?: string;
  readonly until?: string;
  readonly read: (about: About) => Json;
  /** Members of its `_update` command; without them it can only be read. Kept in memory. */
  readonly members?: WireMembers;
  /** Topics of the controller that it is made from. */
  readonly from?: readonly string[];
}

/** Element of `meters/0/values` by its id: where `meter/values` or `meter/all_values` has it (charger-wire 8.2). */
const METER_VALUES: readonly (readonly [id: number, topic: string, member: string])[] = [
  [1, 'meter/all_values', '0'],
  [2, 'meter/all_values', '1'],
  [3, 'meter/all_values', '2'],
  [13, 'meter/all_values', '3'],
  [17, 'meter/all_values', '4'],
  [21, 'meter/all_values', '5'],
  [74, 'meter/values', 'power'],
  [209, 'meter/values', 'energy_abs'],
];

const MODULES =
  'task_scheduler event_log api web_server rtc esp32_brick uptime_tracker debug_protocol evse evse_common evse_led network ntp wifi mqtt mqtt_auto_discovery http ws event system firmware_update automation charge_manager cm_networking modbus_tcp_client meters meters_rs485_bricklet meters_api meters_legacy_api require_meter charge_tracker power_manager users device_name modbus_tcp charge_limits coredump';

/**
 * What a WARP1 shows besides `evse/*`, as far as clients are known to ask for it (charger-wire 10.1). Most of it
 * never changes here. Shapes are those of public captures of the same firmware on other generations.
 */
export const further: readonly Further[] = [
  { path: 'info/modules', read: () => Object.fromEntries(MODULES.split(' ').map((name) => [name, true])) },
  { path: 'event_log/boot_id', read: ({ bootId }) => ({ boot_id: bootId }) },
  { path: 'info/last_boots', read: ({ lastBoots }) => lastBoots },
  {
    path: 'evse/identity',
    since: '2.1.3',
    read: () => ({
      uid: 'SIM2',
      connected_uid: '0',
      position: 'A',
      hw_version: '1.5.0',
      fw_version: '2.1.13',
      device_identifier: 2159,
    }),
  },
  {
    path: 'evse/charge_mode',
    since: '2.8.10',
    read: () => ({ mode: 0 }),
    members: { mode: { type: 'u8', max: 9 } },
  },
  { path: 'evse/supported_charge_modes', since: '2.8.10', read: () => [0, 1] },
  { path: 'evse/enumerate_value', since: '2.8.10', read: () => ({ value: 0, value_change_time: 0 }) },
  {
    path: 'evse/eebus_enabled',
    since: '2.8.13',
    read: () => ({ enabled: false }),
    members: { enabled: { type: 'bool' } },
  },
  {
    path: 'evse/p14a_enwg_enabled',
    since: '2.10.0',
    read: () => ({ enabled: false }),
    members: { enabled: { type: 'bool' } },
  },
  {
    path: 'evse/management_state',
    since: '2.11.0',
    read: () => ({ central_user_management_enabled: false, manager_ip: '0.0.0.0' }),
  },
  {
    path: 'info/display_name',
    from: ['info/display_name'],
    read: ({ now }) => now('info/display_name') ?? { display_name: '' },
    members: { display_name: { type: 'text', max: 32 } },
  },
  modified('evse/meter_config', '2.1.90', { slot: 0 }),
  modified('evse/led_configuration', '2.1.3', { enable_api: false }),
  { path: 'meter/state', read: () => ({ state: 2, type: 2 }) },
  {
    path: 'meters/0/config',
    since: '2.1.90',
    read: () => [1, { display_name: 'WARP Charger', location: 2 }],
  },
  { path: 'meters/0/state', since: '2.1.90', read: () => ({ type: 2 }) },
  { path: 'meters/0/value_ids', since: '2.1.90', read: () => METER_VALUES.map(([id]) => id) },
  {
    path: 'meters/0/values',
    since: '2.1.90',
    from: ['meter/values', 'meter/all_values'],
    read: ({ now }) => METER_VALUES.map(([, topic, member]) => valueAt(now(topic), [member]) ?? null),
  },
  {
    path: 'network/config',
    read: ({ uid }) => ({ hostname: `warp-${uid}`, enable_mdns: true, web_server_port: 80 }),
  },
  { path: 'network/state', read: () => ({ connected: true }) },
  {
    path: 'ntp/config',
    read: () => ({ enable: true, use_dhcp: true, timezone: 'Europe/Berlin', server: '', server2: '' }),
  },
  { path: 'ntp/state', read: () => ({ time: 0, synced: false }) },
  {
    path: 'mqtt/config',
    read: ({ uid, since }) => ({
      enable_mqtt: false,
      broker_host: '',
      broker_port: 1883,
      broker_username: '',
      broker_password: '',
      global_topic_prefix: `warp/${uid}`,
      client_name: `warp-${uid}`,
      interval: 1,
      ...(since('2.3.0')
        ? { protocol: 0, cert_id: -1, client_cert_id: -1, client_key_id: -1, path: '' }
        : {}),
      ...(since('2.7.0') ? { read_only: false } : {}),
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
  { path: 'power_manager/state', read: () => ({ config_error_flags: 0, external_control: 1 }) },
  {
    path: 'power_manager/low_level_state',
    read: () => ({
      power_at_meter: 0,
      power_at_battery: 0,
      power_available: 0,
      i_meter: [0, 0, 0],
      i_pp_max: [0, 0, 0],
      i_pp_mavg: [0, 0, 0],
      i_pp: [0, 0, 0],
      max_current_limited: 0,
      is_3phase: true,
      charging_blocked: 0,
    }),
  },
  {
    path: 'power_manager/external_control',
    read: () => ({ phases_wanted: 3 }),
    members: { phases_wanted: { type: 'u8' } },
  },
];

/** The topic beside a setting in the network processor's flash: 2 not the default, 1 changed since boot (charger-wire 1). */
function modified(path: string, since: string, preset: Json): Further {
  return {
    path: `${path}_modified`,
    since,
    until: '2.10.1',
    from: [path],
    read: ({ now, atBoot }) => {
      const text = JSON.stringify(now(path));
      const changed = text === JSON.stringify(atBoot(path)) ? 0 : 1;
      return { modified: (text === JSON.stringify(preset) ? 0 : 2) + changed };
    },
  };
}
