import type { slotNames } from '../current-limit.js';
import {
  amperes,
  type Code,
  detail,
  diagnostic,
  enumeration,
  flag,
  type Hardware,
  type Text,
} from '../entity.js';
import { bool, int } from '../members.js';
import { list, object, state, type Topic } from '../topic.js';

const U16 = 65_535;

const slot = object({ max_current: int(0, U16, 'mA'), active: bool(), clear_on_disconnect: bool() });

const chargerStates: readonly Code[] = [
  [0, ['Not connected', 'Nicht verbunden']],
  [1, ['Waiting for charge release', 'Wartet auf Ladefreigabe']],
  [2, ['Ready to charge', 'Ladebereit']],
  [3, ['Charging', 'Lädt']],
  [4, ['Error', 'Fehler']],
];

const iecStates: readonly Code[] = [
  [0, ['Not connected (A)', 'Nicht verbunden (A)']],
  [1, ['Connected (B)', 'Verbunden (B)']],
  [2, ['Charging (C)', 'Lädt (C)']],
  [3, ['Charging with ventilation (D)', 'Lädt mit Belüftung (D)']],
  [4, ['Error (E/F)', 'Fehler (E/F)']],
];

const errorStates: readonly Code[] = [
  [0, ['OK', 'OK']],
  [2, ['Switch error', 'Schalterfehler']],
  [3, ['DC residual current monitoring error', 'Fehler der DC-Fehlerstromüberwachung']],
  [4, ['Contactor error', 'Schützfehler']],
  [5, ['Communication error', 'Kommunikationsfehler']],
];

const contactorErrors: readonly Code[] = [
  [0, ['OK', 'OK']],
  [
    1,
    [
      'Should be closed: no voltage before and after (check supply)',
      'Sollte geschlossen sein: davor und danach keine Spannung (Zuleitung prüfen)',
    ],
  ],
  [
    2,
    [
      'Should be closed: no voltage after (contactor defective?)',
      'Sollte geschlossen sein: danach keine Spannung (Schütz defekt?)',
    ],
  ],
  [
    3,
    [
      'Should be closed: voltage only after (check wiring)',
      'Sollte geschlossen sein: nur danach Spannung (Verdrahtung prüfen)',
    ],
  ],
  [
    4,
    [
      'Should be open: no voltage before and after (check supply)',
      'Sollte offen sein: davor und danach keine Spannung (Zuleitung prüfen)',
    ],
  ],
  [
    5,
    [
      'Should be open: voltage only after (check wiring)',
      'Sollte offen sein: nur danach Spannung (Verdrahtung prüfen)',
    ],
  ],
  [
    6,
    [
      'Should be open: voltage before and after (contactor defective?)',
      'Sollte offen sein: davor und danach Spannung (Schütz defekt?)',
    ],
  ],
];

const contactorStates: readonly Code[] = [
  [0, ['Not live before and after', 'Davor und danach spannungslos']],
  [1, ['Live before, not live after', 'Davor Spannung, danach nicht']],
  [2, ['Not live before, live after', 'Davor spannungslos, danach Spannung']],
  [3, ['Live before and after', 'Davor und danach Spannung']],
];

const lockStates: readonly Code[] = [
  [0, ['Initialization', 'Initialisierung']],
  [1, ['Open', 'Offen']],
  [2, ['Closing', 'Schließt']],
  [3, ['Closed', 'Geschlossen']],
  [4, ['Opening', 'Öffnet']],
  [5, ['Error', 'Fehler']],
];

const cableRatings: readonly Code[] = [
  ...['6 A', '10 A', '13 A', '16 A', '20 A', '25 A', '32 A'].map(
    (rating, code): Code => [code, [rating, rating]],
  ),
  [7, ['Controlled by software', 'Per Software gesteuert']],
  [8, ['Not configured', 'Nicht konfiguriert']],
];

const slotTexts: Readonly<Record<(typeof slotNames)[number], Text>> = {
  incoming_cable: ['Supply cable', 'Zuleitung'],
  outgoing_cable: ['Type 2 cable', 'Typ-2-Kabel'],
  shutdown_input: ['Shutdown input', 'Abschalteingang'],
  gp_input: ['Configurable input', 'Konfigurierbarer Eingang'],
  autostart_button: ['Manual release', 'Manuelle Ladefreigabe'],
  global: ['Configuration', 'Konfiguration'],
  user: ['User/NFC', 'Benutzer/NFC'],
  charge_manager: ['Charge manager', 'Lastmanager'],
  external: ['External control', 'Externe Steuerung'],
  modbus_tcp: ['Modbus TCP current', 'Modbus-TCP-Strom'],
  modbus_tcp_enable: ['Modbus TCP release', 'Modbus-TCP-Freigabe'],
  ocpp: ['OCPP', 'OCPP'],
  charge_limits: ['Energy/time limit', 'Energie-/Zeitgrenze'],
  require_meter: ['Meter monitoring', 'Zählerüberwachung'],
  automation: ['Automation', 'Automatisierung'],
  eebus: ['EEBUS', 'EEBUS'],
  p14a_enwg: ['§14a EnWG', '§14a EnWG'],
  ove_r37: ['OVE R 37', 'OVE R 37'],
};

/** From WARP3 on the contactor's codes mean something else (charger-wire 2.4). */
const beforeWarp3 = ({ evse_version }: Hardware) => evse_version < 30;

/** What the charge controller is and does: the first of the `evse/*` topics of a WARP1, in the order of the public API
 * text, which evse-board.ts, evse-limits.ts and evse-settings.ts go on with. A new topic is one more row. */
export const evse: readonly Topic[] = [
  state(
    'evse/state',
    {
      iec61851_state: int(0, 4),
      charger_state: int(0, 4),
      contactor_state: int(0, 255),
      contactor_error: int(0, 255),
      allowed_charging_current: int(0, U16, 'mA'),
      error_state: int(0, 255),
      lock_state: int(0, 255),
    },
    {
      doc: 'State of the charge controller: IEC 61851 state (0 A, 1 B, 2 C, 3 D, 4 E/F), charger state (0 not connected, 1 waiting for release, 2 ready, 3 charging, 4 error), contactor, errors and the allowed current.',
      example: {
        iec61851_state: 2,
        charger_state: 3,
        contactor_state: 3,
        contactor_error: 0,
        allowed_charging_current: 32000,
        error_state: 0,
        lock_state: 0,
      },
      entities: [
        enumeration('charger_state', ['Charger state', 'Ladestatus'], 'charger_state', chargerStates, {
          icon: 'ev-station',
        }),
        flag(
          'vehicle_connected',
          ['Vehicle connected', 'Fahrzeug verbunden'],
          'iec61851_state',
          {},
          {
            value:
              "{{ 'None' if value_json.iec61851_state == 4 else 'ON' if value_json.iec61851_state else 'OFF' }}",
            device_class: 'plug',
          },
        ),
        flag(
          'charging',
          ['Charging', 'Ladevorgang aktiv'],
          'charger_state',
          {},
          {
            value: "{{ 'ON' if value_json.charger_state == 3 else 'OFF' }}",
            device_class: 'battery_charging',
          },
        ),
        amperes(
          'allowed_current',
          ['Allowed charging current', 'Erlaubter Ladestrom'],
          'allowed_charging_current',
          {},
        ),
        flag('problem', ['Problem', 'Störung'], 'error_state', diagnostic, {
          value:
            "{{ 'ON' if value_json.charger_state == 4 or value_json.error_state or value_json.contactor_error else 'OFF' }}",
          device_class: 'problem',
        }),
        enumeration(
          'iec61851_state',
          ['IEC 61851 state', 'Zustand nach IEC 61851'],
          'iec61851_state',
          iecStates,
          { ...diagnostic, icon: 'ev-plug-type2' },
        ),
        enumeration('error_state', ['Error state', 'Fehlerzustand'], 'error_state', errorStates, {
          ...diagnostic,
          icon: 'alert-circle-outline',
        }),
        enumeration(
          'contactor_error',
          ['Contactor error', 'Schützfehler'],
          'contactor_error',
          contactorErrors,
          { ...diagnostic, icon: 'electric-switch', fits: beforeWarp3 },
        ),
        enumeration(
          'contactor_state',
          ['Contactor state', 'Schützzustand'],
          'contactor_state',
          contactorStates,
          { ...detail, icon: 'electric-switch', fits: beforeWarp3 },
        ),
        enumeration('lock_state', ['Cable lock', 'Kabelverriegelung'], 'lock_state', lockStates, {
          ...detail,
          icon: 'lock',
          fits: (hardware) => hardware.has_lock_switch,
        }),
      ],
      read: (c) => c.state(),
      poll: 'fast',
    },
  ),
  state(
    'evse/hardware_configuration',
    { jumper_configuration: int(0, 8), has_lock_switch: bool(), evse_version: int(0, 255) },
    {
      doc: 'Hardware of the charge controller: rating of the supply cable (0 6 A, 1 10 A, 2 13 A, 3 16 A, 4 20 A, 5 25 A, 6 32 A, 7 by software, 8 not configured), cable lock, version.',
      example: { jumper_configuration: 6, has_lock_switch: false, evse_version: 14 },
      entities: [
        enumeration(
          'cable_rating',
          ['Supply cable rating', 'Belastbarkeit der Zuleitung'],
          'jumper_configuration',
          cableRatings,
          { ...diagnostic, icon: 'cable-data' },
        ),
        flag(
          'has_lock_switch',
          ['Type 2 socket with lock', 'Typ-2-Dose mit Verriegelung'],
          'has_lock_switch',
          { ...detail, icon: 'lock-outline' },
        ),
        {
          key: 'evse_version',
          platform: 'sensor',
          name: ['Charge controller version', 'Version des Ladecontrollers'],
          member: ['evse_version'],
          value: '{{ value_json.evse_version // 10 }}.{{ value_json.evse_version % 10 }}',
          options: {},
          ...detail,
          icon: 'chip',
        },
      ],
      read: (c) => c.hardwareConfiguration(),
    },
  ),
  list('evse/slots', slot, {
    doc: 'The charging slots. The allowed charging current is the smallest `max_current` of the active ones.',
    example: [{ max_current: 32000, active: true, clear_on_disconnect: false }],
    entities: [
      {
        key: 'limited_by',
        platform: 'sensor',
        name: ['Limited by', 'Begrenzt durch'],
        topic: 'bridge/current_limit',
        member: ['slots'],
        codes: Object.entries(slotTexts),
        value: (texts) =>
          `{{ ${texts}.get(value_json.slots[0].name, 'None') if value_json.slots else 'None' }}`,
        attributes: true,
        options: { device_class: 'enum' },
        ...diagnostic,
        icon: 'car-speed-limiter',
      },
    ],
    read: (c) => c.slots(),
  }),
];
