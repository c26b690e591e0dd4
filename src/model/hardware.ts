import type { DcSensorState, InputState, SupplyState, TemperatureState, VehicleState } from './api-types.js';
import type { Surroundings } from './board/assembly.js';
import { Board } from './board/board.js';
import type { ChargingTimeForm } from './board/charging-time.js';
import { Flash } from './board/flash.js';
import type { GenerationModel } from './generation.js';
import { generationOf } from './generations/index.js';
import type { ModelType } from './generations/model-type.js';
import { type QuirkChoice, quirks } from './quirks.js';
import { InputLines } from './world/input-lines.js';
import { LeakageSensor } from './world/leakage-sensor.js';
import { PhaseMeter } from './world/phase-meter.js';
import { Supply } from './world/supply.js';
import { Thermometer } from './world/thermometer.js';
import { Vehicle } from './world/vehicle.js';

export interface HardwareOptions {
  /** Which charger it is; default: a WARP1. */
  readonly type?: ModelType;
  /** Rating of the supply cable, 0..8; 7 and 8 make charging impossible. Default 6 (32 A). */
  readonly jumper?: number;
  /** Meaning of a WARP1's low_level_state.charging_time; default 'milliseconds' as in the public API text. */
  readonly chargingTime?: ChargingTimeForm;
  readonly quirks?: QuirkChoice;
  /** The `flash.image` of an earlier run, parsed from JSON. */
  readonly flash?: unknown;
  /** Seed of the random numbers for noise and reaction times. Default 1. */
  readonly seed?: number;
  /** False gives the ideal circuit: exact readings and the same reaction times every time. Default true. */
  readonly noise?: boolean;
  /** Where the uptime counter starts at the first power-on, ms; to try its wrap at 2^32. Default 0. */
  readonly uptime?: number;
  /** False is a charger without an energy meter. Default true. */
  readonly meter?: boolean;
}

/** Between a factory reset and the restart (controller-model 9). */
const RESET_DELAY_MS = 500;
const NEVER = Number.POSITIVE_INFINITY;

/** The charge controller's board with all that is connected to it, but without the network processor. */
export class ChargerHardware {
  readonly generation: GenerationModel;
  readonly flash: Flash;
  readonly supply: Supply;
  readonly vehicle: Vehicle;
  readonly sensor: LeakageSensor;
  readonly inputs = new InputLines();
  readonly thermometer: Thermometer;
  readonly #around: Omit<Surroundings, 'uptime'>;
  #board: Board;
  #pressed = false;
  #resetAt = NEVER;

  /** Power-on at time 0. */
  constructor(options: HardwareOptions) {
    const { seed = 1, noise = true, jumper = 6, meter = true } = options;
    const generation = generationOf(options.type);
    const oddities = quirks(options.quirks ?? 'default');
    this.generation = generation;
    this.flash = new Flash(options.flash, generation.factory);
    this.supply = new Supply(generation.supply);
    this.vehicle = new Vehicle(seed, noise, generation.hasNoisyLoad, oddities);
    this.sensor = new LeakageSensor(generation.sensor);
    this.thermometer = new Thermometer((time) => this.vehicle.current(0, time));
    this.#around = {
      jumper,
      chargingTime: options.chargingTime ?? 'milliseconds',
      quirks: oddities,
      flash: this.flash,
      supply: this.supply,
      pilotSource: this.vehicle,
      sensor: this.sensor,
      inputs: this.inputs,
      meter: new PhaseMeter(meter, this.vehicle, this.supply),
      thermometer: this.thermometer,
      seed: noise ? seed : undefined,
    };
    this.#board = this.#newBoard(0, options.uptime);
  }

  /** The board in its present life; a restart makes a new one. */
  get board(): Board {
    return this.#board;
  }

  /** When something happens next by itself; ms. */
  get dueAt(): number {
    const { dueAt, watchdogAt } = this.#board;
    return Math.min(dueAt, watchdogAt, this.vehicle.dueAt, this.supply.dueAt, this.#resetAt);
  }

  /** The finger on the button, or the key switch. */
  get pressed(): boolean {
    return this.#pressed;
  }

  /** Does what is due at `time`: supply, vehicle, board, as each sees the one before. True if the board restarted. */
  run(time: number): boolean {
    const resets = this.#resetAt <= time;
    const restarts = resets || this.#board.watchdogAt <= time;
    if (resets) this.flash.reset();
    if (restarts) this.powerCycle(time);
    if (this.supply.dueAt <= time) {
      this.supply.run(time);
      this.#board.contactsMoved(time);
    }
    if (this.vehicle.dueAt <= time) {
      this.vehicle.run(time);
      this.#board.lineChanged(time);
    }
    if (this.#board.dueAt <= time) this.#board.run(time);
    this.show(time);
    return restarts;
  }

  /** Shows the vehicle the signal and the voltage; to be called after every write to the board. */
  show(time: number): void {
    const { pilotConnected, pilot } = this.#board;
    const seen = this.vehicle.observe(pilotConnected, pilot.physicalDuty, this.supply.liveAfter, time);
    if (seen) this.#board.lineChanged(time);
  }

  setButton(pressed: boolean, time: number): void {
    this.#pressed = pressed;
    this.#board.setButton(pressed, time);
    this.show(time);
  }

  setSupply(state: SupplyState, time: number): void {
    this.supply.set(state, time);
    this.#board.contactsMoved(time);
    this.show(time);
  }

  setVehicle(state: VehicleState, time: number): void {
    this.vehicle.set(state, time);
    this.#board.lineChanged(time);
    this.show(time);
  }

  setSensor(state: DcSensorState, time: number): void {
    this.sensor.set(state, time);
    this.#board.settle(time);
    this.show(time);
  }

  setInputs(state: InputState, time: number): void {
    this.inputs.state = { ...state };
    this.#board.settle(time);
    this.show(time);
  }

  setTemperature(state: TemperatureState, time: number): void {
    this.thermometer.set(state, time);
  }

  /** Off and on again: everything but the flash is forgotten. The vehicle stays plugged, a held button held. */
  powerCycle(time: number): void {
    this.#resetAt = NEVER;
    this.#board = this.#newBoard(time);
    this.show(time);
  }

  /** Forgets all settings 500 ms from now, but not in the boot phase, and restarts (controller-model 9; 17, D13). */
  factoryReset(time: number): void {
    this.#resetAt = Math.max(time + RESET_DELAY_MS, this.#board.evaluationStart);
  }

  #newBoard(time: number, uptime = 0): Board {
    return new Board(time, this.#pressed, { ...this.#around, uptime }, this.generation.assemble);
  }
}
