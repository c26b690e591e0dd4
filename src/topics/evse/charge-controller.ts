import type { Json } from '../../base/json.js';
import type { Code } from '../entity.js';
import { detail, diagnostic, enumeration, flag } from '../entity-kinds.js';
import { array, optional } from '../members.js';
import { setting, state } from '../rows.js';
import { bool, i16, int, text, u8, u16 } from '../scalars.js';
import type { Topic } from '../topic.js';
import { lowLevelState } from './low-level-state.js';

const cableRatings: readonly Code[] = [
  ...['6 A', '10 A', '13 A', '16 A', '20 A', '25 A', '32 A'].map(
    (rating, code): Code => [code, [rating, rating]],
  ),
  [7, ['Controlled by software', 'Per Software gesteuert']],
  [8, ['Not configured', 'Nicht konfiguriert']],
];

/** The charge controller itself: its hardware, its measurements, its calibration. */
export const chargeController: readonly Topic[] = [
  state(
    'evse/hardware_configuration',
    {
      jumper_configuration: int(0, 8),
      has_lock_switch: bool(),
      evse_version: u8(),
      // Not on a WARP1.
      energy_meter_type: optional(u8()),
    },
    {
      doc: 'Hardware of the charge controller: rating of the supply cable (0 6 A, 1 10 A, 2 13 A, 3 16 A, 4 20 A, 5 25 A, 6 32 A, 7 by software, 8 not configured), cable lock, version.',
      poll: 'rare',
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
  ...lowLevelState,
  state(
    'evse/identity',
    {
      uid: text(8),
      connected_uid: text(8),
      position: text(1),
      hw_version: text(12),
      fw_version: text(12),
      device_identifier: u16(),
    },
    {
      doc: 'The charge controller itself: serial number, hardware and firmware version.',
      since: '2.1.3',
      poll: 'rare',
      example: {
        uid: '2mtybZ',
        connected_uid: '0',
        position: 'A',
        hw_version: '1.5.0',
        fw_version: '2.1.13',
        device_identifier: 2159,
      },
    },
  ),
  setting(
    'evse/user_calibration',
    {
      user_calibration_active: bool(),
      voltage_diff: i16(),
      voltage_mul: i16(),
      voltage_div: i16(),
      resistance_2700: i16(),
      resistance_880: array(i16(), 14),
    },
    {
      doc: 'Calibration of the charge controller. `user_calibration_active: false` restores the factory calibration.',
      generations: ['WARP1'],
      sharesState: true,
      poll: 'rare',
      example: {
        user_calibration_active: false,
        voltage_diff: -95,
        voltage_mul: 12205,
        voltage_div: 12157,
        resistance_2700: 312,
        resistance_880: [1517, 984, 870, 795, 803, 769, 671, 748, 691, 588, 598, 549, 537, 606],
      },
      entities: [
        {
          ...flag(
            'user_calibration',
            ['User calibration active', 'Eigene Kalibrierung aktiv'],
            'user_calibration_active',
            { ...detail, icon: 'tune' },
          ),
          attributes: true,
        },
      ],
      applied: calibrationIs,
      read: (c) => c.userCalibration(),
      write: (c, value) => c.setUserCalibration(value),
      flash: true,
    },
  ),
];

/** Compares only the flag: without a user calibration the charger shows the factory's values, not the written ones. */
function calibrationIs(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const { user_calibration_active: wanted } = value as { readonly user_calibration_active: boolean };
  const now = shown('evse/user_calibration') as { readonly user_calibration_active: boolean } | undefined;
  return now && now.user_calibration_active === wanted;
}
