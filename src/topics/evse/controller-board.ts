import type { Json } from '../../base/json.js';
import {
  type Code,
  detail,
  type Entity,
  enumeration,
  expert,
  flag,
  type Hardware,
  measurement,
  type Text,
} from '../entity.js';
import { array, bool, hue, int, ledIndication, optional } from '../members.js';
import { setting, state, type Topic } from '../topic.js';

const U16 = 65_535;
const U32 = 4_294_967_295;
const i16 = () => int(-32_768, 32_767);

const ledStates: readonly Code[] = [
  [0, ['Off', 'Aus']],
  [1, ['On', 'An']],
  [2, ['Blinking', 'Blinkt']],
  [3, ['Flickering', 'Flackert']],
  [4, ['Breathing', 'Atmet']],
  [5, ['Controlled by API', 'Per API gesteuert']],
];

const indications: readonly Code[] = [
  [-1, ['EVSE controlled', 'Vom Ladecontroller gesteuert']],
  [0, ['Off', 'Aus']],
  [255, ['On', 'An']],
  [1001, ['Confirming blink', 'Bestätigendes Blinken']],
  [1002, ['Rejecting blink', 'Ablehnendes Blinken']],
  [1003, ['Prompting blink', 'Aufforderndes Blinken']],
  ...Array.from(
    { length: 10 },
    (_, at): Code => [2001 + at, [`Error blink ${at + 1}`, `Fehlerblinken ${at + 1}`]],
  ),
];

/** An indication lasts as long as it is told to, at most 65 s (16 bits of ms); then the charger takes over again. */
const ledCommand = (codes: string) =>
  [
    `{% set code = ${codes}[value] %}`,
    '{"indication": {{ code }}, "duration": {{ 0 if code == -1 else 60000 }}, ',
    '"color_h": 0, "color_s": 0, "color_v": 0}',
  ].join('');

/**
 * A press or a release, told apart by its time. States are published again after every connect, so a time that
 * was there before is no event: phantom presses are what other bridges have made of it (home-assistant 1.6).
 */
const buttonEvent = [
  '{% set d = value_json.button_pressed %}',
  '{% set t = value_json.button_press_time if d else value_json.button_release_time %}',
  "{% if t and t != this.attributes.get('time') %}",
  "{{ {'event_type': 'press_start' if d else 'press_end', 'time': t} | tojson }}",
  '{% endif %}',
].join('');

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

/** Button, LED and measurements of the charge controller; goes on where evse.ts ends. */
export const evseBoard: readonly Topic[] = [
  state(
    'evse/button_state',
    { button_press_time: int(0, U32, 'ms'), button_release_time: int(0, U32, 'ms'), button_pressed: bool() },
    {
      doc: 'The button in the front panel: when it was last pressed and released (ms since the controller started, 0 = never) and whether it is pressed now.',
      example: { button_press_time: 278667837, button_release_time: 278667971, button_pressed: false },
      entities: [
        {
          key: 'button',
          platform: 'event',
          name: ['Front button', 'Fronttaster'],
          member: ['button_pressed'],
          value: buttonEvent,
          options: { event_types: ['press_start', 'press_end'], device_class: 'button' },
        },
        flag('button_pressed', ['Front button pressed', 'Fronttaster gedrückt'], 'button_pressed', {
          ...detail,
          icon: 'gesture-tap-button',
        }),
      ],
      read: (c) => c.buttonState(),
      poll: 'fast',
    },
  ),
  setting(
    'evse/indicator_led',
    {
      indication: ledIndication(),
      duration: int(0, U16, 'ms'),
      color_h: optional(hue()),
      color_s: optional(int(0, 255)),
      color_v: optional(int(0, 255)),
    },
    {
      doc: 'The LED in the button: -1 controlled by the charger, 0 off, 1..254 dimmed, 255 on, 1001 confirming, 1002 rejecting, 1003 prompting, 2001..2010 error blink. Needs `evse/led_configuration`.',
      example: { indication: -1, duration: 0, color_h: 0, color_s: 0, color_v: 0 },
      entities: [
        {
          key: 'indicator_led',
          platform: 'select',
          name: ['Button LED', 'Taster-LED'],
          member: ['indication'],
          codes: indications,
          value: (texts) => `{{ ${texts}.get(value_json.indication | string, 'None') }}`,
          command: ledCommand,
          options: {},
          ...expert,
          icon: 'led-on',
        },
      ],
      applied: ledShows,
      hint: 'the charger ignores it unless evse/led_configuration allows it, and while it starts or shows an error',
      read: (c) => c.indicatorLed(),
      write: (c, value) => c.setIndicatorLed(value),
    },
  ),
  state(
    'evse/low_level_state',
    {
      led_state: int(0, 255),
      cp_pwm_duty_cycle: int(0, 1000, '‰'),
      adc_values: array(int(0, U16)),
      voltages: array(i16(), undefined, 'mV'),
      resistances: array(int(0, U32), undefined, 'Ω'),
      gpio: array(bool()),
      charging_time: int(0, U32, 'ms'),
      time_since_state_change: int(0, U32, 'ms'),
      uptime: int(0, U32, 'ms'),
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
      pace: 'slow',
    },
  ),
];

/** Durations run down; an indication of no duration is over at once; -1 may leave the old one to run out. */
function ledShows(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const wanted = value as { readonly indication: number; readonly duration: number };
  const led = shown('evse/indicator_led') as { readonly indication: number } | undefined;
  if (!led || wanted.duration === 0 || wanted.indication === -1) return undefined;
  return led.indication === wanted.indication;
}
