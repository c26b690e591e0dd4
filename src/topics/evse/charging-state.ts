import type { Json } from '../../base/json.js';
import {
  amperes,
  type Code,
  config,
  detail,
  diagnostic,
  enumeration,
  flag,
  type Hardware,
  happening,
  press,
  selection,
  toggle,
} from '../entity.js';
import { optional } from '../members.js';
import { action, list, setting, state } from '../rows.js';
import { bool, boundedInt, int, u8, u16 } from '../scalars.js';
import type { Topic } from '../topic.js';

const chargerStates: readonly Code[] = [
  [0, ['Not connected', 'Nicht verbunden']],
  [1, ['Waiting for charge release', 'Wartet auf Ladefreigabe']],
  [2, ['Ready to charge', 'Ladebereit']],
  [3, ['Charging', 'Lädt']],
  [4, ['Error', 'Fehler']],
];

/** What evse/charge_mode and power_manager/charge_mode can be (charger-wire 2.1). */
export const chargeModes: readonly Code[] = [
  [0, ['Fast', 'Schnell']],
  [1, ['Off', 'Aus']],
  [2, ['PV', 'PV']],
  [3, ['Min + PV', 'Min + PV']],
  [4, ['Default', 'Standard']],
  [5, ['Min', 'Min']],
  [6, ['Eco', 'Eco']],
  [7, ['Eco + PV', 'Eco + PV']],
  [8, ['Eco + Min', 'Eco + Min']],
  [9, ['Eco + Min + PV', 'Eco + Min + PV']],
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
        happening(
          'command_refused',
          ['Command refused', 'Befehl abgelehnt'],
          { refused: 'refused' },
          { ...diagnostic, icon: 'message-alert-outline', member: ['charger_state'] },
          { details: ['topic', 'code', 'error'] },
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
  action('evse/start_charging', {
    doc: 'Starts charging (slot 4). Does nothing without a vehicle.',
    entities: [press('start_charging', ['Start charging', 'Laden starten'], 'evse/state', { icon: 'play' })],
    applied: (_, shown) => releaseIs(shown, 32000),
    hint: 'the charger ignores it while no vehicle is connected, and while its button is held',
    write: (c) => c.startCharging(),
  }),
  action('evse/stop_charging', {
    doc: 'Stops charging, as the button does (slot 4). Does nothing without a vehicle.',
    entities: [press('stop_charging', ['Stop charging', 'Laden stoppen'], 'evse/state', { icon: 'stop' })],
    applied: (_, shown) => releaseIs(shown, 0),
    hint: 'the charger ignores it while no vehicle is connected',
    write: (c) => c.stopCharging(),
  }),
  setting(
    'evse/auto_start_charging',
    { auto_start_charging: bool() },
    {
      doc: 'Whether a connected vehicle is charged without `start_charging`. Writing the present value still acts on a waiting vehicle.',
      example: { auto_start_charging: true },
      entities: [
        toggle('auto_start_charging', ['Automatic start', 'Automatischer Ladestart'], 'auto_start_charging', {
          ...config,
          icon: 'play-circle-outline',
        }),
      ],
      read: (c) => ({ auto_start_charging: c.autoStartCharging() }),
      write: (c, value) => c.setAutoStartCharging(value.auto_start_charging),
      flash: true,
      actsWhenEqual: true,
    },
  ),
  setting(
    'evse/charge_mode',
    { mode: boundedInt(0, 9) },
    {
      doc: 'Charge mode: 0 fast, 1 off, 2 PV, 3 min + PV, 4 default, 5 min, 6 eco, 7 eco + PV, 8 eco + min, 9 eco + min + PV.',
      since: '2.8.10',
      example: { mode: 4 },
      entities: [
        selection('charge_mode', ['Charge mode', 'Lademodus'], 'mode', chargeModes, {
          icon: 'solar-power',
          topic: 'evse/charge_mode',
          codesIn: 'evse/supported_charge_modes',
        }),
      ],
      sharesState: true,
      applied: modeIs,
      hint: 'no charge manager controls this charger, so it has no charge modes: evse/supported_charge_modes is empty',
      read: (c) => ({ mode: c.later.chargeMode() }),
      write: (c, value) => c.later.setChargeMode(value.mode),
    },
  ),
  list('evse/supported_charge_modes', u8(), {
    doc: 'The charge modes that this charger has; none while no charge manager controls it.',
    since: '2.8.10',
    example: [],
    read: () => [],
  }),
];

/** A charger that no charge manager controls shows any mode that is written and follows none (charger-wire 2.1). */
function modeIs(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const supported = shown('evse/supported_charge_modes');
  if (Array.isArray(supported) && supported.length === 0) return false;
  const now = shown('evse/charge_mode') as { readonly mode: number } | undefined;
  return now && now.mode === (value as { readonly mode: number }).mode;
}

/** Whether the manual release (slot 4) has this max_current in mA, which is all that start and stop set. */
function releaseIs(shown: (path: string) => Json | undefined, current: number): boolean | undefined {
  const slots = shown('evse/slots') as readonly { readonly max_current: number }[] | undefined;
  return slots?.[4] && slots[4].max_current === current;
}
