import type { LowLevelState } from '../api-types.js';
import { Random } from '../random.js';
import type { BoardContext, LowLevelPicture } from './assembly.js';
import type { BlockPilot } from './block-pilot.js';
import type { Button } from './button.js';
import type { ChargingTime } from './charging-time.js';
import type { Contactor } from './contactor.js';
import type { DcFaultMonitor } from './dc-fault-monitor.js';
import type { Iec61851 } from './iec61851.js';
import type { Led } from './led.js';
import { sampledHigh } from './led-brightness.js';
import type { Phases } from './phases.js';
import type { PilotRelay } from './pilot-relay.js';
import { cpOhms, cpVoltage, OPEN_READING_OHM, plus12Voltage, ppVoltage } from './two-level-circuit.js';

/** What the lines of the board are derived from. */
export interface GpioPicture {
  readonly pressed: boolean;
  readonly pwm: boolean;
  readonly closed: boolean;
  readonly relayOpen: boolean;
  /** The line that starts a test of the sensor; true = at rest. */
  readonly testLine: boolean;
  /** Lines of the sensor as bits: X6, X30, ERR. */
  readonly dcPins: number;
  readonly shutdownOpen: boolean;
  readonly inputOpen: boolean;
  readonly outputGrounded: boolean;
  readonly phases: number;
  /** The auxiliary contacts. */
  readonly first: boolean;
  readonly second: boolean;
  /** The level of an alternating line, by its number, at this moment. */
  readonly either: (line: number) => boolean;
}

interface PicturedParts {
  readonly context: BoardContext;
  readonly pilot: BlockPilot;
  readonly relay: PilotRelay;
  readonly contactor: Contactor;
  readonly led: Led;
  readonly button: Button;
  readonly chargingTime: ChargingTime;
  readonly iec61851: Iec61851;
  readonly dc: DcFaultMonitor;
  readonly phases: Phases;
  readonly gpOutput: number;
}

/** low_level_state of a board that reads both halves of its signal (controller-model-2 9). */
export class BlockPicture implements LowLevelPicture {
  #uptime = 0;
  #ledState = 0;
  #duty = 0;
  #steps: readonly number[] = [];
  #resistance = 0;
  #ppResistance = 0;
  /** The number of the reading; the noise depends on it. */
  #reading = 0;
  #chargingTime = 0;
  #sinceChange = 0;
  #sinceTest = 0;
  #temperature = 0;
  #phases: readonly [current: number, requested: number, state: number, info: number] = [3, 3, 0, 0];
  #dcPins = 0;
  #sensorType = 0;
  #look: Omit<GpioPicture, 'either'> | undefined;
  readonly #parts: PicturedParts;
  readonly #gpio: (picture: GpioPicture) => boolean[];

  constructor(parts: PicturedParts, gpio: (picture: GpioPicture) => boolean[]) {
    this.#parts = parts;
    this.#gpio = gpio;
  }

  capture(time: number): void {
    const { context, pilot, relay, led, chargingTime, iec61851, dc, phases } = this.#parts;
    this.#uptime = context.uptimeAt(time);
    this.#ledState = led.state;
    this.#duty = pilot.duty;
    if (!relay.open) {
      const { high, highAfter, low, lowAfter, pp, plus12, minus12 } = pilot;
      this.#steps = [high, highAfter, low, lowAfter, pp, plus12, minus12];
      this.#resistance = pilot.resistance;
      this.#ppResistance = pilot.ppResistance;
      this.#reading = pilot.readingsAfter(0, time);
    }
    this.#chargingTime = chargingTime.read(time);
    this.#sinceChange = (this.#uptime - context.uptimeAt(Math.min(iec61851.changedAt, time))) >>> 0;
    this.#sinceTest = Math.floor(time - (dc.testStartedAt ?? context.boot)) >>> 0;
    this.#temperature = context.around.thermometer.read(time);
    this.#phases = [phases.current, phases.requested, phases.state, phases.info];
    this.#dcPins = dc.pins;
    this.#sensorType = dc.sensorType;
    this.#look = this.#lines(time);
  }

  show(): LowLevelState {
    const [high = 0, after = 0, low = 0, lowAfter = 0, pp = 0, plus12 = 0, minus12 = 0] = this.#noisy();
    const [phases_current, phases_requested, phases_state, phases_info] = this.#phases;
    const open = this.#resistance === OPEN_READING_OHM;
    return {
      led_state: this.#ledState,
      cp_pwm_duty_cycle: this.#duty,
      adc_values: [high, after, low, lowAfter, pp, plus12, minus12],
      voltages: [
        ...[high, after, low, lowAfter].map((step) => (this.#reading === 0 ? 0 : cpVoltage(step))),
        ppVoltage(pp),
        plus12Voltage(plus12),
        minus12 === 0 ? 0 : cpVoltage(minus12),
      ],
      resistances: [open ? OPEN_READING_OHM : cpOhms(cpVoltage(high), cpVoltage(after)), this.#ppResistance],
      gpio: this.#look ? this.#gpio({ ...this.#look, either: (line) => this.#either(line) }) : [],
      charging_time: this.#chargingTime,
      time_since_state_change: this.#sinceChange,
      uptime: this.#uptime,
      time_since_dc_fault_check: this.#sinceTest,
      temperature: this.#temperature,
      phases_current,
      phases_requested,
      phases_state,
      phases_info,
      dc_fault_pins: this.#dcPins,
      dc_fault_sensor_type: this.#sensorType,
    };
  }

  /** The levels with noise: that after the resistor, which decides the resistance, varies by a step or so. */
  #noisy(): readonly number[] {
    const { seed } = this.#parts.context.around;
    const [high = 0, after = 0, ...rest] = this.#steps;
    if (seed === undefined || after === high) return this.#steps;
    const random = new Random(seed + this.#reading);
    return [high, after + Math.round(random.normal(1)), ...rest];
  }

  #either(line: number): boolean {
    return sampledHigh(0.5, this.#uptime * 32 + line);
  }

  #lines(time: number): Omit<GpioPicture, 'either'> {
    const { context, pilot, relay, contactor, button, dc, phases, gpOutput } = this.#parts;
    const { supply, sensor, inputs } = context.around;
    const { x6, x30, error } = sensor.lines;
    const { first, second } = supply.auxiliary;
    return {
      pressed: button.raw,
      pwm: pilot.pwm,
      closed: contactor.closed,
      relayOpen: relay.open,
      testLine: dc.isTestLineHigh(time),
      dcPins: (x6 ? 1 : 0) + (x30 ? 2 : 0) + (error ? 4 : 0),
      shutdownOpen: inputs.state.shutdown === 'open',
      inputOpen: inputs.state.gp === 'open',
      outputGrounded: gpOutput === 0,
      phases: phases.current,
      first,
      second,
    };
  }
}
