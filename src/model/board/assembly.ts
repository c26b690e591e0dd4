import type { LowLevelState } from '../api-types.js';
import type { Quirks } from '../quirks.js';
import type { InputLines } from '../world/input-lines.js';
import type { LeakageSensor } from '../world/leakage-sensor.js';
import type { PhaseMeter } from '../world/phase-meter.js';
import type { Supply } from '../world/supply.js';
import type { Thermometer } from '../world/thermometer.js';
import type { Alarm } from './alarm.js';
import type { Button } from './button.js';
import type { ChargingTime, ChargingTimeForm } from './charging-time.js';
import type { Contactor } from './contactor.js';
import type { Flash } from './flash.js';
import type { Iec61851 } from './iec61851.js';
import type { Led } from './led.js';
import type { Monitor } from './monitor.js';
import type { Phases } from './phases.js';
import type { Pilot, PilotSource } from './pilot.js';
import type { Slots } from './slots.js';

/** What a board is connected to, and how it is set up. */
export interface Surroundings {
  readonly jumper: number;
  /** What the uptime counter starts with; ms. */
  readonly uptime: number;
  readonly chargingTime: ChargingTimeForm;
  readonly quirks: Quirks;
  readonly flash: Flash;
  readonly supply: Supply;
  readonly pilotSource: PilotSource;
  readonly sensor: LeakageSensor;
  readonly inputs: InputLines;
  readonly meter: PhaseMeter;
  readonly thermometer: Thermometer;
  /** Seed of the noise in the readings that are shown; undefined: no noise. */
  readonly seed: number | undefined;
}

/** What the parts of one board may use. */
export interface BoardContext {
  readonly around: Surroundings;
  /** When the power came on; ms. */
  readonly boot: number;
  readonly alarm: Alarm;
  /** The uptime counter: ms since power-on, modulo 2^32. */
  uptimeAt(time: number): number;
}

/** What the front button means on this board. */
export interface ButtonRules {
  /** button_pressed. */
  readonly pressed: boolean;
  /** While true, a write of a current to slot 4 has no effect (controller-model 1.3). */
  readonly guardsRelease: boolean;
  /** A press or a release was stable for long enough. */
  accepted(time: number): void;
  /** Slot 4 was set to 0 by a write of its current alone. */
  stopped(): void;
  /** To be called after each evaluation. */
  evaluated(time: number): void;
}

/** What low_level_state shows of one moment. It is put into the API's shape only if somebody asks for it. */
export interface LowLevelPicture {
  capture(time: number): void;
  show(): LowLevelState;
}

/** What only later boards have: a relay in the control pilot, a residual current sensor, inputs, phases to switch. */
export interface BoardAbilities {
  readonly phases: Phases;
  /** control_pilot_disconnect. */
  readonly pilotDisconnected: boolean;
  /** gp_output. */
  gpOutput: number;
  setPilotDisconnect(disconnect: boolean, time: number): void;
  triggerDcTest(): void;
  resetDcFault(password: number, time: number): void;
}

/** The parts of a board, and how they work together. */
export interface BoardParts {
  /** When the board's program begins, ms; before that the board does nothing. */
  readonly start: number;
  /** When the control pilot is evaluated for the first time. */
  readonly evaluationStart: number;
  readonly slots: Slots;
  readonly pilot: Pilot;
  readonly contactor: Contactor;
  readonly monitor: Monitor;
  readonly button: Button;
  readonly buttonRules: ButtonRules;
  readonly led: Led;
  readonly chargingTime: ChargingTime;
  readonly iec61851: Iec61851;
  /** Slots that the board itself writes at every evaluation: what others write to them is lost at once. */
  readonly ruledSlots: readonly number[];
  /** Whether the control pilot is connected to the vehicle. */
  readonly pilotConnected: boolean;
  /** Decides about the state, and puts out its signal and its command to the contactor. */
  evaluate(time: number): void;
  /** What comes after an evaluation; true if something changed that has to be evaluated. */
  follow(time: number): boolean;
  /** dc_fault_current_state, where there is such a thing. */
  readonly dcFaultState: number | undefined;
  readonly abilities: BoardAbilities | undefined;
  /** Makes an empty picture of low_level_state, for capture() again and again. */
  newPicture(): LowLevelPicture;
}

/** How a generation builds its boards. */
export type Assemble = (context: BoardContext) => BoardParts;
