import { bool, int, text } from '../members.js';
import { action, command, list, setting, state, type Topic } from '../topic.js';

const U8 = 255;
const U32 = 4_294_967_295;

const WARP2 = 'WARP2 and later';

/** `evse` topics beyond the public text of the WARP1: other generations and newer firmware (charger-wire 2). */
export const evseGenerations: readonly Topic[] = [
  state(
    'evse/identity',
    {
      uid: text(8),
      connected_uid: text(8),
      position: text(1),
      hw_version: text(12),
      fw_version: text(12),
      device_identifier: int(0, 65_535),
    },
    {
      doc: 'The charge controller itself: serial number, hardware and firmware version.',
      only: 'firmware 2.1.3 and later',
      example: {
        uid: '2mtybZ',
        connected_uid: '0',
        position: 'B',
        hw_version: '1.0.0',
        fw_version: '2.2.11',
        device_identifier: 2167,
      },
    },
  ),
  setting(
    'evse/charge_mode',
    { mode: int(0, 9) },
    {
      doc: 'Charge mode: 0 fast, 1 off, 2 PV, 3 min + PV, 4 default, 5 min, 6 eco, 7 eco + PV, 8 eco + min, 9 eco + min + PV.',
      only: 'firmware 2.8.10 and later',
      example: { mode: 0 },
    },
  ),
  list('evse/supported_charge_modes', int(0, U8), {
    doc: 'The charge modes that this charger has.',
    only: 'firmware 2.8.10 and later',
    example: [0, 1, 2, 3],
  }),
  state(
    'evse/enumerate_value',
    { value: int(0, U8), value_change_time: int(0, U32, 'ms') },
    {
      doc: 'The blink code that tells chargers of a group apart.',
      only: 'firmware 2.8.10 and later',
      example: { value: 0, value_change_time: 0 },
    },
  ),
  setting(
    'evse/eebus_enabled',
    { enabled: bool() },
    {
      doc: 'Whether EEBUS may limit the current (slot 15).',
      only: 'firmware 2.8.13 and later',
      example: { enabled: false },
      flash: true,
    },
  ),
  setting(
    'evse/p14a_enwg_enabled',
    { enabled: bool() },
    {
      doc: 'Whether the grid operator may limit the current (slot 16, §14a EnWG).',
      only: 'firmware 2.10.0 and later',
      example: { enabled: false },
      flash: true,
    },
  ),
  state(
    'evse/management_state',
    { central_user_management_enabled: bool(), manager_ip: text(15) },
    {
      doc: 'The manager of the group of chargers.',
      only: 'firmware 2.11.0 and later',
      example: { central_user_management_enabled: false, manager_ip: '0.0.0.0' },
    },
  ),
  ...['evse/meter_config_modified', 'evse/led_configuration_modified'].map((path) =>
    state(
      path,
      { modified: int(0, 3) },
      {
        doc: 'Whether the setting differs from its default (2) or was changed since the start (1).',
        only: 'firmware 2.0.8 to 2.10.0',
        example: { modified: 0 },
      },
    ),
  ),
  setting(
    'evse/gpio_configuration',
    { shutdown_input: int(0, U8), input: int(0, U8), output: int(0, U8) },
    {
      doc: 'What the inputs and the output of the charge controller do.',
      only: WARP2,
      example: { shutdown_input: 0, input: 0, output: 1 },
      flash: true,
    },
  ),
  setting(
    'evse/button_configuration',
    { button: int(0, 3) },
    {
      doc: 'What the button does: 0 nothing, 1 start, 2 stop, 3 both.',
      only: WARP2,
      example: { button: 2 },
      flash: true,
    },
  ),
  setting(
    'evse/ev_wakeup',
    { enabled: bool() },
    { doc: 'Whether sleeping vehicles are woken up.', only: WARP2, example: { enabled: true }, flash: true },
  ),
  setting(
    'evse/control_pilot_disconnect',
    { disconnect: bool() },
    {
      doc: 'Disconnects the control pilot, as if the vehicle were unplugged.',
      only: WARP2,
      example: { disconnect: false },
      hint: 'the charger ignores it while load management is enabled',
    },
  ),
  setting(
    'evse/phase_auto_switch',
    { enabled: bool() },
    {
      doc: 'Whether the charger changes to one phase by itself for vehicles that draw from one.',
      only: WARP2,
      example: { enabled: false },
      flash: true,
    },
  ),
  setting(
    'evse/phases_connected',
    { phases: int(1, 3) },
    {
      doc: 'How many phases are connected to the charger.',
      only: WARP2,
      example: { phases: 3 },
      flash: true,
    },
  ),
  setting(
    'evse/phase_switch_wait_time',
    { time: int(0, U8, 's') },
    {
      doc: 'How long charging pauses while phases are switched.',
      only: 'WARP3 and later, firmware 2.8.11 and later',
      example: { time: 30 },
      hint: 'a WARP2 keeps it at 0',
      flash: true,
    },
  ),
  setting(
    'evse/gp_output',
    { gp_output: int(0, 1) },
    { doc: 'The general purpose output: 0 to ground, 1 open.', only: 'WARP2', example: { gp_output: 0 } },
  ),
  setting(
    'evse/energy_meter_display_backlight',
    { backlight: int(0, U8) },
    { doc: 'Backlight of the energy meter.', only: WARP2, example: { backlight: 0 }, flash: true },
  ),
  command(
    'evse/reset_dc_fault_current_state',
    { password: int(0, U32) },
    {},
    {
      doc: 'Releases the charger after a DC residual current fault. A safety function: find the cause first, never automate it. The manual of the charger names the password.',
      only: WARP2,
    },
  ),
  action('evse/trigger_dc_fault_test', {
    doc: 'Tests the DC residual current monitoring.',
    only: WARP2,
    hint: 'the charger ignores it while a vehicle is connected',
  }),
];
