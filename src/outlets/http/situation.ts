import { type Json, membersOf, valueAt } from '../../base/json.js';
import type { Connection } from '../../charger/charger.js';
import type { Failure } from '../../mqtt/link.js';
import { slotNames } from '../../topics/current-limit.js';

/** What the diagnosis uses: the present states and connections of one charger. */
export interface Situation {
  /** The state of a topic; undefined while it has none. */
  readonly read: (path: string) => Json | undefined;
  readonly charger: Connection;
  readonly broker: BrokerSituation;
}

/** The connection to the broker. */
export interface BrokerSituation {
  readonly up: boolean;
  /** Why there is no connection, if that is known. */
  readonly failure?: Pick<Failure, 'reason' | 'text'> | undefined;
  /** What is wrong although there is a connection, a sentence each. */
  readonly faults: readonly string[];
}

/** A car that takes less than this share of the allowed current counts as limiting itself. */
const SELF_LIMITED = 0.8;

type Language = 'en' | 'de';

type SlotName = (typeof slotNames)[number];

const CABLES: readonly SlotName[] = ['incoming_cable', 'outgoing_cable'];

/** Whether the car takes clearly less current than it may, by the meter. */
export function limitsItself(situation: Situation): boolean {
  const currents = [3, 4, 5]
    .map((index) => valueAt(situation.read('meter/all_values'), [index]))
    .filter((value) => typeof value === 'number');
  if (currents.length === 0) return false;
  return Math.max(...currents) < allowedAmperes(situation) * SELF_LIMITED;
}

/** Names of the active slots that allow nothing, in the order of the slots. */
export function blockingSlots(slots: Json | undefined): SlotName[] {
  if (!Array.isArray(slots)) return [];
  return slots.flatMap((slot: Json, index) => {
    const { active, max_current } = membersOf(slot);
    const name = slotNames[index];
    return active === true && max_current === 0 && name !== undefined ? [name] : [];
  });
}

/** Names of the slots that limit the current. If a cable is among them, only cables: then other limits do not matter. */
export function limitingSlots(limit: Json | undefined): SlotName[] {
  const slots = valueAt(limit, ['slots']);
  if (!Array.isArray(slots)) return [];
  const names = slots.map((slot: Json) => membersOf(slot).name);
  const limiting = slotNames.filter((name) => names.includes(name));
  const cables = limiting.filter((name) => CABLES.includes(name));
  return cables.length > 0 ? cables : limiting;
}

/** The state after IEC 61851: 0 A, 1 B, 2 C, 3 D, 4 E/F. */
export function iecState({ read }: Situation): Json | undefined {
  return membersOf(read('evse/state')).iec61851_state;
}

/** The current that the charger allows, A. */
export function allowedAmperes({ read }: Situation): number {
  const { allowed_charging_current } = membersOf(read('evse/state'));
  return typeof allowed_charging_current === 'number' ? allowed_charging_current / 1_000 : 0;
}

/** The power that the meter shows, W. */
export function powerOf({ read }: Situation): number | undefined {
  const { power } = membersOf(read('meter/values'));
  return typeof power === 'number' ? power : undefined;
}

/** A current as people write it. */
export function inAmperes(value: number, language: Language): string {
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)} A`;
}

/** A power in W as people write it. */
export function inKilowatts(watts: number, language: Language): string {
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(watts / 1_000)} kW`;
}

/** Whether the charger can wake a car that sleeps, by `bridge/wake_vehicle`. */
export function canWake({ read }: Situation): boolean {
  return read('evse/control_pilot_disconnect') !== undefined;
}
