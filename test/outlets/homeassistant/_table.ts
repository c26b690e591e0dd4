/** One entity as it is to be; `look` is its class and unit. */
export interface Row {
  readonly topic: string;
  readonly key: string;
  readonly platform: string;
  readonly name: string;
  readonly category: string;
  readonly enabled: boolean;
  readonly look: string;
  readonly icon: string;
}

/**
 * The entities of a WARP1. Keys and names are an interface: somebody's automations stand on them.
 * topic | key | platform | name | category | enabled | class and unit | icon
 */
const TABLE = `
state | charger_state | sensor | Charger state | main | on | enum | ev-station
state | vehicle_connected | binary_sensor | Vehicle connected | main | on | plug |
state | charging | binary_sensor | Charging | main | on | battery_charging |
state | allowed_current | sensor | Allowed current | main | on | current A |
state | problem | binary_sensor | Problem | main | on | problem |
../bridge/event | charge_event | event | Charge | main | on |  | ev-plug-type2
state | iec61851_state | sensor | IEC 61851 state | diagnostic | on | enum | ev-plug-type2
state | error_state | sensor | Error state | diagnostic | on | enum | alert-circle-outline
state | contactor_error | sensor | Contactor error | diagnostic | on | enum | electric-switch
state | contactor_state | sensor | Contactor state | diagnostic | off | enum | electric-switch
state | lock_state | sensor | Cable lock | diagnostic | off | enum | lock
hardware_configuration | cable_rating | sensor | Supply cable rating | diagnostic | on | enum | cable-data
hardware_configuration | has_lock_switch | binary_sensor | Type 2 socket with lock | diagnostic | off |  | lock-outline
hardware_configuration | evse_version | sensor | Charge controller version | diagnostic | off |  | chip
../bridge/current_limit | limited_by | sensor | Limited by | diagnostic | on | enum | car-speed-limiter
../bridge/event | button | event | Front button | main | on | button |
button_state | button_pressed | binary_sensor | Front button pressed | diagnostic | off |  | gesture-tap-button
indicator_led | indicator_led | select | Button LED for a minute | config | off |  | led-on
low_level_state | led_state | sensor | LED state | diagnostic | off | enum | led-outline
low_level_state | cp_duty_cycle | sensor | CP PWM duty cycle | diagnostic | off | % | square-wave
low_level_state | voltage_cp | sensor | CP/PE voltage | diagnostic | off | voltage V |
low_level_state | voltage_pp | sensor | PP/PE voltage | diagnostic | off | voltage V |
low_level_state | voltage_cp_max | sensor | Maximum CP/PE voltage | diagnostic | off | voltage V |
low_level_state | resistance_cp | sensor | CP/PE resistance | diagnostic | off | Ω | omega
low_level_state | resistance_pp | sensor | PP/PE resistance | diagnostic | off | Ω | omega
low_level_state | adc_cp | sensor | CP/PE ADC raw value | diagnostic | off |  | counter
low_level_state | adc_pp | sensor | PP/PE ADC raw value | diagnostic | off |  | counter
low_level_state | gpio_input | binary_sensor | GPIO input | diagnostic | off |  | electric-switch-closed
low_level_state | gpio_output | binary_sensor | GPIO output | diagnostic | off |  | electric-switch-closed
low_level_state | gpio_motor_switch | binary_sensor | GPIO motor input switch | diagnostic | off |  | electric-switch-closed
low_level_state | gpio_relay | binary_sensor | GPIO relay | diagnostic | off |  | electric-switch-closed
low_level_state | gpio_motor_error | binary_sensor | GPIO no motor error | diagnostic | off |  | electric-switch-closed
low_level_state | charging_time | sensor | Charging time (load management) | diagnostic | off | duration min |
low_level_state | time_since_state_change | sensor | Time since state change | diagnostic | off | duration min |
low_level_state | uptime | sensor | Charge controller uptime | diagnostic | off | duration h |
external_current | external_current | number | Current limit | main | on | current A | current-ac
external_current | charging_allowed | switch | Charging allowed | main | on |  | ev-plug-type2
external_enabled | external_enabled | binary_sensor | External control | diagnostic | off |  | remote
external_clear_on_disconnect | external_clear_on_disconnect | switch | Clear limit on disconnect | config | on |  | power-plug-off
external_defaults | external_default_current | number | Current limit: after a restart | config | off | current A | current-ac
external_defaults | external_default_clear | switch | Clear limit on disconnect: after a restart | config | off |  | power-plug-off
global_current | global_current | number | Current limit: configured | config | off | current A | current-ac
automation_current | automation_current | number | Current limit: automation | config | off | current A | robot
management_current | management_current | sensor | Current limit: load management | diagnostic | off | current A |
user_current | user_current | sensor | Current limit: user authorization | diagnostic | off | current A |
auto_start_charging | auto_start_charging | switch | Automatic start | config | on |  | play-circle-outline
boost_mode | boost_mode | switch | Boost mode | config | on |  | rocket-launch
management_enabled | management_enabled | switch | Load management | config | off |  | scale-balance
user_enabled | user_enabled | switch | User authorization | config | off |  | account-key
modbus_tcp_enabled | modbus_tcp_enabled | switch | Modbus TCP control | config | off |  | network-outline
ocpp_enabled | ocpp_enabled | switch | OCPP | config | off |  | cloud-lock-outline
led_configuration | led_api | switch | Button LED control by API | config | off |  | led-variant-on
start_charging | start_charging | button | Start charging | main | on |  | play
stop_charging | stop_charging | button | Stop charging | main | on |  | stop
user_calibration | user_calibration | binary_sensor | User calibration active | diagnostic | off |  | tune
meter_config | meter_slot | number | Energy meter slot | config | off |  | meter-electric
../bridge/charger | charger_reachable | binary_sensor | Charger reachable | diagnostic | on | connectivity |
../bridge/event | command_refused | event | Command refused | diagnostic | on |  | message-alert-outline
../reboot | restart | button | Restart | config | off |  | restart
`;

export const table: readonly Row[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [
      topic = '',
      key = '',
      platform = '',
      name = '',
      category = '',
      enabled = '',
      look = '',
      icon = '',
    ] = line.split('|').map((cell) => cell.trim());
    return { topic, key, platform, name, category, enabled: enabled === 'on', look, icon };
  });
