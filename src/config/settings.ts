import { modelTypes } from '../model/generations/model-type.js';
import type { IntervalRule } from '../outlets/bridge/publish-pace.js';
import { firmwares } from '../simulator/profile.js';
import { addressesKind, hostKind, hostsKind } from './address-kinds.js';
import { chargerSettings } from './charger-settings.js';
import {
  choice,
  digestUserKind,
  duration,
  fileKind,
  flagKind,
  listKind,
  prefixKind,
  shardKind,
  shareKind,
  textKind,
  whole,
} from './kinds.js';
import { mqttSettings } from './mqtt-settings.js';
import { intervals } from './publish-intervals.js';
import { type Setting, settingRow } from './setting.js';

/** The shortest time between two publishes of topics that change all the time (contract 3). */
const PUBLISH_INTERVALS: readonly IntervalRule[] = [
  { topics: 'evse/low_level_state', ms: 1_000 },
  { topics: 'meter/*', ms: 5_000 },
  { topics: 'meters/*/values', ms: 5_000 },
];

/** Every setting by its key in the file. The order is that of the help and of config/example.yaml. */
export const settings = {
  ...mqttSettings,
  ...chargerSettings,
  'homeassistant.discovery': settingRow(
    'HOMEASSISTANT_DISCOVERY',
    flagKind,
    'Announce the charger to Home Assistant.',
    { default: true },
  ),
  'homeassistant.prefix': settingRow(
    'HOMEASSISTANT_PREFIX',
    prefixKind,
    "Home Assistant's discovery prefix.",
    {
      default: 'homeassistant',
    },
  ),
  'homeassistant.statusTopic': settingRow(
    'HOMEASSISTANT_STATUS_TOPIC',
    prefixKind,
    'Where Home Assistant says that it has started.',
    { default: 'homeassistant/status' },
  ),
  'homeassistant.language': settingRow(
    'HOMEASSISTANT_LANGUAGE',
    choice('en', 'de'),
    'Language of names and texts in Home Assistant; ids stay the same.',
    { default: 'en' },
  ),
  chargersDir: settingRow(
    'CHARGERS_DIR',
    fileKind,
    'Folder with one file for each charger; changes in it take effect at once.',
  ),
  shard: settingRow(
    'SHARD',
    shardKind,
    'The share of the chargers that this process serves, i/n, such as 0/3.',
  ),
  'policy.readOnly': settingRow('READ_ONLY', flagKind, 'Refuse every write.', { default: false }),
  'policy.writable': settingRow(
    'WRITABLE_TOPICS',
    listKind,
    'Topics that may be written; * stands for any text.',
    {
      default: ['*'],
    },
  ),
  'policy.injectTags': settingRow(
    'INJECT_TAGS',
    flagKind,
    'Allow nfc/inject_tag and ev/inject_ev: then everybody who may write can charge in the name of any user.',
    { default: false },
  ),
  'policy.flashInterval': settingRow(
    'FLASH_INTERVAL',
    duration('s', 0, 86_400_000),
    'Seconds between two writes of a topic that the charger keeps in flash, after a burst of 5.',
    { default: 60_000 },
  ),
  'publish.interval': settingRow(
    'PUBLISH_INTERVAL',
    intervals(PUBLISH_INTERVALS),
    'Shortest time between two publishes of a topic, by topic; 0: each change is published. * stands for any text, and the first match counts. A power that starts, stops or changes by a fifth is published at once. A time alone is for evse/low_level_state.',
    { default: PUBLISH_INTERVALS },
  ),
  'publish.exclude': settingRow(
    'PUBLISH_EXCLUDE',
    listKind,
    'Topics that are not published; * stands for any text.',
    { default: [] },
  ),
  'http.port': settingRow(
    'HTTP_PORT',
    whole(0, 65_535),
    'Port of the page, /livez, /readyz and /metrics; 0: none. Default: 8092, or none if it is in use.',
  ),
  'http.host': settingRow(
    'HTTP_HOST',
    hostKind,
    'Address on which the page, /livez, /readyz and /metrics are served. Without http.username only this machine can open them.',
    { default: '127.0.0.1' },
  ),
  'http.username': settingRow('HTTP_USERNAME', digestUserKind, 'Login of the page and of /metrics.'),
  'http.password': settingRow('HTTP_PASSWORD', textKind, 'Password of the page and of /metrics.', {
    secret: true,
  }),
  'http.trustedProxies': settingRow(
    'HTTP_TRUSTED_PROXIES',
    addressesKind,
    'Addresses of reverse proxies that have checked the login already.',
    { default: [] },
  ),
  'http.allowedHosts': settingRow(
    'HTTP_ALLOWED_HOSTS',
    hostsKind,
    'Host names under which the page may be opened, besides addresses and localhost.',
    { default: [] },
  ),
  'http.readyShare': settingRow(
    'HTTP_READY_SHARE',
    shareKind,
    'Share of chargers that must be ready for /readyz to say so.',
    {
      default: 1,
    },
  ),
  'simulate.host': settingRow(
    'SIMULATE_HOST',
    hostKind,
    'Address on which `simulate` serves the API of the charger.',
    {
      default: '127.0.0.1',
    },
  ),
  'simulate.port': settingRow('SIMULATE_PORT', whole(1, 65_535), 'Port of `simulate`.', {
    default: 8080,
  }),
  'simulate.username': settingRow(
    'SIMULATE_USERNAME',
    digestUserKind,
    'Login that `simulate` asks for (digest).',
  ),
  'simulate.password': settingRow('SIMULATE_PASSWORD', textKind, 'Password that `simulate` asks for.', {
    secret: true,
  }),
  'simulate.firmware': settingRow(
    'SIMULATE_FIRMWARE',
    choice(...firmwares),
    'Firmware that `simulate` imitates. Default: 2.8.9, and 2.12.1 for a WARP2 or WARP3.',
  ),
  'simulate.type': settingRow(
    'SIMULATE_TYPE',
    choice(...modelTypes),
    'Which charger `simulate` imitates. Default: that of MODEL_TYPE.',
  ),
  'simulate.web': settingRow(
    'SIMULATE_WEB',
    fileKind,
    'A web interface that `simulate` shows at /: one HTML file, plain or compressed with gzip.',
  ),
  'sessions.file': settingRow(
    'SESSIONS_FILE',
    fileKind,
    'File for finished charges, one line of JSON each; the year is put into its name (sessions-2026.jsonl).',
  ),
  'log.level': settingRow('LOG_LEVEL', choice('error', 'warn', 'info', 'debug'), 'How much is logged.', {
    default: 'info',
  }),
  'log.format': settingRow(
    'LOG_FORMAT',
    choice('auto', 'pretty', 'json'),
    'auto: pretty on a terminal, else JSON lines.',
    { default: 'auto' },
  ),
} as const;

/** The key of a setting in the file: `mqtt.url`. */
export type Key = keyof typeof settings;
/** The value of each setting by its key. */
export type Values = { readonly [K in Key]: (typeof settings)[K] extends Setting<infer T> ? T : never };

/** The settings of one group by their short names. */
export type Group<G extends string> = {
  readonly [K in Key as K extends `${G}.${infer Short}` ? Short : never]: Values[K];
};

/** The settings of the group `name` by their short names: `charger.timeout` as `timeout`. */
export function group<const G extends string>(values: Values, name: G): Group<G> {
  const start = `${name}.`;
  const own = Object.entries(values).filter(([key]) => key.startsWith(start));
  // fromEntries loses the names in its type. Group makes them by the same rule as this line.
  return Object.fromEntries(own.map(([key, value]) => [key.slice(start.length), value])) as Group<G>;
}

/** The settings as a plain list. The keys are those of the table, and a row is only read through its own kind. */
export const rows = Object.entries(settings) as readonly (readonly [Key, Setting<unknown>])[];

/** `MQTT_URL` as an option: `mqtt-url`. */
export const optionName = (env: string): string => env.toLowerCase().replaceAll('_', '-');
