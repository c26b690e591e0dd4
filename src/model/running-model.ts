import type { HardwareConfiguration } from './api-types.js';
import type { ChargerHardware } from './hardware.js';
import { ModelProcessor } from './processor/processor.js';
import { Meter } from './world/energy-meter.js';

/** The board has read its meter once by then (controller-model-2 16, point 8). */
const METER_KNOWN_AFTER_MS = 10_000;

/** The charger as it runs: the hardware, the network processor in its present life, and the time. */
export class RunningModel {
  readonly hardware: ChargerHardware;
  readonly meter: Meter;
  /** When the last event was, or the last call of tick(); ms since power-on. */
  time = 0;
  #earlierPolls = 0;
  #processor: ModelProcessor;

  constructor(hardware: ChargerHardware, hasMeter: boolean, seed: number | undefined) {
    const { vehicle, supply, flash } = hardware;
    this.hardware = hardware;
    this.meter = new Meter(hasMeter, vehicle, supply, flash, seed);
    this.#processor = this.#newProcessor();
  }

  get processor(): ModelProcessor {
    return this.#processor;
  }

  /** How often the values that the API shows have been refreshed. */
  get polls(): number {
    return this.#earlierPolls + this.#processor.polls;
  }

  /** When something happens next by itself; ms since power-on. */
  get nextEvent(): number {
    return Math.min(this.hardware.dueAt, this.#processor.dueAt);
  }

  /** Does what is due at `time`: board and world, then the network processor. True if the board restarted. */
  happen(time: number): boolean {
    this.time = time;
    if (this.hardware.dueAt <= time && this.hardware.run(time)) return true;
    if (this.#processor.dueAt <= time) {
      this.#processor.run(time);
      this.hardware.show(time);
    }
    return false;
  }

  /** Runs `act` at the present time, then shows the vehicle the result. */
  write(act: (processor: ModelProcessor, time: number) => void): void {
    act(this.#processor, this.time);
    this.hardware.show(this.time);
  }

  /** `evse/hardware_configuration`; `evseVersion` is what is set for a WARP1. */
  hardwareConfiguration(evseVersion: number | undefined): HardwareConfiguration {
    const { generation, board } = this.hardware;
    // The setting has a value for every type, but means something for a WARP1 only.
    const chosen = generation.evseVersion < 20 ? evseVersion : undefined;
    const common = {
      jumper_configuration: board.jumper,
      has_lock_switch: false,
      evse_version: chosen ?? generation.evseVersion,
    };
    const { meterType } = generation;
    if (meterType === undefined) return common;
    const isKnown = this.meter.present && this.time >= board.boot + METER_KNOWN_AFTER_MS;
    return { ...common, energy_meter_type: isKnown ? meterType : 0 };
  }

  /** Restarts the network processor alone. */
  restartProcessor(): void {
    this.#earlierPolls = this.polls;
    this.#processor = this.#newProcessor();
  }

  #newProcessor(): ModelProcessor {
    return new ModelProcessor(this.hardware.board, this.meter, this.hardware.generation, this.time);
  }
}
