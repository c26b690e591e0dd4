import { StepMean } from '../step-mean.js';
import { BlockClock } from './block-clock.js';
import type { ContactorListener } from './contactor.js';
import { dutyOnWire, isPwm, reportedDuty, STATE_F_COUNTS, STEADY_COUNTS } from './fractional-duty.js';
import type { Pilot, PilotSource } from './pilot.js';
import { type PilotRelay, RECONNECTING_MS } from './pilot-relay.js';
import type { Slots } from './slots.js';
import {
  cpOhms,
  cpStep,
  cpVoltage,
  highAfter,
  lowAfter,
  OPEN_READING_OHM,
  type PilotLevels,
  ppOhms,
  ppStep,
  ppVoltage,
} from './two-level-circuit.js';

// A block is 25 results: one per ms and channel under PWM, two without (controller-model-2 3).
const PWM_BLOCK_MS = 25;
const STEADY_BLOCK_MS = 12.5;
/** From the start of the program to the first reading. */
const FIRST_READING_MS = 30;
// Readings that are ignored after a change (controller-model-2 3).
const IGNORED_AFTER_SWITCH = 8;
const IGNORED_AFTER_DUTY = 22;
const IGNORED_AFTER_RECONNECT = 1;
/** After this many blocks every channel shows a change; the last is the low half, which is shown one block late. */
const BLOCKS_UNTIL_STEADY = 5;

export interface BlockPilotOptions {
  readonly start: number;
  readonly boost: boolean;
  readonly levels: PilotLevels;
  readonly source: PilotSource;
  readonly relay: PilotRelay;
  readonly slots: Slots;
}

/** A control pilot that is read in blocks: both halves of its signal, without a mean (controller-model-2 3). */
export class BlockPilot implements Pilot, ContactorListener {
  /** The last reading in ohms. */
  resistance = OPEN_READING_OHM;
  /** The cable's resistor as read, ohms. */
  ppResistance = OPEN_READING_OHM;
  /** The last readings in steps of the converter, 0 before the first one. */
  high = 0;
  highAfter = 0;
  low = 0;
  lowAfter = 0;
  pp = 0;
  plus12 = 0;
  minus12 = 0;
  /** How often the low half has been read. */
  lowReadings = 0;
  boost: boolean;
  /** The present signal, in steps of the signal generator. */
  counts = STEADY_COUNTS;
  readonly #clock: BlockClock;
  readonly #options: BlockPilotOptions;
  readonly #highMean: StepMean;
  readonly #lowMean: StepMean;
  /** The low half of the block before, which is shown one block late. */
  #lowPending = 0;
  #ignoredTo = 0;
  /** Blocks without a reading, including those to come that are known to give none. */
  #skipped = 0;
  #pwmSince = Number.POSITIVE_INFINITY;
  /** Each block up to this one is an event. The blocks after it have the same readings, until something changes. */
  #restlessTo: number;
  #wanted = Number.POSITIVE_INFINITY;
  #restartAt = Number.POSITIVE_INFINITY;

  constructor(options: BlockPilotOptions) {
    const { start, boost, source, levels } = options;
    this.#options = options;
    this.boost = boost;
    this.#clock = new BlockClock(start + FIRST_READING_MS - STEADY_BLOCK_MS, STEADY_BLOCK_MS);
    const load = source.load(start);
    this.#highMean = new StepMean(highAfter(levels, load, source.diode), start);
    this.#lowMean = new StepMean(lowAfter(levels, load, source.diode), start);
    this.#restlessTo = BLOCKS_UNTIL_STEADY;
  }

  get duty(): number {
    return reportedDuty(this.counts);
  }

  get physicalDuty(): number {
    return dutyOnWire(this.counts, this.boost);
  }

  get pwm(): boolean {
    return isPwm(this.counts);
  }

  get dueAt(): number {
    const clock = this.#clock;
    const end = clock.count < this.#restlessTo ? clock.endsAt : clock.timeOf(this.#wanted);
    return Math.min(end, this.#restartAt);
  }

  /** Whether readings are ignored at `time`. */
  isBlanked(time: number): boolean {
    this.#clock.sync(time);
    return this.#clock.count < this.#ignoredTo;
  }

  /** Whether the last block gave a reading that counts. */
  isFresh(time: number): boolean {
    this.#clock.sync(time);
    return this.#clock.count > this.#ignoredTo;
  }

  /** How many readings there will be when `full` further whole ones have been taken. */
  readingsAfter(full: number, time: number): number {
    const counted = this.#clock.after(full, time) - this.#skipped;
    return counted + Math.max(0, this.#ignoredTo - this.#clock.count);
  }

  /** Whether `readings` have been taken; if not, there will be an evaluation when they have. */
  hasTaken(readings: number, time: number): boolean {
    this.#clock.sync(time);
    const count = readings + this.#skipped;
    if (Math.max(this.#clock.count, this.#ignoredTo) >= count) return true;
    this.#wanted = Math.min(this.#wanted, count);
    return false;
  }

  /** To be called before each evaluation, which then says again which readings it waits for. */
  forgetWanted(): void {
    this.#wanted = this.#clock.count < this.#ignoredTo ? this.#ignoredTo : Number.POSITIVE_INFINITY;
  }

  run(time: number): boolean {
    if (this.#restartAt <= time) this.#begin(time);
    const clock = this.#clock;
    if (clock.count >= this.#restlessTo) clock.sync(time);
    while (clock.count < this.#restlessTo && clock.endsAt <= time) this.#endBlock();
    return true;
  }

  lineChanged(time: number): void {
    const { source, levels, relay } = this.#options;
    if (relay.open) return;
    const load = source.load(time);
    this.#wake(time);
    this.#highMean.set(highAfter(levels, load, source.diode), time);
    this.#lowMean.set(lowAfter(levels, load, source.diode), time);
  }

  /** Sets the signal. From one PWM signal to another, readings are ignored for a while. */
  signal(counts: number, time: number): void {
    const before = this.counts;
    if (counts === before) return;
    this.#wake(time);
    this.counts = counts;
    if (isPwm(before) && isPwm(counts)) this.#ignore(IGNORED_AFTER_DUTY, time);
    if (isPwm(counts) !== isPwm(before)) {
      this.#clock.setPeriod(isPwm(counts) ? PWM_BLOCK_MS : STEADY_BLOCK_MS, time);
      this.#pwmSince = time;
      this.#highMean.restart(this.#clock.startedAt);
      this.#lowMean.restart(this.#clock.startedAt);
    }
  }

  contactorSwitched(time: number): void {
    this.#ignore(IGNORED_AFTER_SWITCH, time);
  }

  /** The relay has been closed: the vehicle is back on the line, and is read after a while. */
  reconnected(time: number): void {
    this.lineChanged(time);
    this.#restartAt = time + RECONNECTING_MS;
  }

  #begin(time: number): void {
    this.#restartAt = Number.POSITIVE_INFINITY;
    this.#clock.restart(time);
    this.#highMean.restart(time);
    this.#lowMean.restart(time);
    this.#ignore(IGNORED_AFTER_RECONNECT, time);
  }

  #ignore(readings: number, time: number): void {
    this.#wake(time);
    const from = Math.max(this.#ignoredTo, this.#clock.count);
    const to = this.#clock.count + readings;
    if (to > from) {
      this.#skipped += to - from;
      this.#ignoredTo = to;
    }
    this.#restlessTo = Math.max(this.#restlessTo, this.#ignoredTo + BLOCKS_UNTIL_STEADY);
  }

  /** Makes each block an event for a while. The blocks until now, which were none, had the readings of the last one. */
  #wake(time: number): void {
    const clock = this.#clock;
    if (clock.count >= this.#restlessTo) {
      clock.sync(time);
      this.#highMean.restart(clock.startedAt);
      this.#lowMean.restart(clock.startedAt);
    }
    this.#restlessTo = Math.max(this.#restlessTo, clock.count + BLOCKS_UNTIL_STEADY);
  }

  #endBlock(): void {
    const clock = this.#clock;
    const startedAt = clock.startedAt;
    const end = clock.endsAt;
    clock.sync(end);
    const high = this.#highMean.take(end);
    const low = this.#lowMean.take(end);
    if (this.#options.relay.open || clock.count <= this.#ignoredTo) return;
    if (this.counts !== STATE_F_COUNTS) this.#readHigh(high);
    if (this.counts === STEADY_COUNTS) this.#readCable();
    else if (startedAt >= this.#pwmSince) this.#readLow(low);
  }

  #readHigh(level: number): void {
    this.high = this.#options.levels.high;
    this.highAfter = cpStep(level);
    this.resistance = cpOhms(cpVoltage(this.high), cpVoltage(this.highAfter));
  }

  #readLow(level: number): void {
    this.low = this.lowReadings === 0 ? 0 : this.#options.levels.low;
    this.lowAfter = this.#lowPending;
    this.#lowPending = cpStep(level);
    this.lowReadings++;
  }

  #readCable(): void {
    const { source, levels, slots } = this.#options;
    this.plus12 = levels.plus12;
    this.minus12 = levels.minus12;
    this.pp = ppStep(source.resistor);
    this.ppResistance = ppOhms(ppVoltage(this.pp));
    slots.setCable(this.ppResistance);
  }
}
