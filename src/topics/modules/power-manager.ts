import { type Json, membersOf } from '../../base/json.js';
import { EVERY_BOX } from '../availability.js';
import type { Code, Text } from '../entity.js';
import { detail, measurement, selection } from '../entity-kinds.js';
import { chargeModes } from '../evse/charging-control.js';
import { setting, state } from '../rows.js';
import { bool, int, intOf, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const phases: readonly Code[] = [
  [1, ['1', '1']],
  [3, ['3', '3']],
];

/** `external_control` of a box that can't switch phases, or whose owner does not let other programs do it. */
const SWITCHED_OFF = 1;

/** The power manager calculates several times a second: off until somebody wants it. */
const watts = (key: string, name: Text, member: string) =>
  measurement(
    key,
    name,
    [member],
    {
      value: `{{ 'None' if value_json.${member} is none else value_json.${member} }}`,
      unit: 'W',
      device_class: 'power',
      precision: 0,
    },
    detail,
  );

const SINCE = { since: '2.3.0', generations: EVERY_BOX } as const;

/** Charging by what the sun leaves over, and the switching of phases by other programs (charger-wire 8 and 10b). */
export const powerManager: readonly Topic[] = [
  setting(
    'power_manager/charge_mode',
    { mode: int(0, 9) },
    {
      doc: 'How all managed chargers charge: 0 fast, 1 off, 2 PV, 3 min + PV, 4 the default of the configuration, 5 min, 6 eco, 7 eco + PV, 8 eco + min, 9 eco + min + PV. The last five since firmware 2.7.0.',
      ...SINCE,
      // Firmware from 2.8.11 on can keep it over a restart.
      flash: true,
      example: { mode: 0 },
      entities: [
        selection(
          'power_manager_charge_mode',
          ['Charge mode of all chargers', 'Lademodus aller Charger'],
          'mode',
          chargeModes,
          { icon: 'solar-power' },
        ),
      ],
      applied: chargeModeIs,
      hint: 'the charger takes this mode only while it manages chargers and PV excess charging is switched on; an eco mode needs eco charging as well',
    },
  ),
  state(
    'power_manager/state',
    { config_error_flags: u32(), external_control: int(0, 3) },
    {
      doc: 'Whether another program may switch phases: 0 yes, 1 switched off, 2 not now, 3 switching.',
      ...SINCE,
      example: { config_error_flags: 0, external_control: 1 },
      read: (c) => c.later.powerManagerState(),
    },
  ),
  state(
    'power_manager/low_level_state',
    { is_3phase: bool() },
    {
      doc: 'What the power manager calculates with; `is_3phase`: whether three phases are used now. Further members change from release to release.',
      ...SINCE,
      example: { is_3phase: true },
      read: (c) => ({ is_3phase: c.later.isThreePhase() }),
      entities: [
        watts('grid_power', ['Power at the grid connection', 'Leistung am Netzanschluss'], 'power_at_meter'),
        watts('available_power', ['Power available for charging', 'Leistung zum Laden'], 'power_available'),
      ],
    },
  ),
  setting(
    'power_manager/external_control',
    { phases_wanted: intOf(1, 3) },
    {
      doc: 'With how many phases to charge: 1 or 3.',
      ...SINCE,
      needs: 'phase switching',
      example: { phases_wanted: 3 },
      entities: [
        selection('phases_wanted', ['Phases', 'Phasen'], 'phases_wanted', phases, {
          icon: 'sine-wave',
          available: {
            topic: 'power_manager/state',
            value: "{{ 'online' if value_json.external_control in [0, 3] else 'offline' }}",
            possible: (shown) => membersOf(shown).external_control !== SWITCHED_OFF,
          },
        }),
      ],
      read: (c) => ({ phases_wanted: c.later.phasesWanted() }),
      write: (c, value) => c.later.setPhasesWanted(value.phases_wanted),
      hint: 'the charger ignores it unless power_manager/state says that external control is possible',
    },
  ),
];

/** Unknown for mode 4: the charger then shows the mode that its configuration has as the default. */
function chargeModeIs(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const { mode } = value as { readonly mode: number };
  const now = shown('power_manager/charge_mode') as { readonly mode: number } | undefined;
  return mode === 4 ? undefined : now && now.mode === mode;
}
