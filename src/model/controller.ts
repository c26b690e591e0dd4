import type * as shapes from './api-types.js';
import { calibrate, type FlashImage } from './board/flash.js';
import { UNLIMITED_MA } from './board/slots.js';
import { Snapshot } from './board/snapshot.js';
import { CurrentLimits } from './current-limits.js';
import { FIRST_TYPE, type ModelType } from './generations/model-type.js';
import { ChargerHardware, type HardwareOptions } from './hardware.js';
import { LaterFunctions } from './later-functions.js';
import { ModelledWorld } from './modelled-world.js';
import { RunningModel } from './running-model.js';
import type { Meter } from './world/energy-meter.js';

export interface ControllerOptions extends HardwareOptions {
  /** Hardware of a WARP1; default 15. */
  readonly evseVersion?: 14 | 15;
  /** Serial number of the modelled charger. Default SIM1. */
  readonly uid?: string;
}

/**
 * A modelled charger: the charge controller, its network processor, and the world around them.
 * Time comes through tick() only. A write takes effect at the time of the last tick; the read-back follows with
 * the next poll of the network processor, at most 250 ms later (controller-model 11).
 */
export class Controller {
  readonly uid: string;
  readonly type: ModelType;
  /** The world around the charger: vehicle, supply, button, inputs. */
  readonly world: ModelledWorld;
  /** The limits of the charging current. */
  readonly limits: CurrentLimits;
  /** What only the later generations have; their topics alone use it. */
  readonly later: LaterFunctions;
  readonly #options: ControllerOptions;
  readonly #model: RunningModel;
  /** When the first tick was; all times inside count from there. */
  #origin: number | undefined;

  constructor(options: ControllerOptions = {}) {
    const { seed = 1, noise = true, meter = true } = options;
    this.uid = options.uid ?? 'SIM1';
    this.type = options.type ?? FIRST_TYPE;
    this.#options = options;
    this.#model = new RunningModel(new ChargerHardware(options), meter, noise ? seed : undefined);
    this.world = new ModelledWorld(this.#model);
    this.limits = new CurrentLimits(this.#model);
    this.later = new LaterFunctions(this.#model);
  }

  /**
   * Moves the model on to `now` (ms, never going back). The first call is power-on. A jump is worked through
   * event by event, so nothing depends on how often this is called.
   */
  tick(now: number): void {
    this.#origin ??= now;
    while (this.dueAt <= now) {
      const time = this.#model.nextEvent;
      if (this.#model.happen(time)) this.restartProcessor();
    }
    // Writes happen at whole ms: rounding errors in a caller's times then make no difference.
    this.#model.time = Math.max(this.#model.time, Math.floor(now - this.#origin));
  }

  /** When something happens next by itself; ms on the clock of tick(). */
  get dueAt(): number {
    return (this.#origin ?? 0) + this.#model.nextEvent;
  }

  /** The energy meter in the charger. */
  get meter(): Meter {
    return this.#model.meter;
  }

  /** How often the values that the API shows have been refreshed. */
  get polls(): number {
    return this.#model.polls;
  }

  /** Grows with every write to the flash; flashImage() is then to be saved. */
  get flashWrites(): number {
    return this.#model.hardware.flash.writes;
  }

  /** Counts the calls of setVehicle() and setExternalCurrent(), so that the demo notices writes of others. */
  get writes(): { vehicle: number; external_current: number } {
    return { vehicle: this.world.vehicleWrites, external_current: this.limits.externalCurrentWrites };
  }

  /** What survives a power cycle; plain JSON. */
  flashImage(): FlashImage {
    return this.#model.hardware.flash.image;
  }

  /** The board at this moment, without waiting for the next poll; no part of the charger's API. */
  live(snapshot: Snapshot = new Snapshot()): Snapshot {
    snapshot.capture(this.#model.hardware.board, this.#model.time);
    return snapshot;
  }

  state(): shapes.EvseState {
    return this.#lastPoll.state();
  }

  hardwareConfiguration(): shapes.HardwareConfiguration {
    return this.#model.hardwareConfiguration(this.#options.evseVersion);
  }

  buttonState(): shapes.ButtonState {
    return this.#lastPoll.button;
  }

  indicatorLed(): shapes.IndicatorLed {
    return this.#lastPoll.led;
  }

  lowLevelState(): shapes.LowLevelState {
    return this.#lastPoll.lowLevel();
  }

  userCalibration(): shapes.UserCalibration {
    return this.#lastPoll.calibration();
  }

  autoStartCharging(): boolean {
    return this.#lastPoll.autoStart;
  }

  boostMode(): boolean {
    return this.#lastPoll.boost;
  }

  ledApiEnabled(): boolean {
    return this.#model.hardware.flash.image.enable_api;
  }

  meterSlot(): number {
    return this.#model.hardware.flash.image.meter_slot;
  }

  currentCharge(): shapes.CurrentCharge {
    return this.#model.processor.currentCharge;
  }

  setAutoStartCharging(enabled: boolean): void {
    this.#model.write((processor, time) => processor.settings.setAutoStartCharging(enabled, time));
  }

  setLedConfiguration(enable_api: boolean): void {
    if (enable_api !== this.ledApiEnabled()) this.#model.hardware.flash.write({ enable_api });
  }

  /** Ignored unless the API may control the LED; a WARP1 has no colours (controller-model 7.2, 7.3). */
  setIndicatorLed(led: shapes.IndicatorLed): void {
    this.#model.write((processor, time) => processor.indicate(led, time));
  }

  setUserCalibration(calibration: shapes.UserCalibration): void {
    calibrate(this.#model.hardware.flash, calibration);
  }

  setBoostMode(enabled: boolean): void {
    this.#model.write((_, time) => this.#model.hardware.board.setBoost(enabled, time));
  }

  /** Shown at once, used from the next boot of the network processor on (controller-model 10). */
  setMeterSlot(meter_slot: number): void {
    if (meter_slot !== this.meterSlot()) this.#model.hardware.flash.write({ meter_slot });
  }

  startCharging(): void {
    this.#model.write((processor, time) => processor.release(UNLIMITED_MA, time));
  }

  stopCharging(): void {
    this.#model.write((processor, time) => processor.release(0, time));
  }

  /** Off and on again: everything but the flash is forgotten. The vehicle stays plugged, a held button held. */
  powerCycle(): void {
    this.#model.hardware.powerCycle(this.#model.time);
    this.restartProcessor();
  }

  /** Restarts the network processor alone: the controller keeps its slots and goes on charging. */
  restartProcessor(): void {
    this.#model.restartProcessor();
  }

  /** Forgets all settings 500 ms from now, but not in the boot phase, and restarts (controller-model 9; 17, D13). */
  factoryReset(): void {
    this.#model.hardware.factoryReset(this.#model.time);
  }

  get #lastPoll(): Snapshot {
    return this.#model.processor.lastPoll;
  }
}
