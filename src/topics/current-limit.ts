import { derived } from './derived.js';
import { array, int, object, text } from './members.js';
import { state } from './rows.js';

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

type Slot = {
  readonly max_current: number;
  readonly active: boolean;
};

/** Which active slots hold the allowed charging current down: all that share the smallest one. */
export const currentLimit = derived<readonly Slot[]>(
  state(
    'bridge/current_limit',
    { current: int(0, 32_000, 'mA'), slots: array(object({ index: int(0, 255), name: text(32) })) },
    {
      doc: 'What holds the allowed charging current down: the active slots that share the smallest `max_current`. `current` is 0 and `slots` empty while none is active. Made of `evse/slots`.',
      example: { current: 16000, slots: [{ index: 8, name: 'external' }] },
    },
  ),
  'evse/slots',
  (slots) => {
    const active = slots.map((slot, index) => ({ ...slot, index })).filter((slot) => slot.active);
    if (active.length === 0) return { current: 0, slots: [] };
    const smallest = Math.min(...active.map((slot) => slot.max_current));
    const limiting = active.filter((slot) => slot.max_current === smallest);
    return {
      current: smallest,
      slots: limiting.map(({ index }) => ({ index, name: slotNames[index] ?? `slot_${index}` })),
    };
  },
);
