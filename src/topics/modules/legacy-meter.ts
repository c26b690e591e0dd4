import { EVERY_BOX } from '../availability.js';
import type { Text } from '../entity.js';
import { detail, measurement, type Presentation } from '../entity-kinds.js';
import { array } from '../members.js';
import { action, list, setting, state } from '../rows.js';
import { bool, float, measured } from '../scalars.js';
import type { Topic } from '../topic.js';
import { memberNamed, membersNamed, sumOf } from './meter-values.js';

/** More than any meter of a house shows, W or kWh. */
const MOST = 1_000_000_000;

/** On an energy manager these topics show one of its meters, chosen in its settings; `meters/N` has all of them. */
const ofCharger = { only: 'chargers' } as const;

/** While its meter does not answer, a charger shows null, or a shorter array (charger-wire 7). */
const kilowattHours = (key: string, name: Text, look: Presentation) =>
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
      { ...detail, ...ofCharger },
    );
  });

/** The only meter of firmware up to 2.1.x. Later firmware still has these topics. */
export const legacyMeter: readonly Topic[] = [
  setting(
    'meter/values',
    {
      power: float(-MOST, MOST, 'W'),
      energy_rel: float(-MOST, MOST, 'kWh'),
      energy_abs: float(-MOST, MOST, 'kWh'),
    },
    {
      doc: 'Power and energy. They can be written if the meter is an API meter: one whose values another program sends (`meters/N/update`).',
      generations: EVERY_BOX,
      hint: 'only an API meter that meters_legacy_api/config links takes values',
      poll: 'often',
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
          ofCharger,
        ),
        kilowattHours('energy_abs', ['Energy total', 'Energie gesamt'], ofCharger),
        kilowattHours('energy_rel', ['Energy since reset', 'Energie seit Zurücksetzen'], {
          ...detail,
          ...ofCharger,
        }),
      ],
      power: memberNamed('power'),
      counters: membersNamed('energy_rel', 'energy_abs'),
      read: (c) => c.meter.values(),
    },
  ),
  list('meter/all_values', measured(), {
    doc: 'Everything the meter measures: voltages (V), currents (A) and powers (W) of the phases first.',
    generations: EVERY_BOX,
    example: [230.1, 230.2, 230.3, 6.1, 6.1, 6.1],
    entities: [
      ...phases('voltage', 'Voltage', 'Spannung', 0, 'V', 0),
      ...phases('current', 'Current', 'Strom', 3, 'A', 1),
      ...phases('power', 'Power', 'Leistung', 6, 'W', 0),
    ],
    power: sumOf(6, 8),
    read: (c) => c.meter.allValues(),
  }),
  state(
    'meter/phases',
    { phases_connected: array(bool()), phases_active: array(bool()) },
    {
      doc: 'Which phases are connected and which carry current.',
      generations: EVERY_BOX,
      example: { phases_connected: [true, true, true], phases_active: [false, false, false] },
      read: (c) => c.meter.phases(),
    },
  ),
  action('meter/reset', {
    doc: 'Sets `energy_rel` back to 0.',
    generations: EVERY_BOX,
    needs: 'an energy meter',
  }),
];
