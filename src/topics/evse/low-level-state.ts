import type { Code, Entity, Hardware, Text } from '../entity.js';
import { detail, enumeration, flag, measurement } from '../entity-kinds.js';
import { array, optional } from '../members.js';
import { state } from '../rows.js';
import { bool, i16, int, u8, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

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

/** In whole minutes or hours: each change is a row in Home Assistant's database, and seconds would help nobody. */
const duration = (key: string, name: Text, unit: 'min' | 'h'): Entity => ({
  key,
  platform: 'sensor',
  name,
  member: [key],
  value: `{{ value_json.${key} // ${unit === 'h' ? 3_600_000 : 60_000} }}`,
  options: { device_class: 'duration', unit_of_measurement: unit, suggested_display_precision: 0 },
  ...detail,
});

/** What the controller shows for an open line (charger-wire 2.4). */
const OPEN = 65_535;

const resistance = (key: string, name: Text, index: number): Entity =>
  measurement(
    key,
    name,
    ['resistances', index],
    {
      value: `{{ 'None' if value_json.resistances[${index}] >= ${OPEN} else value_json.resistances[${index}] }}`,
      unit: 'Ω',
    },
    { ...warp1, icon: 'omega' },
  );

/** What the charge controller measures. */
export const lowLevelState: readonly Topic[] = [
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
        resistance('resistance_cp', ['CP/PE resistance', 'Widerstand CP/PE'], 0),
        resistance('resistance_pp', ['PP/PE resistance', 'Widerstand PP/PE'], 1),
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
        gpio('gpio_motor_error', ['GPIO no motor error', 'GPIO kein Motorfehler'], 4),
        duration('charging_time', ['Charging time (load management)', 'Ladezeit (Lastmanagement)'], 'min'),
        duration('time_since_state_change', ['Time since state change', 'Zeit seit Zustandswechsel'], 'min'),
        duration('uptime', ['Charge controller uptime', 'Laufzeit des Ladecontrollers'], 'h'),
      ],
      read: (c) => c.lowLevelState(),
      heartbeat: { maxSilenceMs: 10_000 },
      restartCounter: 'uptime',
    },
  ),
];
