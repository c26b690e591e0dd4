/** A charging slot: one limit of the charging current, mA. The smallest active one counts. */
export interface Slot {
  readonly max_current: number;
  readonly active: boolean;
  readonly clear_on_disconnect: boolean;
}

/** `evse/state`. */
export interface EvseState {
  readonly iec61851_state: number;
  readonly charger_state: number;
  readonly contactor_state: number;
  readonly contactor_error: number;
  readonly allowed_charging_current: number;
  readonly error_state: number;
  readonly lock_state: number;
  readonly dc_fault_current_state?: number;
}

/** `evse/hardware_configuration`. */
export interface HardwareConfiguration {
  readonly jumper_configuration: number;
  readonly has_lock_switch: boolean;
  readonly evse_version: number;
  readonly energy_meter_type?: number;
}

/** `evse/button_state`; times in ms of the controller's uptime, 0 = never. */
export interface ButtonState {
  readonly button_press_time: number;
  readonly button_release_time: number;
  readonly button_pressed: boolean;
}

/** `evse/indicator_led`; duration in ms. */
export interface IndicatorLed {
  readonly indication: number;
  readonly duration: number;
  readonly color_h: number;
  readonly color_s: number;
  readonly color_v: number;
}

/** `evse/low_level_state`; duty cycle in 1/1000, voltages in mV, resistances in ohms, times in ms. */
export interface LowLevelState {
  readonly led_state: number;
  readonly cp_pwm_duty_cycle: number;
  readonly adc_values: number[];
  readonly voltages: number[];
  readonly resistances: number[];
  readonly gpio: boolean[];
  readonly charging_time: number;
  readonly time_since_state_change: number;
  readonly uptime: number;
  readonly phases_current: number;
  readonly phases_requested: number;
  readonly phases_state: number;
  readonly phases_info: number;
  readonly time_since_dc_fault_check?: number;
  readonly temperature?: number;
  readonly dc_fault_pins?: number;
  readonly dc_fault_sensor_type?: number;
}

/** `evse/user_calibration`; `resistance_880` has 14 elements. */
export interface UserCalibration {
  readonly user_calibration_active: boolean;
  readonly voltage_diff: number;
  readonly voltage_mul: number;
  readonly voltage_div: number;
  readonly resistance_2700: number;
  readonly resistance_880: number[];
}

/** `evse/external_defaults`. */
export interface ExternalDefaults {
  readonly current: number;
  readonly clear_on_disconnect: boolean;
}

/** `meter/values`; W and kWh. */
export interface MeterValues {
  readonly power: number | null;
  readonly energy_rel: number | null;
  readonly energy_abs: number | null;
}

/** `meter/phases`. */
export interface MeterPhases {
  readonly phases_connected: boolean[];
  readonly phases_active: boolean[];
}

/** `charge_tracker/current_charge`; `user_id` is -1 while no charge is recorded, `meter_start` in kWh. */
export interface CurrentCharge {
  readonly user_id: number;
  readonly meter_start: number | null;
  readonly evse_uptime_start: number;
  readonly timestamp_minutes: number;
  readonly authorization_type: number;
  readonly authorization_info: NfcTag | null;
}

/** `nfc/inject_tag`. */
export interface NfcTag {
  readonly tag_type: number;
  readonly tag_id: string;
}

/** `simulator/tag`: a tag held to the reader; `current` in mA is what its user may charge with. */
export interface TagInput extends NfcTag {
  readonly known: boolean;
  readonly current: number;
}

/** `simulator/vehicle`: mA, Wh and ohms; `cp_resistance` 65535 is an open control pilot. */
export interface VehicleState {
  readonly connected: boolean;
  readonly requesting: boolean;
  readonly ventilation: boolean;
  readonly diode_fault: boolean;
  readonly phases: number;
  readonly max_current: number;
  readonly energy_wanted: number | null;
  readonly cable_current: number;
  readonly cp_resistance: number | null;
  /** From the start of the PWM until it closes S2, ms; null: another random time each time. */
  readonly s2_delay: number | null;
  /** For how long the control pilot must be disconnected to wake it, ms; 0: it does not sleep. */
  readonly needs_wakeup: number;
  /** It goes on asking for current and drawing it after the PWM has ended. */
  readonly ignores_stop: boolean;
  /** Which named car it is like; `custom` if it is like none of them. */
  readonly preset: VehiclePreset;
}

/** Cars with a name (`simulator/vehicle`). */
export type VehiclePreset =
  | 'custom'
  | 'three_phase_11kw'
  | 'three_phase_22kw'
  | 'one_phase_7kw'
  | 'slow'
  | 'sleepy';

/** `simulator/button`: the front button or the key switch, before debouncing. */
export interface ButtonInput {
  readonly pressed: boolean;
}

/** What can be wrong with the contactor. */
export type ContactorFault = 'ok' | 'stuck_open' | 'welded';

/** `simulator/supply`. */
export interface SupplyState {
  readonly live: boolean;
  readonly contactor: ContactorFault;
  /** ms between the contactor's command and its contacts. */
  readonly contact_time: number;
  /** Voltage on each phase while the supply is live. */
  readonly phases_live: boolean[];
  /** Only with a second contactor (L2 and L3): its health, and that of the auxiliary contacts and of the earth. */
  readonly contactor_2?: ContactorFault;
  readonly auxiliary?: AuxiliaryFault;
  readonly auxiliary_2?: AuxiliaryFault;
  readonly pe?: EarthFault;
}

/** What can be wrong with an auxiliary contact: a broken one reads open. */
export type AuxiliaryFault = 'ok' | 'broken';

/** What can be wrong with the protective earth. */
export type EarthFault = 'ok' | 'broken';

/** `simulator/dc_sensor`: residual currents, and defects of the sensor that its test finds. */
export interface DcSensorState {
  readonly leakage: 'none' | 'dc6' | 'ac20' | 'both' | 'system';
  readonly defect: 'none' | 'no_x6' | 'no_x30' | 'stuck';
}

/** `simulator/inputs`: what is wired to the shutdown input and to the general purpose input. */
export interface InputState {
  readonly shutdown: 'open' | 'closed';
  readonly gp: 'open' | 'closed';
}

/** `simulator/temperature`: around the charger; 1/100 °C. */
export interface TemperatureState {
  readonly ambient: number;
}

/** `evse/gpio_configuration`. */
export interface GpioConfiguration {
  readonly shutdown_input: number;
  readonly input: number;
  readonly output: number;
}

/** `simulator/slot_update`: members left out stay as they are. */
export interface SlotChange {
  readonly max_current?: number | undefined;
  readonly active?: boolean | undefined;
  readonly clear_on_disconnect?: boolean | undefined;
}

/** `power_manager/state`; external_control: 0 available, 1 disabled, 2 unavailable, 3 switching. */
export interface PowerManagerState {
  readonly config_error_flags: number;
  readonly external_control: number;
}
