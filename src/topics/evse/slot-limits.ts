import { slotLabels } from '../current-limit.js';
import { amperes, amperesInput, detail, diagnostic, expert, toggle } from '../entity-kinds.js';
import { object } from '../members.js';
import { list, setting, state } from '../rows.js';
import { bool, current, text, u16 } from '../scalars.js';
import type { Topic } from '../topic.js';
import { slotActive, slotCurrent } from './slot-readers.js';

const slot = object({ max_current: u16('mA'), active: bool(), clear_on_disconnect: bool() });

/**
 * The attributes: the limit in A, and the names of all slots that share it. The names come from the entity's attribute
 * `options`, which has them in the order of the slots. With a second dictionary of names in it, the discovery document
 * would be too large for some brokers.
 */
const SHARERS = [
  '{% set texts = this.attributes.options | default([]) %}{% set all = namespace(slots=[]) %}',
  '{% for slot in value_json.slots %}',
  '{% set all.slots = all.slots + [texts[slot.index] if slot.index < texts | length else slot.name] %}',
  '{% endfor %}',
  "{{ {'current': value_json.current / 1000, 'slots': all.slots} | tojson }}",
].join('');

/** The other slots that limit the charging current, and the settings that switch them on and off. */
export const slotLimits: readonly Topic[] = [
  list('evse/slots', slot, {
    doc: 'The charging slots. The allowed charging current is the smallest `max_current` of the active ones.',
    poll: 'often',
    example: [{ max_current: 32000, active: true, clear_on_disconnect: false }],
    entities: [
      {
        key: 'limited_by',
        platform: 'sensor',
        name: ['Limited by', 'Begrenzt durch'],
        topic: 'bridge/current_limit',
        member: ['slots'],
        codes: Object.entries(slotLabels),
        value: (texts) =>
          `{{ ${texts}.get(value_json.slots[0].name, 'None') if value_json.slots else 'None' }}`,
        attributes: { value: SHARERS },
        options: { device_class: 'enum' },
        ...diagnostic,
        icon: 'car-speed-limiter',
      },
    ],
    read: (c) => c.limits.slots(),
  }),
  setting(
    'evse/global_current',
    { current: current() },
    {
      doc: 'Charging current set in the web interface (slot 5), kept in flash: do not automate it, use `evse/external_current`.',
      example: { current: 16000 },
      entities: [
        amperesInput(
          'global_current',
          ['Current limit: configured', 'Stromgrenze: konfiguriert'],
          'current',
          'box',
          { ...expert, icon: 'current-ac' },
        ),
      ],
      read: (c) => ({ current: slotCurrent(c.limits.slots(), 5) }),
      write: (c, value) => c.limits.setGlobalCurrent(value.current),
      flash: true,
    },
  ),
  state(
    'evse/management_current',
    { current: current() },
    {
      doc: 'Charging current allowed by load management (slot 7).',
      example: { current: 14000 },
      entities: [
        amperes(
          'management_current',
          ['Current limit: load management', 'Stromgrenze: Lastmanagement'],
          'current',
          detail,
        ),
      ],
      read: (c) => ({ current: slotCurrent(c.limits.slots(), 7) }),
    },
  ),
  setting(
    'evse/management_enabled',
    { enabled: bool() },
    {
      doc: 'Whether load management limits the current (slot 7).',
      example: { enabled: true },
      entities: [
        toggle('management_enabled', ['Load management', 'Lastmanagement'], 'enabled', {
          ...expert,
          icon: 'scale-balance',
        }),
      ],
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 7) }),
      write: (c, value) => c.limits.setManagementEnabled(value.enabled),
      flash: true,
    },
  ),
  state(
    'evse/management_state',
    { central_user_management_enabled: bool(), manager_ip: text(15) },
    {
      doc: 'The manager of the group of chargers.',
      since: '2.11.0',
      example: { central_user_management_enabled: false, manager_ip: '0.0.0.0' },
    },
  ),
  state(
    'evse/user_current',
    { current: current() },
    {
      doc: 'Charging current allowed by user authorization (slot 6).',
      example: { current: 15000 },
      entities: [
        amperes(
          'user_current',
          ['Current limit: user authorization', 'Stromgrenze: Benutzerfreigabe'],
          'current',
          detail,
        ),
      ],
      read: (c) => ({ current: slotCurrent(c.limits.slots(), 6) }),
    },
  ),
  setting(
    'evse/user_enabled',
    { enabled: bool() },
    {
      doc: 'Whether a user must be authorized before charging (slot 6).',
      example: { enabled: true },
      entities: [
        toggle('user_enabled', ['User authorization', 'Benutzerfreigabe'], 'enabled', {
          ...expert,
          icon: 'account-key',
        }),
      ],
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 6) }),
      write: (c, value) => c.limits.setUserEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/automation_current',
    { current: current() },
    {
      doc: "Charging current set by the charger's own automation rules (slot 14).",
      since: '2.1.90',
      example: { current: 14000 },
      entities: [
        amperesInput(
          'automation_current',
          ['Current limit: automation', 'Stromgrenze: Automatisierung'],
          'current',
          'box',
          { ...expert, icon: 'robot' },
        ),
      ],
      hint: 'firmware up to 2.6.6 always shows 32000',
      read: (c) => ({ current: slotCurrent(c.limits.slots(), 14) }),
      write: (c, value) => c.limits.setAutomationCurrent(value.current),
    },
  ),
  setting(
    'evse/modbus_tcp_enabled',
    { enabled: bool() },
    {
      doc: 'Whether Modbus TCP may control the charger (slots 9 and 10).',
      since: '2.0.8',
      example: { enabled: true },
      entities: [
        toggle('modbus_tcp_enabled', ['Modbus TCP control', 'Steuerung über Modbus TCP'], 'enabled', {
          ...expert,
          icon: 'network-outline',
        }),
      ],
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 9) }),
      write: (c, value) => c.limits.setModbusTcpEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/ocpp_enabled',
    { enabled: bool() },
    {
      doc: 'Whether OCPP may control the charger (slot 11).',
      since: '2.0.8',
      example: { enabled: true },
      entities: [
        toggle('ocpp_enabled', ['OCPP', 'OCPP'], 'enabled', { ...expert, icon: 'cloud-lock-outline' }),
      ],
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 11) }),
      write: (c, value) => c.limits.setOcppEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/eebus_enabled',
    { enabled: bool() },
    {
      doc: 'Whether EEBUS may limit the current (slot 15).',
      since: '2.8.13',
      example: { enabled: false },
      entities: [
        toggle('eebus_enabled', ['EEBUS control', 'Steuerung über EEBUS'], 'enabled', {
          ...expert,
          icon: 'transmission-tower',
        }),
      ],
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 15) }),
      write: (c, value) => c.later.setEebusEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/p14a_enwg_enabled',
    { enabled: bool() },
    {
      doc: 'Whether the grid operator may limit the current (slot 16, §14a EnWG).',
      since: '2.10.0',
      example: { enabled: false },
      entities: [
        toggle(
          'p14a_enwg_enabled',
          ['Dimming by the grid operator (§14a)', 'Dimmen durch den Netzbetreiber (§14a)'],
          'enabled',
          { ...expert, icon: 'transmission-tower-off' },
        ),
      ],
      read: (c) => ({ enabled: slotActive(c.limits.slots(), 16) }),
      write: (c, value) => c.later.setP14aEnwgEnabled(value.enabled),
      flash: true,
    },
  ),
];
