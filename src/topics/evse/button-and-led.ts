import type { Json } from '../../base/json.js';
import { WARP2_AND_LATER } from '../availability.js';
import type { Code } from '../entity.js';
import { eventEntity } from '../entity-events.js';
import { detail, expert, flag, selection, toggle } from '../entity-kinds.js';
import { optional } from '../members.js';
import { modified, setting, state } from '../rows.js';
import { bool, hue, int, ledIndication, u8, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

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

/** Shows an indication for 60 s (more than 65 s can't be told), or gives the LED back to the charger. */
const ledCommand = (codes: string) =>
  [
    `{% set code = ${codes}[value] %}`,
    '{"indication": {{ code }}, "duration": {{ 0 if code == -1 else 60000 }}, ',
    '"color_h": 0, "color_s": 0, "color_v": 0}',
  ].join('');

const buttonActions: readonly Code[] = [
  [0, ['Nothing', 'Nichts']],
  [1, ['Start', 'Start']],
  [2, ['Stop', 'Stopp']],
  [3, ['Start and stop', 'Start und Stopp']],
  [4, ['Next charge mode', 'Nächster Lademodus']],
];

/** The button in the front panel and the LED in it. */
export const buttonAndLed: readonly Topic[] = [
  state(
    'evse/button_state',
    { button_press_time: u32('ms'), button_release_time: u32('ms'), button_pressed: bool() },
    {
      doc: 'The button in the front panel: when it was last pressed and released (ms since the controller started, 0 = never) and whether it is pressed now.',
      example: { button_press_time: 278667837, button_release_time: 278667971, button_pressed: false },
      entities: [
        eventEntity(
          'button',
          ['Front button', 'Fronttaster'],
          { button_pressed: 'press_start', button_released: 'press_end' },
          { member: ['button_pressed'] },
          { device_class: 'button' },
        ),
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
    'evse/button_configuration',
    { button: int(0, 4) },
    {
      doc: 'What the button does: 0 nothing, 1 start, 2 stop, 3 both, 4 asks for the next charge mode (since firmware 2.8.11).',
      generations: WARP2_AND_LATER,
      poll: 'rare',
      entities: [
        selection(
          'button_configuration',
          ['Front button does', 'Fronttaster bewirkt'],
          'button',
          buttonActions,
          {
            ...expert,
            icon: 'gesture-tap-button',
          },
        ),
      ],
      example: { button: 2 },
      read: (c) => ({ button: c.later.buttonConfiguration() }),
      write: (c, value) => c.later.setButtonConfiguration(value.button),
      flash: true,
    },
  ),
  setting(
    'evse/indicator_led',
    {
      indication: ledIndication(),
      duration: u16('ms'),
      color_h: optional(hue()),
      color_s: optional(u8()),
      color_v: optional(u8()),
    },
    {
      doc: 'The LED in the button: -1 controlled by the charger, 0 off, 1..254 dimmed, 255 on, 1001 confirming, 1002 rejecting, 1003 prompting, 2001..2010 error blink. Needs `evse/led_configuration`.',
      writableSince: '2.1.3',
      example: { indication: -1, duration: 0, color_h: 0, color_s: 0, color_v: 0 },
      entities: [
        {
          key: 'indicator_led',
          platform: 'select',
          name: ['Button LED for a minute', 'Taster-LED für eine Minute'],
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
      write: (c, value) => c.setIndicatorLed({ color_h: 0, color_s: 0, color_v: 0, ...value }),
    },
  ),
  setting(
    'evse/led_configuration',
    { enable_api: bool() },
    {
      doc: 'Whether `evse/indicator_led` may control the LED.',
      since: '2.1.3',
      sharesState: true,
      example: { enable_api: false },
      entities: [
        toggle('led_api', ['Button LED control by API', 'Taster-LED per API steuerbar'], 'enable_api', {
          ...expert,
          icon: 'led-variant-on',
        }),
      ],
      read: (c) => ({ enable_api: c.ledApiEnabled() }),
      write: (c, value) => c.setLedConfiguration(value.enable_api),
      flash: true,
    },
  ),
  modified('evse/led_configuration', '2.1.3'),
  state(
    'evse/enumerate_value',
    { value: u8(), value_change_time: u32('ms') },
    {
      doc: 'The blink code that tells chargers of a group apart.',
      since: '2.8.10',
      example: { value: 0, value_change_time: 0 },
    },
  ),
];

/**
 * Compares only the indication, because the duration runs down. Unknown for a duration of 0, which is over at once, and
 * for -1: the charger may show the old indication until its time is over.
 */
function ledShows(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const wanted = value as { readonly indication: number; readonly duration: number };
  const led = shown('evse/indicator_led') as { readonly indication: number } | undefined;
  if (!led || wanted.duration === 0 || wanted.indication === -1) return undefined;
  return led.indication === wanted.indication;
}
