import { EVERY_BOX } from '../availability.js';
import type { Entity, Text } from '../entity.js';
import { detail, diagnostic, measurement, type Presentation } from '../entity-kinds.js';
import { upTo } from '../members.js';
import { action, list, listCommand, state } from '../rows.js';
import { float, measured, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';
import { countersById, powerById } from './meter-values.js';

const FAMILY = { since: '2.1.90', generations: EVERY_BOX, count: 7 } as const;

/** More than any meter of a house shows, in whatever unit. */
const MOST = 1_000_000_000;

const value = (
  key: string,
  name: Text,
  valueId: number,
  form: Pick<Parameters<typeof measurement>[3], 'unit' | 'device_class' | 'state_class' | 'precision'>,
  look: Presentation,
): Entity => ({
  ...measurement(`meter_N_${key}`, [`Meter N ${name[0]}`, `Zähler N ${name[1]}`], [], form, look),
  valueId,
});

const kilowattHours = {
  unit: 'kWh',
  device_class: 'energy',
  state_class: 'total_increasing',
  precision: 1,
} as const;

/** Voltage, current and power of each phase. */
const phases = (key: string, name: Text, ids: readonly number[], unit: string, precision: number) =>
  ids.map((id, at) =>
    value(
      `${key}_l${at + 1}`,
      [`${name[0]} L${at + 1}`, `${name[1]} L${at + 1}`],
      id,
      { unit, device_class: key, precision },
      detail,
    ),
  );

/** The values of a meter that people look at. It has up to a hundred. */
const meterEntities: readonly Entity[] = [
  value('power', ['power', 'Leistung'], 74, { unit: 'W', device_class: 'power', precision: 0 }, diagnostic),
  value('imported', ['energy imported', 'Energie Bezug'], 209, kilowattHours, diagnostic),
  value('exported', ['energy exported', 'Energie Einspeisung'], 211, kilowattHours, diagnostic),
  ...phases('voltage', ['voltage', 'Spannung'], [1, 2, 3], 'V', 0),
  ...phases('current', ['current', 'Strom'], [13, 17, 21], 'A', 1),
  ...phases('power', ['power', 'Leistung'], [39, 48, 57], 'W', 0),
];

/** The meters of a box by number: 0 is usually the charger's own, the others those of the house (charger-wire 8.2). */
export const meters: readonly Topic[] = [
  list('meters/N/value_ids', u16(), {
    doc: 'What the values of meter N are, by id: 74 power (W), 209 imported energy (kWh), 1 to 3 voltages (V), 13, 17 and 21 currents (A), …',
    ...FAMILY,
    example: [74, 209],
    read: (c) => c.meter.valueIds,
  }),
  list('meters/N/values', measured(), {
    doc: 'The values of meter N, in the order of their ids.',
    ...FAMILY,
    example: [4234, 4271.4],
    read: (c) => c.meter.valuesById(),
    power: powerById,
    counters: countersById,
    entities: meterEntities,
  }),
  state(
    'meters/N/last_reset',
    { last_reset: u32('s') },
    {
      doc: 'When the resettable energies of meter N were set to 0, in s since 1970; 0 is not known.',
      ...FAMILY,
      poll: 'rare',
      example: { last_reset: 0 },
    },
  ),
  listCommand('meters/N/update', upTo(64, float(-MOST, MOST)), {
    doc: 'Gives meter N its values, in the order of `meters/N/value_ids`: how another program tells the charger what the grid connection or the solar system measures.',
    ...FAMILY,
    needs: 'an API meter in this place',
    example: [-1230.5, 4271.4],
  }),
  action('meters/N/reset', {
    doc: 'Sets the resettable energies of meter N back to 0.',
    ...FAMILY,
  }),
];
