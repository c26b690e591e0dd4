import type {
  ButtonState,
  EvseState,
  ExternalDefaults,
  IndicatorLed,
  LowLevelState,
  Slot,
  UserCalibration,
} from '../api-types.js';
import type { Board } from './board.js';
import { ppMillivolts } from './circuit.js';
import { A, B, C } from './iec61851.js';
import { brightness } from './led-brightness.js';
import { EXTERNAL, MANUAL_RELEASE } from './slots.js';

/** What the board answers when it is asked: a picture of one moment, put into the API's shapes on demand. */
export class Snapshot {
  time = 0;
  /** When the power came on. */
  boot = 0;
  uptime = 0;
  iec61851State = A;
  contactorState = 0;
  contactorError = 0;
  allowed = 0;
  error = 0;
  contactorClosed = false;
  ledState = 0;
  duty = 0;
  slots: readonly Slot[] = [];
  #resistance = 0;
  #cpReading = 0;
  #cpVoltage = 0;
  #highVoltage = 0;
  #ppReading = 0;
  #ppResistance = 0;
  #lit = 0;
  #input = false;
  #chargingTime = 0;
  #sinceChange = 0;
  #button: ButtonState = { button_press_time: 0, button_release_time: 0, button_pressed: false };
  #led: IndicatorLed = { indication: -1, duration: 0, color_h: 0, color_s: 0, color_v: 0 };
  #boost = false;
  #defaults: ExternalDefaults = { current: 0, clear_on_disconnect: false };
  #factory: UserCalibration | undefined;
  #user: UserCalibration | null = null;

  /** Takes the picture. */
  capture(board: Board, time: number): void {
    const { iec61851, pilot, contactor, slots, led, button, flash, chargingTime } = board;
    this.time = time;
    this.boot = board.boot;
    this.uptime = board.uptime(time);
    this.iec61851State = iec61851.state;
    this.contactorState = contactor.state;
    this.contactorError = contactor.error;
    this.allowed = slots.allowed;
    this.error = led.error;
    this.contactorClosed = contactor.closed;
    this.ledState = led.state;
    this.duty = pilot.duty;
    this.slots = slots.live;
    this.#resistance = pilot.resistance;
    this.#cpReading = pilot.reading.raw;
    this.#cpVoltage = pilot.reading.voltage;
    this.#highVoltage = pilot.reading.high;
    this.#ppReading = pilot.ppReading;
    this.#ppResistance = pilot.ppResistance;
    this.#lit = brightness(led, time);
    this.#input = button.raw;
    this.#chargingTime = chargingTime.read(time);
    this.#sinceChange = (this.uptime - board.uptime(Math.min(iec61851.changedAt, time))) >>> 0;
    this.#captureButton(button.pressTime, button.releaseTime, button.pressed);
    this.#led = led.read(time);
    this.#boost = pilot.boost;
    this.#defaults = externalDefaults(flash.slotDefault(EXTERNAL), this.#defaults);
    this.#factory = flash.image.factory_calibration;
    this.#user = flash.image.user_calibration;
  }

  /** charger_state (controller-model 4). */
  get chargerState(): number {
    if (this.error !== 0) return 4;
    if (this.iec61851State === C) return 3;
    if (this.iec61851State === B) return this.allowed === 0 ? 1 : 2;
    return 0;
  }

  get autoStart(): boolean {
    return this.slots[MANUAL_RELEASE]?.clear_on_disconnect === false;
  }

  get boost(): boolean {
    return this.#boost;
  }

  get button(): ButtonState {
    return this.#button;
  }

  get led(): IndicatorLed {
    return this.#led;
  }

  get externalDefaults(): ExternalDefaults {
    return this.#defaults;
  }

  state(): EvseState {
    return {
      iec61851_state: this.iec61851State,
      charger_state: this.chargerState,
      contactor_state: this.contactorState,
      contactor_error: this.contactorError,
      allowed_charging_current: this.allowed,
      error_state: this.error,
      lock_state: 0,
    };
  }

  /** The voltages are those of the last readings, the resistances the means of four (controller-model 8; 17, D17). */
  lowLevel(): LowLevelState {
    const lit = this.#outputSampledHigh();
    return {
      led_state: this.ledState,
      cp_pwm_duty_cycle: this.duty,
      adc_values: [this.#cpReading, this.#ppReading],
      voltages: [this.#cpVoltage, ppMillivolts(this.#ppReading), this.#highVoltage],
      resistances: [this.#resistance, this.#ppResistance],
      gpio: [this.#input, lit, !lit, this.contactorClosed, true],
      charging_time: this.#chargingTime,
      time_since_state_change: this.#sinceChange,
      uptime: this.uptime,
      // This generation can't switch phases (controller-model 17, E10).
      phases_current: 3,
      phases_requested: 3,
      phases_state: 0,
      phases_info: 0,
    };
  }

  calibration(): UserCalibration {
    const shown = this.#user ?? this.#factory;
    if (shown === undefined) throw new Error('no picture taken yet');
    return { ...shown, resistance_880: [...shown.resistance_880] };
  }

  #captureButton(pressTime: number, releaseTime: number, pressed: boolean): void {
    const old = this.#button;
    if (
      old.button_pressed === pressed &&
      old.button_press_time === pressTime &&
      old.button_release_time === releaseTime
    )
      return;
    this.#button = {
      button_press_time: pressTime,
      button_release_time: releaseTime,
      button_pressed: pressed,
    };
  }

  /** The LED line is a PWM signal, of which a poll sees one moment. */
  #outputSampledHigh(): boolean {
    if (this.#lit <= 0 || this.#lit >= 1) return this.#lit > 0;
    return (Math.imul(this.uptime, 2_654_435_761) >>> 0) / 4_294_967_296 < this.#lit;
  }
}

function externalDefaults(from: Slot, old: ExternalDefaults): ExternalDefaults {
  const { max_current, clear_on_disconnect } = from;
  if (old.current === max_current && old.clear_on_disconnect === clear_on_disconnect) return old;
  return { current: max_current, clear_on_disconnect };
}
