import { nearest } from '../base/nearest.js';

/** What other programs call our settings. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  MQTT_URL: ['MQTT_BROKER', 'MQTT_SERVER', 'MQTT_ADDRESS', 'MQTT_BROKER_URL', 'BROKER_URL', 'MQTT_URI'],
  MQTT_HOST: ['MQTT_BROKER_HOST', 'MQTT_SERVER_HOST', 'MQTT_HOSTNAME', 'MQTT_IP'],
  MQTT_USERNAME: ['MQTT_USER', 'MQTT_LOGIN'],
  MQTT_PASSWORD: ['MQTT_PASS', 'MQTT_PWD', 'MQTT_SECRET'],
  MQTT_PASSWORD_FILE: ['MQTT_PASS_FILE', 'MQTT_PWD_FILE'],
  MQTT_TOPIC_PREFIX: ['MQTT_TOPIC', 'MQTT_PREFIX', 'MQTT_BASE_TOPIC', 'MQTT_ROOT_TOPIC'],
  MQTT_CA_FILE: ['MQTT_CA', 'MQTT_TLS_CA', 'MQTT_CA_CERT', 'MQTT_CERT_AUTHORITY'],
  MQTT_CLIENT_ID: ['MQTT_CLIENT', 'MQTT_CLIENT_NAME'],
  CHARGER_URL: [
    'CHARGER_HOST',
    'CHARGER_HOSTNAME',
    'CHARGER_IP',
    'CHARGER_ADDRESS',
    'CHARGER_URI',
    'WARP_URL',
    'WARP_HOST',
    'WARP_IP',
    'EVSE_URL',
    'EVSE_HOST',
    'WALLBOX_URL',
    'WALLBOX_HOST',
  ],
  CHARGER_USERNAME: ['CHARGER_USER', 'WARP_USER', 'WARP_USERNAME'],
  CHARGER_PASSWORD: ['CHARGER_PASS', 'CHARGER_PWD', 'WARP_PASSWORD', 'WARP_PASS'],
  CONFIG_FILE: ['CONFIG', 'CONFIG_PATH', 'CONFIGURATION_FILE'],
  LOG_LEVEL: ['LOGLEVEL', 'VERBOSITY'],
};

/** The same text for MQTT_TOPIC_PREFIX, --mqtt-topic-prefix and mqtt.topicPrefix: `mqtttopicprefix`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Our setting by the name that others give it, both as `plain` makes them. */
const BY_OTHER = new Map(
  Object.entries(ELSEWHERE).flatMap(([ours, others]) => others.map((other) => [plain(other), plain(ours)])),
);

/** Settings whose name in a file is another one than that of the variable. */
const IN_FILE: Readonly<Record<string, string>> = {
  mqtttopicprefix: 'mqttprefix',
  mqttcafile: 'mqtttlscafile',
};

/**
 * The setting of `known` that was probably meant: other programs call it `name`, its name is nearly `name`, or it is
 * the only one that ends in `name` (`url` for `charger.url`).
 */
export function nearestSetting(name: string, known: readonly string[]): string | undefined {
  const ours = BY_OTHER.get(plain(name));
  const named = known.find((other) => ours && [ours, IN_FILE[ours]].includes(plain(other)));
  const close = named ?? nearest(name, known);
  if (close !== undefined) return close;
  const ends = known.filter((other) => other.endsWith(`.${name}`));
  return ends.length === 1 ? ends[0] : undefined;
}

/** The end of an error: `; did you mean --mqtt-url?`, or an empty text. `before` (`--`) is put before the name. */
export function settingSuggestion(name: string, known: readonly string[], before: string): string {
  const near = nearestSetting(name, known);
  return near ? `; did you mean ${before}${near}?` : '';
}
