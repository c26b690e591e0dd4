import { modelTypes } from '../model/generations/model-type.js';
import type { IntervalRule } from '../outlets/bridge/publish-pace.js';
import { firmwares } from '../simulator/profile.js';
import {
  addressesKind,
  choice,
  digestUserKind,
  duration,
  fileKind,
  flagKind,
  hostKind,
  type Kind,
  listKind,
  prefixKind,
  shareKind,
  textKind,
  url,
  whole,
} from './kinds.js';
import { intervals } from './publish-intervals.js';

/** One setting: a row of the table, from which file, environment, command line, help and example are made. */
export interface Setting<T> {
  readonly env: string;
  readonly kind: Kind<T>;
  readonly default: T | undefined;
  readonly doc: string;
  readonly secret?: true;
}

type Options<T> = { readonly default?: T; readonly secret?: true };
type Value<T, O extends Options<T>> = O extends { readonly default: T } ? T : T | undefined;

function setting<T, const O extends Options<T>>(
  env: string,
  kind: Kind<T>,
  doc: string,
  options?: O,
): Setting<Value<T, O>> {
  const { secret } = options ?? {};
  return {
    env,
    kind: kind as Kind<Value<T, O>>,
    default: options?.default as Value<T, O>,
    doc,
    ...(secret ? { secret } : {}),
  };
}

/** What changes without end is published slowly (contract 3). */
const PUBLISH_INTERVALS: readonly IntervalRule[] = [
  { topics: 'evse/low_level_state', ms: 1_000 },
  { topics: 'meter/*', ms: 5_000 },
  { topics: 'meters/*/values', ms: 5_000 },
];

/** Every setting by its key in the file. The order is that of the help and of config/example.yaml. */
export const settings = {
  'mqtt.url': setting(
    'MQTT_URL',
    url('mqtt', 'mqtts', 'ws', 'wss'),
    'Broker. Without it (and without mqtt.host) an embedded broker is started.',
  ),
  'mqtt.host': setting('MQTT_HOST', hostKind, 'Broker, where mqtt.url is not set.'),
  'mqtt.port': setting('MQTT_PORT', whole(1, 65_535), 'Port of mqtt.host.', { default: 1883 }),
  'mqtt.embedded.host': setting(
    'MQTT_EMBEDDED_HOST',
    hostKind,
    'Address on which the embedded broker listens.',
    {
      default: '127.0.0.1',
    },
  ),
  'mqtt.embedded.port': setting(
    'MQTT_EMBEDDED_PORT',
    whole(1, 65_535),
    'Port on which the embedded broker listens.',
    { default: 1883 },
  ),
  'mqtt.username': setting(
    'MQTT_USERNAME',
    textKind,
    'Login at the broker; the embedded broker asks for it too.',
  ),
  'mqtt.password': setting('MQTT_PASSWORD', textKind, 'Password at the broker.', { secret: true }),
  'mqtt.clientId': setting(
    'MQTT_CLIENT_ID',
    textKind,
    'Client id. Default: evse-mqtt-bridge- and the prefix.',
  ),
  'mqtt.prefix': setting('MQTT_TOPIC_PREFIX', prefixKind, 'Start of all topics of the charger.', {
    default: 'warp',
  }),
  'mqtt.qos': setting('MQTT_QOS', choice(0, 1), 'Quality of service of states and answers.', { default: 1 }),
  'mqtt.protocolVersion': setting(
    'MQTT_PROTOCOL_VERSION',
    choice(5, 4),
    '5, or 4 for MQTT 3.1.1; a broker that refuses 5 is asked again with 4.',
    { default: 5 },
  ),
  'mqtt.keepalive': setting(
    'MQTT_KEEPALIVE',
    duration('s', 5_000, 3_600_000),
    'Seconds after which a silent connection is probed.',
    { default: 30_000 },
  ),
  'mqtt.acceptRetained': setting(
    'MQTT_ACCEPT_RETAINED',
    flagKind,
    'Take retained messages as settings too (never as actions).',
    { default: false },
  ),
  'mqtt.tls.caFile': setting('MQTT_CA_FILE', fileKind, 'Certificate authority of the broker, a PEM file.'),
  'mqtt.tls.certFile': setting('MQTT_CERT_FILE', fileKind, 'Our certificate, a PEM file.'),
  'mqtt.tls.keyFile': setting('MQTT_KEY_FILE', fileKind, 'The key of our certificate, a PEM file.'),
  'mqtt.tls.rejectUnauthorized': setting(
    'MQTT_REJECT_UNAUTHORIZED',
    flagKind,
    'Refuse a broker whose certificate is not trusted.',
    { default: true },
  ),
  'charger.backend': setting(
    'BACKEND',
    choice('http', 'model'),
    'A real charger, or the built-in model. Default: http if charger.url is set, else model.',
  ),
  'charger.url': setting('CHARGER_URL', url('http', 'https'), 'The charger.'),
  'charger.username': setting('CHARGER_USERNAME', digestUserKind, 'Login at the charger.'),
  'charger.password': setting('CHARGER_PASSWORD', textKind, 'Password at the charger.', { secret: true }),
  'charger.transport': setting(
    'CHARGER_TRANSPORT',
    choice('auto', 'websocket', 'poll'),
    'auto: WebSocket push, and polling while it is missing.',
    { default: 'auto' },
  ),
  'charger.pollInterval': setting(
    'CHARGER_POLL_INTERVAL',
    duration('ms', 250, 60_000),
    'Milliseconds between reads of the fast topics while polling.',
    { default: 1_000 },
  ),
  'charger.timeout': setting(
    'CHARGER_TIMEOUT',
    duration('ms', 500, 60_000),
    'Milliseconds that one request may take.',
    { default: 5_000 },
  ),
  'charger.rejectUnauthorized': setting(
    'CHARGER_REJECT_UNAUTHORIZED',
    flagKind,
    'Refuse a charger whose certificate is not trusted.',
    { default: true },
  ),
  'charger.mirror': setting(
    'CHARGER_MIRROR',
    listKind,
    'Topics outside evse and info that are passed on; * stands for any text.',
    {
      default: [
        'meter/*',
        'meters/*',
        'charge_tracker/*',
        'charge_limits/*',
        'charge_manager/*',
        'power_manager/*',
        'p14a_enwg/*',
        'ev/state',
        'ev/seen_macs',
        'nfc/seen_tags',
        'charge_authorization/*',
        'users/config',
        'day_ahead_prices/*',
        'solar_forecast/*',
        'eco/*',
        'automation/*',
        'wifi/state',
        'ethernet/state',
        'ocpp/state',
        'firmware_update/state',
        'event_log/boot_id',
      ],
    },
  ),
  'charger.passthrough': setting(
    'CHARGER_PASSTHROUGH',
    flagKind,
    'Pass on evse topics that this program does not know, and forward writes to them.',
    { default: true },
  ),
  'charger.forward': setting(
    'CHARGER_FORWARD',
    listKind,
    'Topics outside evse that are not in docs/topics.md but may be written too, unchecked; * stands for any text. Their states are passed on.',
    { default: [] },
  ),
  'model.type': setting(
    'MODEL_TYPE',
    choice(...modelTypes),
    'Which charger the model is: a WARP1, a WARP2, or a WARP3, which switches phases.',
    { default: 'warp1' },
  ),
  'model.stateFile': setting(
    'MODEL_STATE_FILE',
    fileKind,
    "The model's flash memory; without it settings are forgotten at the end.",
  ),
  'model.scenario': setting(
    'MODEL_SCENARIO',
    choice('none', 'demo'),
    'demo: a vehicle comes, charges and leaves again and again.',
    { default: 'none' },
  ),
  'model.timeScale': setting(
    'MODEL_TIME_SCALE',
    whole(1, 1_000),
    "The model's clock runs this many times faster.",
    { default: 1 },
  ),
  'model.jumper': setting(
    'MODEL_JUMPER',
    whole(0, 8),
    'Supply cable: 0 6 A, 1 10 A, 2 13 A, 3 16 A, 4 20 A, 5 25 A, 6 32 A, 7 by software, 8 not set.',
    { default: 6 },
  ),
  'model.evseVersion': setting(
    'MODEL_EVSE_VERSION',
    choice(15, 14),
    'Version of the charge controller of a modelled WARP1.',
    { default: 15 },
  ),
  'model.chargingTime': setting(
    'MODEL_CHARGING_TIME',
    choice('milliseconds', 'flag'),
    'low_level_state.charging_time as older (ms) or newer (0/1) controllers of a WARP1 report it.',
    { default: 'milliseconds' },
  ),
  'model.quirks': setting(
    'MODEL_QUIRKS',
    choice('default', 'all', 'none'),
    'Odd behaviour of the real controller that the model repeats.',
    { default: 'default' },
  ),
  'model.uid': setting(
    'MODEL_UID',
    textKind,
    'Serial number of the modelled charger. Default: made from the prefix.',
  ),
  'homeassistant.discovery': setting(
    'HOMEASSISTANT_DISCOVERY',
    flagKind,
    'Announce the charger to Home Assistant.',
    { default: true },
  ),
  'homeassistant.prefix': setting('HOMEASSISTANT_PREFIX', prefixKind, "Home Assistant's discovery prefix.", {
    default: 'homeassistant',
  }),
  'homeassistant.statusTopic': setting(
    'HOMEASSISTANT_STATUS_TOPIC',
    prefixKind,
    'Where Home Assistant says that it has started.',
    { default: 'homeassistant/status' },
  ),
  'homeassistant.language': setting(
    'HOMEASSISTANT_LANGUAGE',
    choice('en', 'de'),
    'Language of names and texts in Home Assistant; ids stay the same.',
    { default: 'en' },
  ),
  'policy.readOnly': setting('READ_ONLY', flagKind, 'Refuse every write.', { default: false }),
  'policy.writable': setting(
    'WRITABLE_TOPICS',
    listKind,
    'Topics that may be written; * stands for any text.',
    {
      default: ['*'],
    },
  ),
  'policy.injectTags': setting(
    'INJECT_TAGS',
    flagKind,
    'Let tags and vehicles be injected (nfc/inject_tag, ev/inject_ev): whoever may write can then charge in the name of any user.',
    { default: false },
  ),
  'policy.flashInterval': setting(
    'FLASH_INTERVAL',
    duration('s', 0, 86_400_000),
    'Seconds between two writes of a topic that the charger keeps in flash, after a burst of 5.',
    { default: 60_000 },
  ),
  'publish.interval': setting(
    'PUBLISH_INTERVAL',
    intervals(PUBLISH_INTERVALS),
    'How often topics are published at most, by topic; * stands for any text, and the first that fits counts. A power that starts, stops or changes by a fifth is published at once. 0 is at each change; a time alone is for evse/low_level_state.',
    { default: PUBLISH_INTERVALS },
  ),
  'publish.exclude': setting(
    'PUBLISH_EXCLUDE',
    listKind,
    'Topics that are not published; * stands for any text.',
    { default: [] },
  ),
  'http.port': setting(
    'HTTP_PORT',
    whole(0, 65_535),
    'Port of the page, /livez, /readyz and /metrics; 0: none. Default: 8092, or none where that is in use.',
  ),
  'http.host': setting(
    'HTTP_HOST',
    hostKind,
    'Address on which they are served; without a login only this machine is.',
    { default: '127.0.0.1' },
  ),
  'http.username': setting('HTTP_USERNAME', digestUserKind, 'Login of the page and of /metrics.'),
  'http.password': setting('HTTP_PASSWORD', textKind, 'Password of the page and of /metrics.', {
    secret: true,
  }),
  'http.trustedProxies': setting(
    'HTTP_TRUSTED_PROXIES',
    addressesKind,
    'Addresses that have done the login already, such as that of a reverse proxy.',
    { default: [] },
  ),
  'http.allowedHosts': setting(
    'HTTP_ALLOWED_HOSTS',
    listKind,
    'Names by which the page may be called, besides addresses and localhost.',
    { default: [] },
  ),
  'http.readyShare': setting('HTTP_READY_SHARE', shareKind, 'Share of chargers that suffices for /readyz.', {
    default: 1,
  }),
  'simulate.host': setting(
    'SIMULATE_HOST',
    hostKind,
    'Address on which `simulate` serves the API of the charger.',
    {
      default: '127.0.0.1',
    },
  ),
  'simulate.port': setting('SIMULATE_PORT', whole(1, 65_535), 'Port on which `simulate` serves it.', {
    default: 8080,
  }),
  'simulate.username': setting(
    'SIMULATE_USERNAME',
    digestUserKind,
    'Login that `simulate` asks for (digest).',
  ),
  'simulate.password': setting('SIMULATE_PASSWORD', textKind, 'Password that `simulate` asks for.', {
    secret: true,
  }),
  'simulate.firmware': setting(
    'SIMULATE_FIRMWARE',
    choice(...firmwares),
    'Firmware whose behaviour `simulate` shows. Default: 2.8.9, and 2.12.1 for a WARP2 or WARP3.',
  ),
  'simulate.type': setting(
    'SIMULATE_TYPE',
    choice(...modelTypes),
    'Which charger `simulate` is. Default: that of MODEL_TYPE.',
  ),
  'sessions.file': setting(
    'SESSIONS_FILE',
    textKind,
    'File for finished charges, one line of JSON each; the year is put into its name (sessions-2026.jsonl).',
  ),
  'log.level': setting('LOG_LEVEL', choice('error', 'warn', 'info', 'debug'), 'How much is logged.', {
    default: 'info',
  }),
  'log.format': setting(
    'LOG_FORMAT',
    choice('auto', 'pretty', 'json'),
    'auto: pretty on a terminal, else JSON lines.',
    { default: 'auto' },
  ),
} as const;

export type Key = keyof typeof settings;
export type Values = { readonly [K in Key]: (typeof settings)[K] extends Setting<infer T> ? T : never };

/** The settings of one group by their short names. */
export type Group<G extends string> = {
  readonly [K in Key as K extends `${G}.${infer Short}` ? Short : never]: Values[K];
};

/** The settings of the group `name` by their short names: `charger.timeout` as `timeout`. */
export function group<const G extends string>(values: Values, name: G): Group<G> {
  const start = `${name}.`;
  const own = Object.entries(values).filter(([key]) => key.startsWith(start));
  // fromEntries forgets the names; they are those of the type, made by the same rule.
  return Object.fromEntries(own.map(([key, value]) => [key.slice(start.length), value])) as Group<G>;
}

/** The settings as a plain list. */
export const rows = Object.entries(settings) as readonly (readonly [Key, Setting<unknown>])[];

/** `MQTT_URL` as an option: `mqtt-url`. */
export const optionName = (env: string): string => env.toLowerCase().replaceAll('_', '-');
