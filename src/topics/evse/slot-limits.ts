import { amperes, amperesInput, config, detail, expert, toggle } from '../entity.js';
import { bool, current } from '../members.js';
import { setting, state, type Topic } from '../topic.js';

/** What limits the charging current, and who may; goes on where evse-board.ts ends. */
export const evseLimits: readonly Topic[] = [
  setting(
    'evse/external_current',
    { current: current() },
    {
      doc: 'Charging current set by external control (slot 8), kept in RAM: the one to change as often as you like.',
      example: { current: 16000 },
      entities: [
        amperesInput('external_current', ['Charging current limit', 'Ladestromgrenze'], 'current', 'slider', {
          icon: 'current-ac',
        }),
      ],
      read: (c) => ({ current: slotCurrent(c.slots(), 8) }),
      write: (c, value) => c.setExternalCurrent(value.current),
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
      read: (c) => ({ clear_on_disconnect: c.slots()[8]?.clear_on_disconnect ?? false }),
      write: (c, value) => c.setExternalClearOnDisconnect(value.clear_on_disconnect),
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
          ['Load management current', 'Strom des Lastmanagements'],
          'current',
          detail,
        ),
      ],
      read: (c) => ({ current: slotCurrent(c.slots(), 7) }),
    },
  ),
  setting(
    'evse/auto_start_charging',
    { auto_start_charging: bool() },
    {
      doc: 'Whether a connected vehicle is charged without `start_charging`. Writing the present value still acts on a waiting vehicle.',
      example: { auto_start_charging: true },
      entities: [
        toggle('auto_start_charging', ['Automatic start', 'Automatischer Ladestart'], 'auto_start_charging', {
          ...config,
          icon: 'play-circle-outline',
        }),
      ],
      read: (c) => ({ auto_start_charging: c.autoStartCharging() }),
      write: (c, value) => c.setAutoStartCharging(value.auto_start_charging),
      flash: true,
      actsWhenEqual: true,
    },
  ),
  setting(
    'evse/global_current',
    { current: current() },
    {
      doc: 'Charging current set in the web interface (slot 5), kept in flash: do not automate it, use `evse/external_current`.',
      example: { current: 16000 },
      entities: [
        amperesInput(
          'global_current',
          ['Configured current limit', 'Konfigurierte Stromgrenze'],
          'current',
          'box',
          { ...expert, icon: 'current-ac' },
        ),
      ],
      read: (c) => ({ current: slotCurrent(c.slots(), 5) }),
      write: (c, value) => c.setGlobalCurrent(value.current),
      flash: true,
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
      read: (c) => ({ enabled: slotActive(c.slots(), 7) }),
      write: (c, value) => c.setManagementEnabled(value.enabled),
      flash: true,
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
          ['User authorization current', 'Strom der Benutzerfreigabe'],
          'current',
          detail,
        ),
      ],
      read: (c) => ({ current: slotCurrent(c.slots(), 6) }),
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
      read: (c) => ({ enabled: slotActive(c.slots(), 6) }),
      write: (c, value) => c.setUserEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/external_enabled',
    { enabled: bool() },
    {
      doc: 'Whether external control is active (slot 8). Newer chargers keep it on: writing false resets the slot to 32 A.',
      example: { enabled: true },
      entities: [
        toggle('external_enabled', ['External control', 'Externe Steuerung'], 'enabled', {
          ...config,
          icon: 'remote',
        }),
      ],
      hint: 'since firmware 2.6.2 external control stays on; writing false has reset its current to 32 A instead',
      read: (c) => ({ enabled: slotActive(c.slots(), 8) }),
      write: (c, value) => c.setExternalEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/external_defaults',
    { current: current(), clear_on_disconnect: bool() },
    {
      doc: 'What external control starts with after a restart of the charge controller.',
      example: { current: 32000, clear_on_disconnect: false },
      entities: [
        amperesInput(
          'external_default_current',
          ['Default charging current limit', 'Ladestromgrenze nach Neustart'],
          'current',
          'box',
          { ...expert, icon: 'current-ac' },
        ),
        toggle(
          'external_default_clear',
          ['Default clear limit on disconnect', 'Nach Neustart Grenze beim Abstecken löschen'],
          'clear_on_disconnect',
          { ...expert, icon: 'power-plug-off' },
        ),
      ],
      read: (c) => c.externalDefaults(),
      write: (c, value) => c.setExternalDefaults(value),
      flash: true,
    },
  ),
  setting(
    'evse/modbus_tcp_enabled',
    { enabled: bool() },
    {
      doc: 'Whether Modbus TCP may control the charger (slots 9 and 10).',
      example: { enabled: true },
      entities: [
        toggle('modbus_tcp_enabled', ['Modbus TCP control', 'Steuerung über Modbus TCP'], 'enabled', {
          ...expert,
          icon: 'network-outline',
        }),
      ],
      read: (c) => ({ enabled: slotActive(c.slots(), 9) }),
      write: (c, value) => c.setModbusTcpEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/ocpp_enabled',
    { enabled: bool() },
    {
      doc: 'Whether OCPP may control the charger (slot 11).',
      example: { enabled: true },
      entities: [
        toggle('ocpp_enabled', ['OCPP', 'OCPP'], 'enabled', { ...expert, icon: 'cloud-lock-outline' }),
      ],
      read: (c) => ({ enabled: slotActive(c.slots(), 11) }),
      write: (c, value) => c.setOcppEnabled(value.enabled),
      flash: true,
    },
  ),
  setting(
    'evse/automation_current',
    { current: current() },
    {
      doc: "Charging current set by the charger's own automation rules (slot 14).",
      example: { current: 14000 },
      entities: [
        amperesInput(
          'automation_current',
          ['Automation current limit', 'Stromgrenze der Automatisierung'],
          'current',
          'box',
          { ...expert, icon: 'robot' },
        ),
      ],
      hint: 'firmware up to 2.6.6 always shows 32000',
      read: (c) => ({ current: slotCurrent(c.slots(), 14) }),
      write: (c, value) => c.setAutomationCurrent(value.current),
    },
  ),
];

interface Slots {
  readonly [index: number]: { readonly max_current: number; readonly active: boolean } | undefined;
}

const slotCurrent = (slots: Slots, index: number) => slots[index]?.max_current ?? 0;
const slotActive = (slots: Slots, index: number) => slots[index]?.active ?? false;
