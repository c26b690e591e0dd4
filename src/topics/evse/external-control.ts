import type { Entity } from '../entity.js';
import { amperesInput, config, detail, expert, flag, toggle } from '../entity-kinds.js';
import { setting } from '../rows.js';
import { bool, current } from '../scalars.js';
import type { Topic } from '../topic.js';
import { slotActive, slotCurrent } from './slot-readers.js';

/** The smallest charging current (IEC 61851). */
const SMALLEST_A = 6;

/**
 * Off writes a limit of 0. On writes the limit from before, which Home Assistant keeps in an attribute. If it has none,
 * as after its restart, On writes the smallest current: a switch must never raise the limit above what its owner set.
 */
const chargingAllowed: Entity = {
  key: 'charging_allowed',
  platform: 'switch',
  name: ['Charging allowed', 'Laden erlaubt'],
  member: ['current'],
  value: "{{ 'ON' if value_json.current else 'OFF' }}",
  command: `{"current": {{ ((this.attributes.get('limit', ${SMALLEST_A}) | float) * 1000 + 0.5) | int if value == 'ON' else 0 }}}`,
  attributes: {
    value: `{{ {'limit': value_json.current / 1000 if value_json.current else this.attributes.get('limit', ${SMALLEST_A})} | tojson }}`,
  },
  options: { payload_on: 'ON', payload_off: 'OFF', state_on: 'ON', state_off: 'OFF' },
  icon: 'ev-plug-type2',
};

/** The slot of external control, which is meant for programs such as this one. */
export const externalControl: readonly Topic[] = [
  setting(
    'evse/external_current',
    { current: current() },
    {
      doc: 'Charging current set by external control (slot 8), kept in RAM: the one to change as often as you like.',
      example: { current: 16000 },
      entities: [
        amperesInput('external_current', ['Current limit', 'Stromgrenze'], 'current', 'slider', {
          icon: 'current-ac',
        }),
        chargingAllowed,
      ],
      read: (c) => ({ current: slotCurrent(c.limits.slots(), 8) }),
      write: (c, value) => c.limits.setExternalCurrent(value.current),
      poll: 'fast',
    },
  ),
  setting(
    'evse/external_clear_on_disconnect',
    { clear_on_disconnect: bool() },
    {
      doc: 'Whether the current of external control becomes 0 when a vehicle is disconnected.',
      example: { clear_on_disconnect: true },
      entities: [
        toggle(
          'external_clear_on_disconnect',
          ['Clear limit on disconnect', 'Grenze beim Abstecken löschen'],
          'clear_on_disconnect',
          { ...config, icon: 'power-plug-off' },
        ),
      ],
      read: (c) => ({ clear_on_disconnect: c.limits.slots()[8]?.clear_on_disconnect ?? false }),
      write: (c, value) => c.limits.setExternalClearOnDisconnect(value.clear_on_disconnect),
    },
  ),
  setting(
    'evse/external_enabled',
    { enabled: bool() },
    {
      doc: 'Whether external control is active (slot 8). Newer chargers keep it on: writing false resets the slot to 32 A.',
      example: { enabled: true },
      entities: [
        // No switch: since firmware 2.6.2 it can't be off, and writing false lifts the current to 32 A.
        flag('external_enabled', ['External control', 'Externe Steuerung'], 'enabled', {
          ...detail,
          icon: 'remote',
        }),
      ],
      hint: 'since firmware 2.6.2 external control stays on; writing false has reset its current to 32 A instead',
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 8) }),
      write: (c, value) => c.limits.setExternalEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/external_defaults',
    { current: current(), clear_on_disconnect: bool() },
    {
      doc: 'What external control starts with after a restart of the charge controller.',
      initial: { current: 0, clear_on_disconnect: false },
      example: { current: 32000, clear_on_disconnect: false },
      entities: [
        amperesInput(
          'external_default_current',
          ['Current limit: after a restart', 'Stromgrenze: nach Neustart'],
          'current',
          'box',
          { ...expert, icon: 'current-ac' },
        ),
        toggle(
          'external_default_clear',
          ['Clear limit on disconnect: after a restart', 'Grenze beim Abstecken löschen: nach Neustart'],
          'clear_on_disconnect',
          { ...expert, icon: 'power-plug-off' },
        ),
      ],
      read: (c) => c.limits.externalDefaults(),
      write: (c, value) => c.limits.setExternalDefaults(value),
      flash: true,
    },
  ),
];
