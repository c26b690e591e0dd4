import { derived } from './derived.js';
import type { Text } from './entity.js';
import { array, object } from './members.js';
import { state } from './rows.js';
import { int, text } from './scalars.js';

/** The purpose of each charging slot, by its index. Slots 15..17 exist on newer firmware (charger-wire 2.3). */
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

/** The names of the slots in the charger's own web interface. */
export const slotLabels: Readonly<Record<(typeof slotNames)[number], Text>> = {
  incoming_cable: ['Supply cable', 'Zuleitung'],
  outgoing_cable: ['Type 2 cable', 'Typ-2-Kabel'],
  shutdown_input: ['Shutdown input', 'Abschalteingang'],
  gp_input: ['Configurable input', 'Konfigurierbarer Eingang'],
  autostart_button: ['Manual release', 'Manuelle Ladefreigabe'],
  global: ['Configuration', 'Konfiguration'],
  user: ['User/NFC', 'Benutzer/NFC'],
  charge_manager: ['Charge manager', 'Lastmanager'],
  external: ['External control', 'Externe Steuerung'],
  modbus_tcp: ['Modbus TCP current', 'Modbus-TCP-Strom'],
  modbus_tcp_enable: ['Modbus TCP release', 'Modbus-TCP-Freigabe'],
  ocpp: ['OCPP', 'OCPP'],
  charge_limits: ['Energy/time limit', 'Energie-/Zeitgrenze'],
  require_meter: ['Meter monitoring', 'Zählerüberwachung'],
  automation: ['Automation', 'Automatisierung'],
  eebus: ['EEBUS', 'EEBUS'],
  p14a_enwg: ['§14a EnWG', '§14a EnWG'],
  ove_r37: ['OVE R 37', 'OVE R 37'],
};

type Slot = {
  readonly max_current: number;
  readonly active: boolean;
};

/** The active slots that limit the charging current: all with the smallest `max_current`. */
export const currentLimit = derived<readonly Slot[]>(
  state(
    'bridge/current_limit',
    { current: int(0, 32_000, 'mA'), slots: array(object({ index: int(0, 255), name: text(32) })) },
    {
      doc: 'What limits the charging current: the active slots with the smallest `max_current`. `current` is 0 and `slots` is empty while no slot is active. Made from `evse/slots`.',
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
