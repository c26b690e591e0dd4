import type {
  ButtonState,
  EvseState,
  ExternalDefaults,
  IndicatorLed,
  LowLevelState,
  Slot,
  UserCalibration,
} from '../api-types.js';
import type { BoardAbilities, LowLevelPicture } from './assembly.js';
import type { Board } from './board.js';
import type { FlashImage } from './flash.js';
import { A, B, C } from './iec61851.js';
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
  /** dc_fault_current_state, where there is such a thing. */
  dcFaultState: number | undefined;
  /** The settings as they are in the flash. */
  settings: FlashImage | undefined;
  // What only some boards have (controller-model-2 6.1, 2.9 and 1.2).
  phasesConnected = 3;
  phasesCurrent = 3;
  phasesState = 0;
  phasesInfo = 0;
  pilotDisconnected = false;
  gpOutput = 1;
  #board: Board | undefined;
  #picture: LowLevelPicture | undefined;
  #button: ButtonState = { button_press_time: 0, button_release_time: 0, button_pressed: false };
  #led: IndicatorLed = { indication: -1, duration: 0, color_h: 0, color_s: 0, color_v: 0 };
  #boost = false;
  #defaults: ExternalDefaults = { current: 0, clear_on_disconnect: false };

  /** Takes the picture. */
  capture(board: Board, time: number): void {
    const { iec61851, pilot, contactor, monitor, slots, led, button, flash } = board;
    this.time = time;
    this.boot = board.boot;
    this.dcFaultState = board.dcFaultState;
    this.uptime = board.uptimeAt(time);
    this.iec61851State = iec61851.state;
    this.contactorState = monitor.state;
    this.contactorError = monitor.error;
    this.allowed = slots.allowed;
    this.error = led.error;
    this.contactorClosed = contactor.closed;
    this.ledState = led.state;
    this.duty = pilot.duty;
    this.slots = slots.live;
    if (board !== this.#board || !this.#picture) {
      this.#board = board;
      this.#picture = board.newPicture();
    }
    this.#picture.capture(time);
    this.#captureButton(button.pressTime, button.releaseTime, board.buttonPressed);
    this.#led = led.read(time);
    this.#boost = pilot.boost;
    this.settings = flash.image;
    if (board.abilities) this.#captureAbilities(board.abilities);
    this.#defaults = externalDefaults(flash.slotDefault(EXTERNAL), this.#defaults);
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
      ...(this.dcFaultState === undefined ? {} : { dc_fault_current_state: this.dcFaultState }),
    };
  }

  lowLevel(): LowLevelState {
    return this.#picture?.show() ?? nothing();
  }

  calibration(): UserCalibration {
    const { settings } = this;
    if (settings === undefined) return nothing();
    const shown = settings.user_calibration ?? settings.factory_calibration;
    return { ...shown, resistance_880: [...shown.resistance_880] };
  }

  #captureAbilities({ phases, pilotDisconnected, gpOutput }: BoardAbilities): void {
    this.phasesConnected = phases.connected;
    this.phasesCurrent = phases.current;
    this.phasesState = phases.state;
    this.phasesInfo = phases.info;
    this.pilotDisconnected = pilotDisconnected;
    this.gpOutput = gpOutput;
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
}

function externalDefaults(from: Slot, old: ExternalDefaults): ExternalDefaults {
  const { max_current, clear_on_disconnect } = from;
  if (old.current === max_current && old.clear_on_disconnect === clear_on_disconnect) return old;
  return { current: max_current, clear_on_disconnect };
}

function nothing(): never {
  throw new Error('no picture taken yet');
}
