/** How one setting is read: `read` takes what a file, a variable or an option holds, undefined if it can't be. */
export interface Kind<T> {
  /** Finishes the sentence "expected …". */
  readonly words: string;
  readonly flag?: true;
  read(raw: unknown): T | undefined;
}

/** One setting: a row of the table, from which file, environment, command line, help and example are made. */
export interface Setting<T> {
  readonly env: string;
  readonly kind: Kind<T>;
  readonly default: T | undefined;
  readonly doc: string;
  readonly secret?: true;
}

const text: Kind<string> = {
  words: 'a text',
  read: (raw) => (typeof raw === 'string' || typeof raw === 'number' ? String(raw) : undefined),
};

const flag: Kind<boolean> = {
  words: 'true or false',
  flag: true,
  read(raw) {
    if (typeof raw === 'boolean') return raw;
    const word = String(raw).toLowerCase();
    if (['true', 'yes', 'on', '1'].includes(word)) return true;
    return ['false', 'no', 'off', '0'].includes(word) ? false : undefined;
  },
};

function whole(min: number, max: number, unit = ''): Kind<number> {
  return {
    words: `a whole number ${min}..${max}${unit && ` ${unit}`}`,
    read(raw) {
      const number = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
      return Number.isInteger(number) && (number as number) >= min && (number as number) <= max
        ? (number as number)
        : undefined;
    },
  };
}

function seconds(min: number, max: number): Kind<number> {
  return {
    words: `seconds, ${min}..${max}`,
    read(raw) {
      const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
      return typeof number === 'number' && number >= min && number <= max ? number : undefined;
    },
  };
}

function choice<const W extends string | number>(...words: readonly W[]): Kind<W> {
  return { words: words.join(', '), read: (raw) => words.find((word) => String(word) === String(raw)) };
}

const list: Kind<readonly string[]> = {
  words: 'a comma list of names',
  read(raw) {
    const items = typeof raw === 'string' ? raw.split(',') : raw;
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) return undefined;
    return items.map((item) => item.trim()).filter((item) => item !== '');
  },
};

function url(...protocols: readonly string[]): Kind<string> {
  return {
    words: `a URL such as ${protocols[0]}://192.168.1.10 (${protocols.map((name) => `${name}://`).join(', ')}; in a login % is written %25)`,
    read(raw) {
      if (typeof raw !== 'string' || !URL.canParse(raw)) return undefined;
      const { protocol, hostname, username, password } = new URL(raw);
      if (!canDecode(username) || !canDecode(password)) return undefined;
      return protocols.includes(protocol.slice(0, -1)) && hostname !== '' ? raw : undefined;
    },
  };
}

/** A login in a URL is percent-encoded; a lone % is a password written as it is. */
function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The start of topics: MQTT allows nearly everything, but wildcards and empty levels would break subscriptions. */
export const prefixKind: Kind<string> = {
  words: 'a topic prefix without wildcards (+ #), without / at either end and not starting with $',
  read(raw) {
    if (typeof raw !== 'string' || raw === '' || raw.length > 128) return undefined;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character belongs into a topic
    return /[+#\u0000-\u001f]|^\/|\/$|\/\/|^\$/.test(raw) ? undefined : raw;
  },
};

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

/** Every setting by its key in the file. The order is that of the help and of config/example.yaml. */
export const settings = {
  'mqtt.url': setting(
    'MQTT_URL',
    url('mqtt', 'mqtts', 'ws', 'wss'),
    'Broker. Without it (and without mqtt.host) an embedded broker is started.',
  ),
  'mqtt.host': setting('MQTT_HOST', text, 'Broker, where mqtt.url is not set.'),
  'mqtt.port': setting('MQTT_PORT', whole(1, 65_535), 'Port of mqtt.host.', { default: 1883 }),
  'mqtt.embedded.host': setting('MQTT_EMBEDDED_HOST', text, 'Address on which the embedded broker listens.', {
    default: '127.0.0.1',
  }),
  'mqtt.embedded.port': setting(
    'MQTT_EMBEDDED_PORT',
    whole(1, 65_535),
    'Port on which the embedded broker listens.',
    { default: 1883 },
  ),
  'mqtt.username': setting(
    'MQTT_USERNAME',
    text,
    'Login at the broker; the embedded broker asks for it too.',
  ),
  'mqtt.password': setting('MQTT_PASSWORD', text, 'Password at the broker.', { secret: true }),
  'mqtt.clientId': setting('MQTT_CLIENT_ID', text, 'Client id. Default: evse-mqtt-bridge- and the prefix.'),
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
    whole(5, 3_600, 's'),
    'Seconds after which a silent connection is probed.',
    { default: 30 },
  ),
  'mqtt.acceptRetained': setting(
    'MQTT_ACCEPT_RETAINED',
    flag,
    'Take retained messages as settings too (never as actions).',
    { default: false },
  ),
  'mqtt.tls.caFile': setting('MQTT_CA_FILE', text, 'Certificate authority of the broker, a PEM file.'),
  'mqtt.tls.certFile': setting('MQTT_CERT_FILE', text, 'Our certificate, a PEM file.'),
  'mqtt.tls.keyFile': setting('MQTT_KEY_FILE', text, 'The key of our certificate, a PEM file.'),
  'mqtt.tls.rejectUnauthorized': setting(
    'MQTT_REJECT_UNAUTHORIZED',
    flag,
    'Refuse a broker whose certificate is not trusted.',
    { default: true },
  ),
  'charger.backend': setting(
    'BACKEND',
    choice('http', 'model'),
    'A real charger, or the built-in model. Default: http if charger.url is set, else model.',
  ),
  'charger.url': setting('CHARGER_URL', url('http', 'https'), 'The charger.'),
  'charger.username': setting('CHARGER_USERNAME', text, 'Login at the charger.'),
  'charger.password': setting('CHARGER_PASSWORD', text, 'Password at the charger.', { secret: true }),
  'charger.transport': setting(
    'CHARGER_TRANSPORT',
    choice('auto', 'websocket', 'poll'),
    'auto: WebSocket push, and polling while it is missing.',
    { default: 'auto' },
  ),
  'charger.pollInterval': setting(
    'CHARGER_POLL_INTERVAL',
    whole(250, 60_000, 'ms'),
    'Milliseconds between reads of the fast topics while polling.',
    { default: 1000 },
  ),
  'charger.timeout': setting(
    'CHARGER_TIMEOUT',
    whole(500, 60_000, 'ms'),
    'Milliseconds that one request may take.',
    { default: 5000 },
  ),
  'charger.rejectUnauthorized': setting(
    'CHARGER_REJECT_UNAUTHORIZED',
    flag,
    'Refuse a charger whose certificate is not trusted.',
    { default: true },
  ),
  'charger.mirror': setting(
    'CHARGER_MIRROR',
    list,
    'Topics outside evse and info that are passed on; * stands for any text.',
    {
      default: [
        'meter/*',
        'meters/*',
        'charge_tracker/current_charge',
        'power_manager/state',
        'power_manager/low_level_state',
        'power_manager/external_control',
      ],
    },
  ),
  'charger.passthrough': setting(
    'CHARGER_PASSTHROUGH',
    flag,
    'Pass on evse topics that this program does not know, and forward writes to them.',
    { default: true },
  ),
  'model.stateFile': setting(
    'MODEL_STATE_FILE',
    text,
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
    'Version of the modelled charge controller.',
    { default: 15 },
  ),
  'model.chargingTime': setting(
    'MODEL_CHARGING_TIME',
    choice('milliseconds', 'flag'),
    'low_level_state.charging_time as older (ms) or newer (0/1) controllers report it.',
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
    text,
    'Serial number of the modelled charger. Default: made from the prefix.',
  ),
  'homeassistant.discovery': setting(
    'HOMEASSISTANT_DISCOVERY',
    flag,
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
  'policy.readOnly': setting('READ_ONLY', flag, 'Refuse every write.', { default: false }),
  'policy.writable': setting('WRITABLE_TOPICS', list, 'Topics that may be written; * stands for any text.', {
    default: ['*'],
  }),
  'policy.flashInterval': setting(
    'FLASH_INTERVAL',
    whole(0, 86_400, 's'),
    'Seconds between two writes of a topic that the charger keeps in flash, after a burst of 5.',
    { default: 60 },
  ),
  'publish.interval': setting(
    'PUBLISH_INTERVAL',
    seconds(0.1, 10),
    'Seconds between two publishes of low_level_state.',
    { default: 1 },
  ),
  'http.port': setting(
    'HTTP_PORT',
    whole(1, 65_535),
    'Port of /livez, /readyz and /metrics. Without it there is no such server.',
  ),
  'http.host': setting('HTTP_HOST', text, 'Address of /livez, /readyz and /metrics.', {
    default: '127.0.0.1',
  }),
  'simulate.host': setting(
    'SIMULATE_HOST',
    text,
    'Address on which `simulate` serves the API of the charger.',
    {
      default: '127.0.0.1',
    },
  ),
  'simulate.port': setting('SIMULATE_PORT', whole(1, 65_535), 'Port on which `simulate` serves it.', {
    default: 8080,
  }),
  'simulate.username': setting('SIMULATE_USERNAME', text, 'Login that `simulate` asks for (digest).'),
  'simulate.password': setting('SIMULATE_PASSWORD', text, 'Password that `simulate` asks for.', {
    secret: true,
  }),
  'simulate.firmware': setting(
    'SIMULATE_FIRMWARE',
    choice('2.8.9', '2.0.9', '2.6.1', '2.12.1'),
    'Firmware whose behaviour `simulate` shows.',
    { default: '2.8.9' },
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

/** The settings as a plain list. */
export const rows = Object.entries(settings) as readonly (readonly [Key, Setting<unknown>])[];

/** `MQTT_URL` as an option: `mqtt-url`. */
export const optionName = (env: string): string => env.toLowerCase().replaceAll('_', '-');
