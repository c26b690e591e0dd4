import type { Json } from '../../base/json.js';
import {
  type Code,
  detail,
  diagnostic,
  type Entity,
  enumeration,
  flag,
  type Hardware,
  measurement,
  type Text,
} from '../entity.js';
import { array, optional } from '../members.js';
import { setting, state } from '../rows.js';
import { bool, i16, int, text, u8, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const cableRatings: readonly Code[] = [
  ...['6 A', '10 A', '13 A', '16 A', '20 A', '25 A', '32 A'].map(
    (rating, code): Code => [code, [rating, rating]],
  ),
  [7, ['Controlled by software', 'Per Software gesteuert']],
  [8, ['Not configured', 'Nicht konfiguriert']],
];

const ledStates: readonly Code[] = [
  [0, ['Off', 'Aus']],
  [1, ['On', 'An']],
  [2, ['Blinking', 'Blinkt']],
  [3, ['Flickering', 'Flackert']],
  [4, ['Breathing', 'Atmet']],
  [5, ['Controlled by API', 'Per API gesteuert']],
];

/** Later generations have longer arrays with other meanings (charger-wire 2.4). */
const warp1 = { ...detail, fits: ({ evse_version }: Hardware) => evse_version === 14 || evse_version === 15 };

const voltage = (key: string, name: Text, index: number): Entity =>
  measurement(
    key,
    name,
    ['voltages', index],
    { value: `{{ value_json.voltages[${index}] / 1000 }}`, device_class: 'voltage', unit: 'V', precision: 2 },
    warp1,
  );

const gpio = (key: string, name: Text, index: number): Entity =>
  flag(key, name, ['gpio', index], { ...warp1, icon: 'electric-switch-closed' });

const seconds = (key: string, name: Text): Entity =>
  measurement(
    key,
    name,
    [key],
    { value: `{{ value_json.${key} // 1000 }}`, device_class: 'duration', unit: 's' },
    detail,
  );

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
  state(
    'evse/low_level_state',
    {
      led_state: u8(),
      cp_pwm_duty_cycle: int(0, 1000, '‰'),
      adc_values: array(u16()),
      voltages: array(i16(), undefined, 'mV'),
      resistances: array(u32(), undefined, 'Ω'),
      gpio: array(bool()),
      charging_time: u32('ms'),
      time_since_state_change: u32('ms'),
      uptime: u32('ms'),
      // Not on a WARP1.
      time_since_dc_fault_check: optional(u32('ms')),
      temperature: optional(i16()),
      // Since 2.8.7; a WARP1 can't switch phases.
      phases_current: optional(u16()),
      phases_requested: optional(u16()),
      phases_state: optional(u16()),
      phases_info: optional(u16()),
      // Not on a WARP1.
      dc_fault_pins: optional(u8()),
      dc_fault_sensor_type: optional(u8()),
    },
    {
      doc: 'What the controller measures. Its counters always change: published at most once per `publish.interval`, and at least every 10 s as a sign of life.',
      example: {
        led_state: 4,
        cp_pwm_duty_cycle: 533,
        adc_values: [16356, 7198],
        voltages: [-2646, 899, 5915],
        resistances: [850, 219],
        gpio: [false, false, true, true, true],
        charging_time: 9341087,
        time_since_state_change: 9341087,
        uptime: 876032107,
        phases_current: 3,
        phases_requested: 3,
        phases_state: 0,
        phases_info: 0,
      },
      entities: [
        enumeration('led_state', ['LED state', 'LED-Zustand'], 'led_state', ledStates, {
          ...detail,
          icon: 'led-outline',
        }),
        measurement(
          'cp_duty_cycle',
          ['CP PWM duty cycle', 'CP-PWM-Tastverhältnis'],
          ['cp_pwm_duty_cycle'],
          { value: '{{ value_json.cp_pwm_duty_cycle / 10 }}', unit: '%' },
          { ...detail, icon: 'square-wave' },
        ),
        voltage('voltage_cp', ['CP/PE voltage', 'Spannung CP/PE'], 0),
        voltage('voltage_pp', ['PP/PE voltage', 'Spannung PP/PE'], 1),
        voltage('voltage_cp_max', ['Maximum CP/PE voltage', 'Maximale Spannung CP/PE'], 2),
        measurement(
          'resistance_cp',
          ['CP/PE resistance', 'Widerstand CP/PE'],
          ['resistances', 0],
          { unit: 'Ω' },
          { ...warp1, icon: 'omega' },
        ),
        measurement(
          'resistance_pp',
          ['PP/PE resistance', 'Widerstand PP/PE'],
          ['resistances', 1],
          { unit: 'Ω' },
          { ...warp1, icon: 'omega' },
        ),
        measurement(
          'adc_cp',
          ['CP/PE ADC raw value', 'ADC-Rohwert CP/PE'],
          ['adc_values', 0],
          {},
          { ...warp1, icon: 'counter' },
        ),
        measurement(
          'adc_pp',
          ['PP/PE ADC raw value', 'ADC-Rohwert PP/PE'],
          ['adc_values', 1],
          {},
          { ...warp1, icon: 'counter' },
        ),
        gpio('gpio_input', ['GPIO input', 'GPIO Eingang'], 0),
        gpio('gpio_output', ['GPIO output', 'GPIO Ausgang'], 1),
        gpio('gpio_motor_switch', ['GPIO motor input switch', 'GPIO Motorschalter'], 2),
        gpio('gpio_relay', ['GPIO relay', 'GPIO Relais'], 3),
        gpio('gpio_motor_error', ['GPIO motor error', 'GPIO Motorfehler'], 4),
        seconds('charging_time', ['Charging time (load management)', 'Ladezeit (Lastmanagement)']),
        seconds('time_since_state_change', ['Time since state change', 'Zeit seit Zustandswechsel']),
        seconds('uptime', ['Charge controller uptime', 'Laufzeit des Ladecontrollers']),
      ],
      read: (c) => c.lowLevelState(),
      heartbeat: { maxSilenceMs: 10_000 },
      restartCounter: 'uptime',
    },
  ),
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

/** Switched off, the factory's values are shown, whatever came along. */
function calibrationIs(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const { user_calibration_active: wanted } = value as { readonly user_calibration_active: boolean };
  const now = shown('evse/user_calibration') as { readonly user_calibration_active: boolean } | undefined;
  return now && now.user_calibration_active === wanted;
}
