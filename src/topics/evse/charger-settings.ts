import type { Json } from '../../base/json.js';
import { config, detail, expert, flag, numberInput, press, toggle } from '../entity.js';
import { array, bool, int } from '../members.js';
import { action, setting, type Topic } from '../topic.js';

const i16 = () => int(-32_768, 32_767);

/** Further settings and the two actions; goes on where evse-limits.ts ends. */
export const evseSettings: readonly Topic[] = [
  setting(
    'evse/led_configuration',
    { enable_api: bool() },
    {
      doc: 'Whether `evse/indicator_led` may control the LED.',
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
  setting(
    'evse/boost_mode',
    { enabled: bool() },
    {
      doc: 'Tells the vehicle 0.24 A more than allowed, for vehicles that draw less than they may.',
      example: { enabled: true },
      entities: [
        toggle('boost_mode', ['Boost mode', 'Boost-Modus'], 'enabled', { ...config, icon: 'rocket-launch' }),
      ],
      read: (c) => ({ enabled: c.boostMode() }),
      write: (c, value) => c.setBoostMode(value.enabled),
      flash: true,
    },
  ),
  action('evse/stop_charging', {
    doc: 'Stops charging, as the button does (slot 4). Does nothing without a vehicle.',
    entities: [press('stop_charging', ['Stop charging', 'Laden stoppen'], 'evse/state', { icon: 'stop' })],
    applied: (_, shown) => releaseIs(shown, 0),
    hint: 'the charger ignores it while no vehicle is connected',
    write: (c) => c.stopCharging(),
  }),
  action('evse/start_charging', {
    doc: 'Starts charging (slot 4). Does nothing without a vehicle.',
    entities: [press('start_charging', ['Start charging', 'Laden starten'], 'evse/state', { icon: 'play' })],
    applied: (_, shown) => releaseIs(shown, 32000),
    hint: 'the charger ignores it while no vehicle is connected, and while its button is held',
    write: (c) => c.startCharging(),
  }),
  setting(
    'evse/meter_config',
    { slot: int(0, 255) },
    {
      doc: "Which energy meter counts as the charger's own. Takes effect when the charger is restarted.",
      example: { slot: 0 },
      entities: [
        numberInput(
          'meter_slot',
          ['Energy meter slot', 'Platz des Stromzählers'],
          'slot',
          {
            value: '{{ value_json.slot }}',
            command: '{"slot": {{ value | int }}}',
            options: { min: 0, max: 6, step: 1, mode: 'box' },
          },
          { ...expert, icon: 'meter-electric' },
        ),
      ],
      read: (c) => ({ slot: c.meterSlot() }),
      write: (c, value) => c.setMeterSlot(value.slot),
      flash: true,
    },
  ),
];

/** Whether the manual release (slot 4) has this max_current in mA, which is all that start and stop set. */
function releaseIs(shown: (path: string) => Json | undefined, current: number): boolean | undefined {
  const slots = shown('evse/slots') as readonly { readonly max_current: number }[] | undefined;
  return slots?.[4] && slots[4].max_current === current;
}

/** Switched off, the factory's values are shown, whatever came along. */
function calibrationIs(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const { user_calibration_active: wanted } = value as { readonly user_calibration_active: boolean };
  const now = shown('evse/user_calibration') as { readonly user_calibration_active: boolean } | undefined;
  return now && now.user_calibration_active === wanted;
}
