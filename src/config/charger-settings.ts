import { modelTypes } from '../model/generations/model-type.js';
import { url } from './address-kinds.js';
import { choice, digestUserKind, duration, fileKind, flagKind, listKind, textKind, whole } from './kinds.js';
import { settingRow } from './setting.js';

/** The charger, a real one or the model. */
export const chargerSettings = {
  'charger.backend': settingRow(
    'BACKEND',
    choice('http', 'model'),
    'A real charger, or the built-in model. Default: http if charger.url is set, else model.',
  ),
  'charger.url': settingRow('CHARGER_URL', url('http', 'https'), 'URL of the charger.'),
  'charger.username': settingRow('CHARGER_USERNAME', digestUserKind, 'Login at the charger.'),
  'charger.password': settingRow('CHARGER_PASSWORD', textKind, 'Password at the charger.', { secret: true }),
  'charger.transport': settingRow(
    'CHARGER_TRANSPORT',
    choice('auto', 'websocket', 'poll'),
    'auto: WebSocket push, and polling while it is missing.',
    { default: 'auto' },
  ),
  'charger.pollInterval': settingRow(
    'CHARGER_POLL_INTERVAL',
    duration('ms', 250, 60_000),
    'Milliseconds between reads of the fast topics while polling.',
    { default: 1_000 },
  ),
  'charger.timeout': settingRow(
    'CHARGER_TIMEOUT',
    duration('ms', 500, 60_000),
    'Milliseconds that one request may take.',
    { default: 5_000 },
  ),
  'charger.rejectUnauthorized': settingRow(
    'CHARGER_REJECT_UNAUTHORIZED',
    flagKind,
    'Refuse a charger whose certificate is not trusted.',
    { default: true },
  ),
  'charger.mirror': settingRow(
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
        'energy_manager/state',
        'energy_manager/low_level_state',
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
  'charger.passthrough': settingRow(
    'CHARGER_PASSTHROUGH',
    flagKind,
    'Pass on evse topics that this program does not know, and forward writes to them.',
    { default: true },
  ),
  'charger.forward': settingRow(
    'CHARGER_FORWARD',
    listKind,
    'Further topics outside evse, not in docs/topics.md, that may be written; * stands for any text. Writes to them are not checked. Their states are passed on.',
    { default: [] },
  ),
  'model.type': settingRow(
    'MODEL_TYPE',
    choice(...modelTypes),
    'Which charger the model is: a WARP1, a WARP2, or a WARP3, which switches phases.',
    { default: 'warp1' },
  ),
  'model.stateFile': settingRow(
    'MODEL_STATE_FILE',
    fileKind,
    "File for the model's flash memory; without it the settings of the model are lost when the program ends.",
  ),
  'model.scenario': settingRow(
    'MODEL_SCENARIO',
    choice('none', 'demo'),
    'demo: a vehicle comes, charges and leaves again and again.',
    { default: 'none' },
  ),
  'model.timeScale': settingRow(
    'MODEL_TIME_SCALE',
    whole(1, 1_000),
    "The model's clock runs this many times faster.",
    { default: 1 },
  ),
  'model.jumper': settingRow(
    'MODEL_JUMPER',
    whole(0, 8),
    'Supply cable: 0 6 A, 1 10 A, 2 13 A, 3 16 A, 4 20 A, 5 25 A, 6 32 A, 7 by software, 8 not set.',
    { default: 6 },
  ),
  'model.evseVersion': settingRow(
    'MODEL_EVSE_VERSION',
    choice(15, 14),
    'Version of the charge controller of a modelled WARP1.',
    { default: 15 },
  ),
  'model.chargingTime': settingRow(
    'MODEL_CHARGING_TIME',
    choice('milliseconds', 'flag'),
    'low_level_state.charging_time as older (ms) or newer (0/1) controllers of a WARP1 report it.',
    { default: 'milliseconds' },
  ),
  'model.quirks': settingRow(
    'MODEL_QUIRKS',
    choice('default', 'all', 'none'),
    'Odd behaviour of the real controller that the model repeats.',
    { default: 'default' },
  ),
  'model.uid': settingRow(
    'MODEL_UID',
    textKind,
    'Serial number of the modelled charger. Default: made from the prefix.',
  ),
} as const;
