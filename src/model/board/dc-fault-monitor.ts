import type { LeakageSensor } from '../world/leakage-sensor.js';
import type { Alarm } from './alarm.js';
import type { ContactorListener } from './contactor.js';

// controller-model-2 7.1 and 7.2.
const BLIND_AFTER_SWITCH_MS = 1000;
const LINE_STABLE_MS = 50;
const TEST_LOW_MS = 250;
const TEST_KIND_MS = 2050;
const TEST_MS = 3250;
const DAY_MS = 24 * 3_600_000;
const NEVER = Number.POSITIVE_INFINITY;

/** dc_fault_current_state. */
const OK = 0;
const UNKNOWN = 3;
const CALIBRATION = 4;
/** dc_fault_current_state by the kind of sensor, then by its lines X6, X30 and ERR as bits 0 to 2; else UNKNOWN. */
const FAULTS: Readonly<Record<0 | 1, Readonly<Record<number, number>>>> = {
  0: { 3: 1, 7: 2 },
  1: { 1: 1, 2: 5, 3: 6, 7: 2 },
};
/** This number is no secret: the vendor documents it. */
const RESET_PASSWORD = 0xdc42fa23;
const ALL_GOOD = 7;

export interface DcFaultOptions {
  readonly start: number;
  readonly sensor: LeakageSensor;
  readonly alarm: Alarm;
  /** R4: the kind of sensor is known only after the first test. */
  readonly learnsKind: boolean;
  /** A fault: the contactor opens at once. */
  readonly tripped: (time: number) => void;
  /** A test was passed. */
  readonly passed: (time: number) => void;
}

/** Detects residual currents with a closed contactor, and tests the sensor with an open one (controller-model-2 7). */
export class DcFaultMonitor implements ContactorListener {
  /** dc_fault_current_state. */
  state = OK;
  /** dc_fault_pins. */
  pins = 0;
  /** dc_fault_sensor_type: 0 X904, 1 X804. */
  sensorType: 0 | 1;
  testStartedAt: number | undefined;
  testing = false;
  #requested = false;
  #closed = false;
  #switchedAt = Number.NEGATIVE_INFINITY;
  readonly #options: DcFaultOptions;

  constructor(options: DcFaultOptions) {
    this.#options = options;
    this.sensorType = options.learnsKind ? 0 : kindOf(options.sensor);
  }

  /** The line to the sensor that starts its test; true = at rest. */
  isTestLineHigh(time: number): boolean {
    return !this.testing || time >= (this.testStartedAt ?? 0) + TEST_LOW_MS;
  }

  contactorSwitched(time: number, closed: boolean): void {
    this.#closed = closed;
    this.#switchedAt = time;
  }

  request(): void {
    this.#requested = true;
  }

  /** evse/trigger_dc_fault_test: starts only if it can do so at once. */
  trigger(canTest: boolean): void {
    if (canTest && !this.testing && this.state === OK) this.#requested = true;
  }

  /** evse/reset_dc_fault_current_state; true with the right password. */
  reset(password: number): boolean {
    if (password !== RESET_PASSWORD) return false;
    this.state = OK;
    this.pins = 0;
    this.testing = false;
    this.#requested = true;
    return true;
  }

  /** After each evaluation; `canTest`: no vehicle, and the contactor is open. True if something was decided. */
  run(canTest: boolean, time: number): boolean {
    if (this.state !== OK) return false;
    if (this.testing) return this.#test(time);
    const dailyAt = (this.testStartedAt ?? NEVER) + DAY_MS;
    if (time >= dailyAt) this.#requested = true;
    else this.#options.alarm.wakeAt(dailyAt);
    if (this.#requested && canTest) {
      this.#requested = false;
      this.testing = true;
      this.testStartedAt = time;
      this.#options.alarm.wakeAt(time + TEST_MS);
      return true;
    }
    return this.#detect(time);
  }

  #test(time: number): boolean {
    const { sensor, alarm, passed } = this.#options;
    const started = this.testStartedAt ?? time;
    if (time >= started + TEST_KIND_MS) this.sensorType = kindOf(sensor);
    const ends = started + TEST_MS;
    if (time < ends) {
      alarm.wakeAt(ends);
      return false;
    }
    this.testing = false;
    if (sensor.testResult === ALL_GOOD) {
      passed(time);
    } else {
      this.state = CALIBRATION;
      this.pins = sensor.testResult;
    }
    return true;
  }

  #detect(time: number): boolean {
    const { sensor, alarm, tripped } = this.#options;
    const { x6, x30, error } = sensor.lines;
    const lines = (x6 ? 1 : 0) + (x30 ? 2 : 0) + (error ? 4 : 0);
    if (!this.#closed || lines === 0) return false;
    const seenAt = Math.max(this.#switchedAt + BLIND_AFTER_SWITCH_MS, sensor.changedAt + LINE_STABLE_MS);
    if (time < seenAt) {
      alarm.wakeAt(seenAt);
      return false;
    }
    this.state = FAULTS[this.sensorType][lines] ?? UNKNOWN;
    this.pins = lines;
    tripped(time);
    return true;
  }
}

function kindOf(sensor: LeakageSensor): 0 | 1 {
  return sensor.kind === 'X804' ? 1 : 0;
}
