import type { LowLevelState } from '../api-types.js';
import type { BoardParts, LowLevelPicture } from './assembly.js';
import { ppMillivolts } from './circuit.js';
import { brightness, LedLook, sampledHigh } from './led-brightness.js';
import type { MeanPilot } from './mean-pilot.js';

type PicturedParts = Pick<BoardParts, 'contactor' | 'led' | 'chargingTime' | 'iec61851' | 'button'> & {
  readonly pilot: MeanPilot;
  uptimeAt(time: number): number;
};

/**
 * low_level_state of a board that reads means: the voltages are those of the last readings, the resistances the means
 * of four (controller-model 8; 17, D17).
 */
export class MeanPicture implements LowLevelPicture {
  #time = 0;
  #uptime = 0;
  #raw = 0;
  #voltage = 0;
  #high = 0;
  #duty = 0;
  #resistance = 0;
  #ppReading = 0;
  #ppResistance = 0;
  #input = false;
  #closed = false;
  #chargingTime = 0;
  #sinceChange = 0;
  readonly #led = new LedLook();
  readonly #parts: PicturedParts;

  constructor(parts: PicturedParts) {
    this.#parts = parts;
  }

  capture(time: number): void {
    const { pilot, contactor, led, button, chargingTime, iec61851 } = this.#parts;
    this.#time = time;
    this.#uptime = this.#parts.uptimeAt(time);
    this.#raw = pilot.reading.raw;
    this.#voltage = pilot.reading.voltage;
    this.#high = pilot.reading.high;
    this.#duty = pilot.duty;
    this.#resistance = pilot.resistance;
    this.#ppReading = pilot.ppReading;
    this.#ppResistance = pilot.ppResistance;
    this.#input = button.raw;
    this.#closed = contactor.closed;
    this.#chargingTime = chargingTime.read(time);
    const changedAt = this.#parts.uptimeAt(Math.min(iec61851.changedAt, time));
    this.#sinceChange = (this.#uptime - changedAt) >>> 0;
    this.#led.capture(led);
  }

  show(): LowLevelState {
    const lit = sampledHigh(brightness(this.#led, this.#time), this.#uptime);
    return {
      led_state: this.#led.state,
      cp_pwm_duty_cycle: this.#duty,
      adc_values: [this.#raw, this.#ppReading],
      voltages: [this.#voltage, ppMillivolts(this.#ppReading), this.#high],
      resistances: [this.#resistance, this.#ppResistance],
      gpio: [this.#input, lit, !lit, this.#closed, true],
      charging_time: this.#chargingTime,
      time_since_state_change: this.#sinceChange,
      uptime: this.#uptime,
      // This board can't switch phases (controller-model 17, E10).
      phases_current: 3,
      phases_requested: 3,
      phases_state: 0,
      phases_info: 0,
    };
  }
}
