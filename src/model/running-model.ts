import type { ChargerHardware } from './hardware.js';
import { ModelProcessor } from './processor/processor.js';
import { Meter } from './world/energy-meter.js';

/** The charger as it runs: the hardware, the network processor in its present life, and the time. */
export class RunningModel {
  readonly hardware: ChargerHardware;
  readonly meter: Meter;
  /** When the last event was, or the last call of tick(); ms since power-on. */
  time = 0;
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

  /** When something happens next by itself; ms since power-on. */
  get nextEvent(): number {
    return Math.min(this.hardware.dueAt, this.#processor.dueAt);
  }

  /** Board and world, then the network processor at `time`; true if the board restarted. */
  happen(time: number): boolean {
    this.time = time;
    if (this.hardware.dueAt <= time && this.hardware.run(time)) return true;
    if (this.#processor.dueAt <= time) {
      this.#processor.run(time);
      this.hardware.show(time);
    }
    return false;
  }

  /** Does something now, and lets the vehicle see what comes of it. */
  write(act: (processor: ModelProcessor, time: number) => void): void {
    act(this.#processor, this.time);
    this.hardware.show(this.time);
  }

  /** Restarts the network processor alone. */
  restartProcessor(): void {
    this.#processor = this.#newProcessor();
  }

  #newProcessor(): ModelProcessor {
    return new ModelProcessor(this.hardware.board, this.meter, this.hardware.generation, this.time);
  }
}
