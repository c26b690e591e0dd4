import { hostKind, urls } from './address-kinds.js';
import { choice, duration, fileKind, flagKind, prefixKind, textKind, whole } from './kinds.js';
import { settingRow } from './setting.js';

/** The connection to the broker, and the embedded broker. */
export const mqttSettings = {
  'mqtt.url': settingRow(
    'MQTT_URL',
    urls('mqtt', 'mqtts', 'ws', 'wss'),
    'URL of the broker. With several, the next one is tried when one fails. Without it (and without mqtt.host) an embedded broker is started.',
  ),
  'mqtt.host': settingRow('MQTT_HOST', hostKind, 'Host of the broker, if mqtt.url is not set.'),
  'mqtt.port': settingRow('MQTT_PORT', whole(1, 65_535), 'Port of mqtt.host.', { default: 1883 }),
  'mqtt.embedded.host': settingRow(
    'MQTT_EMBEDDED_HOST',
    hostKind,
    'Address on which the embedded broker listens.',
    {
      default: '127.0.0.1',
    },
  ),
  'mqtt.embedded.port': settingRow(
    'MQTT_EMBEDDED_PORT',
    whole(1, 65_535),
    'Port on which the embedded broker listens.',
    { default: 1883 },
  ),
  'mqtt.username': settingRow(
    'MQTT_USERNAME',
    textKind,
    'Login at the broker; the embedded broker asks for it too.',
  ),
  'mqtt.password': settingRow('MQTT_PASSWORD', textKind, 'Password at the broker.', { secret: true }),
  'mqtt.clientId': settingRow(
    'MQTT_CLIENT_ID',
    textKind,
    'Client id. Default: evse-mqtt-bridge- and the prefix.',
  ),
  'mqtt.prefix': settingRow('MQTT_TOPIC_PREFIX', prefixKind, 'Start of all topics of the charger.', {
    default: 'warp',
  }),
  'mqtt.qos': settingRow('MQTT_QOS', choice(0, 1), 'Quality of service of states and answers.', {
    default: 1,
  }),
  'mqtt.protocolVersion': settingRow(
    'MQTT_PROTOCOL_VERSION',
    choice(5, 4),
    '5, or 4 for MQTT 3.1.1; a broker that refuses 5 is asked again with 4.',
    { default: 5 },
  ),
  'mqtt.keepalive': settingRow(
    'MQTT_KEEPALIVE',
    duration('s', 5_000, 3_600_000),
    'Seconds after which a silent connection is probed.',
    { default: 30_000 },
  ),
  'mqtt.acceptRetained': settingRow(
    'MQTT_ACCEPT_RETAINED',
    flagKind,
    'Accept retained messages as writes of settings (never of actions).',
    { default: false },
  ),
  'mqtt.tls.caFile': settingRow('MQTT_CA_FILE', fileKind, 'Certificate authority of the broker, a PEM file.'),
  'mqtt.tls.certFile': settingRow('MQTT_CERT_FILE', fileKind, 'Our certificate, a PEM file.'),
  'mqtt.tls.keyFile': settingRow('MQTT_KEY_FILE', fileKind, 'The key of our certificate, a PEM file.'),
  'mqtt.tls.rejectUnauthorized': settingRow(
    'MQTT_REJECT_UNAUTHORIZED',
    flagKind,
    'Refuse a broker whose certificate is not trusted.',
    { default: true },
  ),
} as const;
