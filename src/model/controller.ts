import type * as shapes from './api-types.js';
import { type ChargeLimits, calibrate, type FlashImage } from './board/flash.js';
import { UNLIMITED_MA } from './board/slots.js';
import { Snapshot } from './board/snapshot.js';
import { ChargerHardware, type HardwareOptions } from './hardware.js';
import { ModelProcessor } from './processor/processor.js';
import { Meter } from './world/energy-meter.js';

export interface ControllerOptions extends HardwareOptions {
  readonly evseVersion?: 14 | 15;
  /** Serial number of the modelled charger. Default SIM1. */
  readonly uid?: string;
}

/**
 * A modelled WARP1: the charge controller, its network processor, and the world around them.
 * Time comes through tick() only. A write takes effect at the time of the last tick; the read-back follows with
 * the next poll of the network processor, at most 250 ms later (controller-model 11).
 */
export class Controller {
  readonly uid: string;
  readonly #options: ControllerOptions;
  readonly #hardware: ChargerHardware;
  readonly #meter: Meter;
  #processor: ModelProcessor;
  /** When the first tick was; all times inside count from there. */
  #origin: number | undefined;
  #time = 0;
  #earlierPolls = 0;
  #vehicleWrites = 0;
  #currentWrites = 0;

  constructor(options: ControllerOptions = {}) {
    const { seed = 1, noise = true } = options;
    this.uid = options.uid ?? 'SIM1';
    this.#options = options;
    this.#hardware = new ChargerHardware(options);
    const { vehicle, supply, flash, board } = this.#hardware;
    this.#meter = new Meter(vehicle, supply, flash, noise ? seed : undefined);
    this.#processor = new ModelProcessor(board, this.#meter, this.#time);
  }

  /**
   * Moves the model on to `now` (ms, never going back). The first call is power-on. A jump is worked through
   * event by event, so nothing depends on how often this is called.
   */
  tick(now: number): void {
    this.#origin ??= now;
    while (this.dueAt <= now) {
      this.#time = this.#nextEvent;
      this.#happen(this.#time);
    }
    // Writes come at whole ms, so that the way in which a caller adds up its times makes no difference.
    this.#time = Math.max(this.#time, Math.floor(now - this.#origin));
  }

  /** When something happens next by itself; ms on the clock of tick(). */
  get dueAt(): number {
    return (this.#origin ?? 0) + this.#nextEvent;
  }

  /** Grows by one each time that what the API shows was refreshed. */
  get polls(): number {
    return this.#earlierPolls + this.#processor.polls;
  }

  /** Grows with every write to the flash; flashImage() is then to be saved. */
  get flashWrites(): number {
    return this.#hardware.flash.writes;
  }

  /** Counts the calls of setVehicle() and setExternalCurrent(), so that a script notices another hand. */
  get writes(): { vehicle: number; external_current: number } {
    return { vehicle: this.#vehicleWrites, external_current: this.#currentWrites };
  }

  /** What a power cycle leaves; plain JSON. */
  flashImage(): FlashImage {
    return this.#hardware.flash.image;
  }

  /** The board at this moment, without waiting for the next poll; no part of the charger's API. */
  live(snapshot: Snapshot = new Snapshot()): Snapshot {
    snapshot.capture(this.#hardware.board, this.#time);
    return snapshot;
  }

  state(): shapes.EvseState {
    return this.#lastPoll.state();
  }

  hardwareConfiguration(): shapes.HardwareConfiguration {
    const { evseVersion = 15 } = this.#options;
    return {
      jumper_configuration: this.#hardware.board.jumper,
      has_lock_switch: false,
      evse_version: evseVersion,
    };
  }

  slots(): readonly shapes.Slot[] {
    return this.#lastPoll.slots;
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

  externalDefaults(): shapes.ExternalDefaults {
    return this.#lastPoll.externalDefaults;
  }

  autoStartCharging(): boolean {
    return this.#lastPoll.autoStart;
  }

  boostMode(): boolean {
    return this.#lastPoll.boost;
  }

  ledApiEnabled(): boolean {
    return this.#hardware.flash.image.enable_api;
  }

  meterSlot(): number {
    return this.#hardware.flash.image.meter_slot;
  }

  meterValues(): shapes.MeterValues {
    return this.#meter.values();
  }

  meterAllValues(): (number | null)[] {
    return this.#meter.allValues();
  }

  meterPhases(): shapes.MeterPhases {
    return this.#meter.phases();
  }

  currentCharge(): shapes.CurrentCharge {
    return this.#processor.currentCharge;
  }

  /** mA; anything but 0 and 6000..32000 is silently ignored here and below (controller-model 1.3). */
  setExternalCurrent(current: number): void {
    this.#currentWrites++;
    this.#write((processor, time) => processor.setExternalCurrent(current, time));
  }

  setExternalClearOnDisconnect(clear: boolean): void {
    this.#write((processor, time) => processor.setExternalClearOnDisconnect(clear, time));
  }

  setExternalEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.setExternalEnabled(enabled, time));
  }

  setExternalDefaults(defaults: shapes.ExternalDefaults): void {
    this.#write((processor) => processor.setExternalDefaults(defaults));
  }

  setManagementEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.setManagementEnabled(enabled, time));
  }

  setUserEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.users.enable(enabled, processor.lastPoll, time));
  }

  setAutoStartCharging(enabled: boolean): void {
    this.#write((processor, time) => processor.setAutoStartCharging(enabled, time));
  }

  setGlobalCurrent(current: number): void {
    this.#write((processor, time) => processor.setGlobalCurrent(current, time));
  }

  setModbusTcpEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.setModbusTcpEnabled(enabled, time));
  }

  setOcppEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.setOcppEnabled(enabled, time));
  }

  setAutomationCurrent(current: number): void {
    this.#write((processor, time) => processor.setAutomationCurrent(current, time));
  }

  setLedConfiguration(enable_api: boolean): void {
    if (enable_api !== this.ledApiEnabled()) this.#hardware.flash.write({ enable_api });
  }

  /** Ignored unless the API may control the LED; this generation has no colours (controller-model 7.2, 7.3). */
  setIndicatorLed({ indication, duration }: shapes.IndicatorLed): void {
    this.#write((processor, time) => processor.indicate(indication, duration, time));
  }

  setUserCalibration(calibration: shapes.UserCalibration): void {
    calibrate(this.#hardware.flash, calibration);
  }

  setBoostMode(enabled: boolean): void {
    this.#write((_, time) => this.#hardware.board.setBoost(enabled, time));
  }

  /** Shown at once, used from the next boot of the network processor on (controller-model 10). */
  setMeterSlot(meter_slot: number): void {
    if (meter_slot !== this.meterSlot()) this.#hardware.flash.write({ meter_slot });
  }

  startCharging(): void {
    this.#write((processor, time) => processor.release(UNLIMITED_MA, time));
  }

  stopCharging(): void {
    this.#write((processor, time) => processor.release(0, time));
  }

  /** Limits of every charge from now on; 0 = none. No topic of the public API text. */
  setChargeLimits({ duration, energy }: ChargeLimits): void {
    this.#hardware.flash.write({ charge_limits: { duration, energy } });
  }

  /** Blocks charging while the used meter is silent. No topic of the public API text. */
  setRequireMeter(enabled: boolean): void {
    this.#write((processor, time) => processor.meterGuard.enable(enabled, time));
  }

  vehicle(): shapes.VehicleState {
    return this.#hardware.vehicle.state;
  }

  setVehicle(vehicle: shapes.VehicleState): void {
    this.#vehicleWrites++;
    this.#hardware.setVehicle(vehicle, this.#time);
  }

  button(): shapes.ButtonInput {
    return { pressed: this.#hardware.pressed };
  }

  setButton({ pressed }: shapes.ButtonInput): void {
    this.#hardware.setButton(pressed, this.#time);
  }

  supply(): shapes.SupplyState {
    return this.#hardware.supply.state;
  }

  /** Members left out stay. */
  setSupply(supply: Partial<shapes.SupplyState>): void {
    this.#hardware.setSupply({ ...this.#hardware.supply.state, ...supply }, this.#time);
  }

  /** What load management, users, OCPP, ... do to slots 2..14; members left out stay. */
  setSlot({ slot: index, ...change }: shapes.SlotChange & { readonly slot: number }): void {
    this.#write((processor, time) => processor.writeSlot(index, change, time));
  }

  /** Off and on again: everything but the flash is forgotten. The vehicle stays plugged, a held button held. */
  powerCycle(): void {
    this.#hardware.powerCycle(this.#time);
    this.restartProcessor();
  }

  /** Restarts the network processor alone: the controller keeps its slots and goes on charging. */
  restartProcessor(): void {
    this.#earlierPolls = this.polls;
    this.#processor = new ModelProcessor(this.#hardware.board, this.#meter, this.#time);
  }

  /** Forgets all settings 500 ms from now, but not in the boot phase, and restarts (controller-model 9; 17, D13). */
  factoryReset(): void {
    this.#hardware.factoryReset(this.#time);
  }

  get #nextEvent(): number {
    return Math.min(this.#hardware.dueAt, this.#processor.dueAt);
  }

  get #lastPoll(): Snapshot {
    return this.#processor.lastPoll;
  }

  /** Board and world, then the network processor at `time`. */
  #happen(time: number): void {
    if (this.#hardware.dueAt <= time && this.#hardware.run(time)) this.restartProcessor();
    if (this.#processor.dueAt <= time) {
      this.#processor.run(time);
      this.#hardware.show(time);
    }
  }

  #write(act: (processor: ModelProcessor, time: number) => void): void {
    act(this.#processor, this.#time);
    this.#hardware.show(this.#time);
  }
}
