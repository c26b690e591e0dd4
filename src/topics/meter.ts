import { detail, type Entity, measurement, type Text } from './entity.js';
import { anything, array, bool, int, intOf, measured } from './members.js';
import { list, setting, state } from './rows.js';
import type { Topic } from './topic.js';

/** null and a short array are what a charger shows whose meter does not answer (charger-wire 7). */
const kilowattHours = (key: string, name: Text, look: Pick<Entity, 'category' | 'disabled' | 'icon'>) =>
  measurement(
    key,
    name,
    [key],
    {
      value: `{{ 'None' if value_json.${key} is none else value_json.${key} }}`,
      unit: 'kWh',
      device_class: 'energy',
      state_class: 'total_increasing',
      precision: 1,
    },
    look,
  );

/** Voltage, current and power of each phase are the first elements of `meter/all_values`. */
const phases = (key: string, en: string, de: string, first: number, unit: string, precision: number) =>
  [0, 1, 2].map((phase) => {
    const at = first + phase;
    return measurement(
      `${key}_l${phase + 1}`,
      [`${en} L${phase + 1}`, `${de} L${phase + 1}`],
      [at],
      {
        value: `{{ value_json[${at}] if value_json | length > ${at} and value_json[${at}] is not none else 'None' }}`,
        unit,
        device_class: key,
        precision,
      },
      detail,
    );
  });

/** The energy meter and the current charge: published where the charger has them and `charger.mirror` names them. */
export const meter: readonly Topic[] = [
  state(
    'meter/values',
    { power: measured('W'), energy_rel: measured('kWh'), energy_abs: measured('kWh') },
    {
      doc: 'Power and energy.',
      example: { power: 4234, energy_rel: 12.5, energy_abs: 4271.4 },
      entities: [
        measurement(
          'power',
          ['Charging power', 'Ladeleistung'],
          ['power'],
          {
            value: "{{ 'None' if value_json.power is none else value_json.power }}",
            unit: 'W',
            device_class: 'power',
            precision: 0,
          },
          {},
        ),
        kilowattHours('energy_abs', ['Energy', 'Energie'], {}),
        kilowattHours('energy_rel', ['Energy since reset', 'Energie seit Zurücksetzen'], detail),
      ],
      read: (c) => c.meterValues(),
    },
  ),
  list('meter/all_values', measured(), {
    doc: 'Everything the meter measures: voltages (V), currents (A) and powers (W) of the phases first.',
    example: [230.1, 230.2, 230.3, 6.1, 6.1, 6.1],
    entities: [
      ...phases('voltage', 'Voltage', 'Spannung', 0, 'V', 0),
      ...phases('current', 'Current', 'Strom', 3, 'A', 1),
      ...phases('power', 'Power', 'Leistung', 6, 'W', 0),
    ],
    read: (c) => c.meterAllValues(),
  }),
  state(
    'meter/phases',
    { phases_connected: array(bool()), phases_active: array(bool()) },
    {
      doc: 'Which phases are connected and which carry current.',
      example: { phases_connected: [true, true, true], phases_active: [false, false, false] },
      read: (c) => c.meterPhases(),
    },
  ),
  state(
    'charge_tracker/current_charge',
    {
      user_id: int(-32_768, 32_767),
      meter_start: measured('kWh'),
      evse_uptime_start: int(0, 4_294_967_295, 'ms'),
      timestamp_minutes: int(0, 4_294_967_295),
      authorization_type: int(0, 255),
      authorization_info: anything(),
    },
    {
      doc: 'The charge going on; `user_id` is -1 when there is none.',
      example: {
        user_id: -1,
        meter_start: 0,
        evse_uptime_start: 0,
        timestamp_minutes: 0,
        authorization_type: 0,
        authorization_info: null,
      },
      read: (c) => c.currentCharge(),
    },
  ),
  list('meters/0/value_ids', int(0, 65_535), {
    doc: "What the values of the charger's own meter are, by id: 74 power (W), 209 energy (kWh), …",
    since: '2.1.90',
    example: [74, 209],
  }),
  list('meters/0/values', measured(), {
    doc: 'The values themselves, in the order of their ids.',
    since: '2.1.90',
    example: [4234, 4271.4],
  }),
  state(
    'power_manager/state',
    { config_error_flags: int(0, 4_294_967_295), external_control: int(0, 3) },
    {
      doc: 'Whether another program may switch phases: 0 yes, 1 switched off, 2 not now, 3 switching.',
      needs: 'phase switching',
      example: { config_error_flags: 0, external_control: 1 },
    },
  ),
  state(
    'power_manager/low_level_state',
    { is_3phase: bool() },
    {
      doc: 'What the phase switching sees; `is_3phase` says how it charges now.',
      needs: 'phase switching',
      example: { is_3phase: true },
    },
  ),
  setting(
    'power_manager/external_control',
    { phases_wanted: intOf(1, 3) },
    {
      doc: 'With how many phases to charge: 1 or 3.',
      needs: 'phase switching',
      example: { phases_wanted: 3 },
      hint: 'the charger ignores it unless power_manager/state says that external control is possible',
    },
  ),
];
