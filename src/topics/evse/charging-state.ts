import type { Code, Hardware } from '../entity.js';
import { eventEntity } from '../entity-events.js';
import { amperes, detail, diagnostic, enumeration, flag } from '../entity-kinds.js';
import { optional } from '../members.js';
import { state } from '../rows.js';
import { int, u8, u16 } from '../scalars.js';
import type { Topic } from '../topic.js';
import { chargingControl } from './charging-control.js';

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

/** From WARP3 on the contactor's codes mean something else (charger-wire 2.4). */
const beforeWarp3 = ({ evse_version }: Hardware) => evse_version < 30;

/** What the charge controller does, and the start and stop of charging. */
export const charging: readonly Topic[] = [
  state(
    'evse/state',
    {
      iec61851_state: int(0, 4),
      charger_state: int(0, 4),
      contactor_state: u8(),
      contactor_error: u8(),
      allowed_charging_current: u16('mA'),
      error_state: u8(),
      lock_state: u8(),
      // Not on a WARP1.
      dc_fault_current_state: optional(u8()),
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
            // In state E/F the charger can't know. The old value stays, so that a fault does not look like a departure.
            value:
              "{% set kept = 'ON' if this.state == 'on' else 'OFF' if this.state == 'off' else 'None' %}{{ kept if value_json.iec61851_state == 4 else 'ON' if value_json.iec61851_state else 'OFF' }}",
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
        amperes('allowed_current', ['Allowed current', 'Erlaubter Strom'], 'allowed_charging_current', {}),
        flag(
          'problem',
          ['Problem', 'Störung'],
          'error_state',
          {},
          {
            value:
              "{{ 'ON' if value_json.charger_state == 4 or value_json.error_state or value_json.contactor_error else 'OFF' }}",
            device_class: 'problem',
          },
        ),
        eventEntity(
          'charge_event',
          ['Charge', 'Ladevorgang'],
          {
            plugged_in: 'plugged_in',
            charging_started: 'started',
            charging_stopped: 'stopped',
            unplugged: 'unplugged',
          },
          { icon: 'ev-plug-type2', member: ['charger_state'] },
        ),
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
  ...chargingControl,
];
