import type { Json } from '../base/json.js';

/** What each charging slot is for, by index; slots 15..17 exist on newer firmware (charger-wire 2.3). */
export const slotNames = [
  'incoming_cable',
  'outgoing_cable',
  'shutdown_input',
  'gp_input',
  'autostart_button',
  'global',
  'user',
  'charge_manager',
  'external',
  'modbus_tcp',
  'modbus_tcp_enable',
  'ocpp',
  'charge_limits',
  'require_meter',
  'automation',
  'eebus',
  'p14a_enwg',
  'ove_r37',
] as const;

interface Slot {
  readonly max_current: number;
  readonly active: boolean;
}

/** Which active slots hold the allowed charging current down: the payload of `bridge/current_limit`. mA. */
export function currentLimit(slots: readonly Slot[]): Json {
  const active = slots.map((slot, index) => ({ ...slot, index })).filter((slot) => slot.active);
  if (active.length === 0) return { current: 0, slots: [] };
  const current = Math.min(...active.map((slot) => slot.max_current));
  const limiting = active.filter((slot) => slot.max_current === current);
  return {
    current,
    slots: limiting.map(({ index }) => ({ index, name: slotNames[index] ?? `slot_${index}` })),
  };
}
