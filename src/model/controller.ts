import type * as shapes from './api-types.js';
import { type ChargeLimits, calibrate, type FlashImage } from './board/flash.js';
import { UNLIMITED_MA } from './board/slots.js';
import { Snapshot } from './board/snapshot.js';
import { ChargerHardware, type HardwareOptions } from './hardware.js';
import { ModelProcessor } from './processor/processor.js';
import { Meter } from './world/energy-meter.js';

export interface ControllerOptions extends HardwareOptions {
  /** Hardware of a WARP1; default 15. */
  readonly evseVersion?: 14 | 15;
  /** Serial number of the modelled charger. Default SIM1. */
  readonly uid?: string;
}

/** controller-model-2 16, point 8. */
const METER_KNOWN_AFTER_MS = 10_000;

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
    const { meter = true } = options;
    this.#meter = new Meter(meter, vehicle, supply, flash, noise ? seed : undefined);
    this.#processor = new ModelProcessor(board, this.#meter, this.#hardware.generation, this.#time);
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
    const { generation, board } = this.#hardware;
    const { evseVersion = generation.evseVersion } = this.#options;
    const energy_meter_type = generation.meterType === undefined ? undefined : this.#meterType;
    return {
      jumper_configuration: board.jumper,
      has_lock_switch: false,
      evse_version: evseVersion,
      energy_meter_type,
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

  /** `meters/0/value_ids`. */
  meterValueIds(): readonly number[] {
    return this.#meter.valueIds;
  }

  /** `meters/0/values`, in the order of the ids. */
  meterValuesById(): number[] {
    return this.#meter.valuesById();
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

  /** Ignored unless the API may control the LED; a WARP1 has no colours (controller-model 7.2, 7.3). */
  setIndicatorLed(led: shapes.IndicatorLed): void {
    this.#write((processor, time) => processor.indicate(led, time));
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

  gpioConfiguration(): shapes.GpioConfiguration {
    return this.#settings.gpio_configuration;
  }

  setGpioConfiguration(configuration: shapes.GpioConfiguration): void {
    this.#write((_, time) => this.#hardware.board.setGpioConfiguration(configuration, time));
  }

  buttonConfiguration(): number {
    return this.#settings.button_configuration;
  }

  /** Above 4 silently ignored; every other value acts, and is written to the flash (controller-model-2 10). */
  setButtonConfiguration(button_configuration: number): void {
    if (button_configuration <= 4) this.#set({ button_configuration });
  }

  evWakeup(): boolean {
    return this.#settings.ev_wakeup;
  }

  setEvWakeup(ev_wakeup: boolean): void {
    this.#set({ ev_wakeup });
  }

  controlPilotDisconnect(): boolean {
    return this.#lastPoll.pilotDisconnected;
  }

  /** Ignored while it can't be done (controller-model-2 2.9). */
  setControlPilotDisconnect(disconnect: boolean): void {
    this.#write((processor, time) => processor.setPilotDisconnect(disconnect, time));
  }

  phaseAutoSwitch(): boolean {
    return this.#settings.phase_auto_switch;
  }

  setPhaseAutoSwitch(enabled: boolean): void {
    this.#write((_, time) => {
      this.#hardware.board.abilities?.phases.setAutoSwitch(enabled);
      this.#hardware.board.settle(time);
    });
  }

  phasesConnected(): number {
    return this.#lastPoll.phasesConnected;
  }

  /** Anything but 1 and 3 is silently ignored. */
  setPhasesConnected(phases: number): void {
    if (phases !== 1 && phases !== 3) return;
    this.#write((_, time) => {
      this.#hardware.board.abilities?.phases.setConnected(phases);
      this.#hardware.board.settle(time);
    });
  }

  /** A code, not seconds; a board that can't switch phases keeps it and shows 0. */
  phaseSwitchWaitTime(): number {
    return this.#hardware.generation.switchesPhases ? this.#settings.phase_switch_wait_time : 0;
  }

  setPhaseSwitchWaitTime(phase_switch_wait_time: number): void {
    if (phase_switch_wait_time <= 22) this.#set({ phase_switch_wait_time });
  }

  gpOutput(): number {
    return this.#lastPoll.gpOutput;
  }

  /** Until the next power-on or the next write of the whole configuration. */
  setGpOutput(output: number): void {
    this.#write(() => {
      const { abilities } = this.#hardware.board;
      if (abilities) abilities.gpOutput = output;
    });
  }

  triggerDcFaultTest(): void {
    this.#write((processor, time) => processor.triggerDcTest(time));
  }

  /** With any but the right password nothing happens. */
  resetDcFault(password: number): void {
    this.#write((processor, time) => processor.resetDcFault(password, time));
  }

  setEebusEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.setEebusEnabled(enabled, time));
  }

  setP14aEnwgEnabled(enabled: boolean): void {
    this.#write((processor, time) => processor.setP14aEnwgEnabled(enabled, time));
  }

  /** `power_manager/state`. */
  powerManagerState(): shapes.PowerManagerState {
    return { config_error_flags: 0, external_control: this.#processor.phaseRequests.state };
  }

  /** `power_manager/low_level_state`. */
  isThreePhase(): boolean {
    return this.#lastPoll.phasesCurrent === 3;
  }

  /** `power_manager/external_control`. */
  phasesWanted(): number {
    return this.#processor.phaseRequests.phasesWanted;
  }

  /** The text of a refusal, or undefined. */
  setPhasesWanted(phases: number): string | undefined {
    const { phaseRequests, isManaged, lastPoll } = this.#processor;
    const refusal = phaseRequests.request(phases, isManaged, lastPoll, this.#time);
    this.#hardware.show(this.#time);
    return refusal;
  }

  /** Holds an NFC tag to the reader. */
  holdTag(tag: shapes.TagInput): void {
    this.#write((processor, time) => processor.tags.hold(tag, time));
  }

  /** `nfc/inject_tag`, `_start` and `_stop`: as if the tag had been seen. */
  injectTag(tag: shapes.NfcTag, wants: 'both' | 'start' | 'stop'): void {
    this.#write((processor, time) => processor.tags.inject(tag, wants, processor.lastPoll, time));
  }

  dcSensor(): shapes.DcSensorState {
    return this.#hardware.sensor.state;
  }

  setDcSensor(sensor: shapes.DcSensorState): void {
    this.#hardware.setSensor(sensor, this.#time);
  }

  inputs(): shapes.InputState {
    return this.#hardware.inputs.state;
  }

  setInputs(inputs: shapes.InputState): void {
    this.#hardware.setInputs(inputs, this.#time);
  }

  temperature(): shapes.TemperatureState {
    return this.#hardware.thermometer.state;
  }

  setTemperature(temperature: shapes.TemperatureState): void {
    this.#hardware.setTemperature(temperature, this.#time);
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
    this.#processor = new ModelProcessor(
      this.#hardware.board,
      this.#meter,
      this.#hardware.generation,
      this.#time,
    );
  }

  /** Forgets all settings 500 ms from now, but not in the boot phase, and restarts (controller-model 9; 17, D13). */
  factoryReset(): void {
    this.#hardware.factoryReset(this.#time);
  }

  get #nextEvent(): number {
    return Math.min(this.#hardware.dueAt, this.#processor.dueAt);
  }

  /** energy_meter_type: 0 until the board has read the meter once. */
  get #meterType(): number {
    const { generation, board } = this.#hardware;
    const known = this.#meter.present && this.#time >= board.boot + METER_KNOWN_AFTER_MS;
    return known ? (generation.meterType ?? 0) : 0;
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

  get #settings(): FlashImage {
    const { settings } = this.#lastPoll;
    if (!settings) throw new Error('no poll yet');
    return settings;
  }

  /** Writes to the flash, equal values too. */
  #set(items: Partial<FlashImage>): void {
    this.#write((_, time) => {
      this.#hardware.flash.write(items);
      this.#hardware.board.settle(time);
    });
  }

  #write(act: (processor: ModelProcessor, time: number) => void): void {
    act(this.#processor, this.#time);
    this.#hardware.show(this.#time);
  }
}
