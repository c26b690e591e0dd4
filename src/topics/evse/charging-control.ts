import type { Json } from '../../base/json.js';
import type { Code } from '../entity.js';
import { config, press, selection, toggle } from '../entity-kinds.js';
import { action, list, setting } from '../rows.js';
import { bool, boundedInt, u8 } from '../scalars.js';
import type { Topic } from '../topic.js';

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

/** What starts and stops charging, by hand, by itself, or by a charge manager. */
export const chargingControl: readonly Topic[] = [
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

/** Without a charge manager the charger shows any mode that was written, but follows none (charger-wire 2.1). */
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
