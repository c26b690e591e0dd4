import { type Json, membersOf } from '../../base/json.js';
import type { Reading } from '../topic.js';

/** Ids of meter values (charger-wire 8.2): the power of all phases, W. */
const POWER = 74;

/** The energies that count up: imported, exported, both, and each of these since a reset, kWh. */
const ENERGIES = [209, 210, 211, 212, 213, 214];

const numberOf = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null);

/** The values of `meters/N/values` that have these ids; `meters/N/value_ids` has all ids in the order of the values. */
function valuesOf(
  ids: readonly number[],
  ...[value, shown, path]: Parameters<Reading<unknown>>
): (number | null)[] {
  const order = shown(path.replace(/values$/, 'value_ids'));
  if (!Array.isArray(value) || !Array.isArray(order)) return [];
  return ids.filter((id) => order.includes(id)).map((id) => numberOf(value[order.indexOf(id)]));
}

/** The power of `meters/N/values`, W. */
export const powerById: Reading<number | null> = (...report) => valuesOf([POWER], ...report)[0] ?? null;

/** The counters of `meters/N/values`, kWh. */
export const countersById: Reading<readonly (number | null)[]> = (...report) => valuesOf(ENERGIES, ...report);

/** The sum of the elements `from` to `to` of a list; null where one of them is not known. */
export const sumOf =
  (from: number, to: number): Reading<number | null> =>
  (value) => {
    const parts = Array.isArray(value) ? value.slice(from, to + 1).map(numberOf) : [];
    if (parts.length === 0 || parts.includes(null)) return null;
    return parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  };

/** The member of an object that has this name; null if it is no number. */
export const memberNamed =
  (name: string): Reading<number | null> =>
  (value) =>
    numberOf(membersOf(value)[name]);

/** The members of an object that have these names; null for one that is no number. */
export const membersNamed =
  (...names: readonly string[]): Reading<readonly (number | null)[]> =>
  (value) =>
    names.map((name) => numberOf(membersOf(value)[name]));
