import { StepMean } from '../step-mean.js';
import { NO_PWM_PERMILLE, pilotLevel, ppLevel, ppMillivolts, ppReading, ppResistance } from './circuit.js';

import type { Flash } from './flash.js';
import { MeanReading, type PilotUse } from './mean-reading.js';
import { MovingMean } from './moving-mean.js';
import type { Pilot, PilotSource } from './pilot.js';
import type { Slots } from './slots.js';

// Lengths of the converter's conversions, and how many are ignored after a change (controller-model 2.5).
const SLOW_MS = 125;
const FAST_MS = 31.25;
const IGNORED_AFTER_DUTY = 2;
const IGNORED_AFTER_SWITCH = 4;
/** After power-on the converter first finds out which hardware it is on, and drops one reading of each contact. */
const FIRST_MS = 250;
const IGNORED_AT_FIRST = 1;

/** Duty cycle while the contactor is open, whatever the limit (controller-model 3). */
const WAITING_PERMILLE = 266;
/** What boost mode adds to a PWM signal on the wire (controller-model 3). */
const BOOST_PERMILLE = 4;

export interface MeanPilotOptions {
  /** When the board's program begins; ms. */
  readonly start: number;
  readonly source: PilotSource;
  readonly flash: Flash;
  readonly use: PilotUse;
  readonly slots: Slots;
}

/** The duty cycle in 1/1000 that offers a vehicle `current` mA (controller-model 3). */
export function dutyFor(current: number, contactorClosed: boolean): number {
  return contactorClosed ? Math.max(80, Math.min(1000, Math.floor(current / 60))) : WAITING_PERMILLE;
}

/** Whose conversion ends next. Both contacts take turns; while the contactor is closed only the pilot is read. */
type Turn = 'pilot' | 'proximity' | 'pilot alone';

/** A control pilot read as a mean over each conversion; the contactor decides how often (controller-model 2.5). */
export class MeanPilot implements Pilot {
  /** Mean of the last four readings in ohms, rounded; 0 before the first one. */
  resistance = 0;
  /** The last reading in ohms. */
  newest = 0;
  /** Raw reading of the proximity contact, the last one. */
  ppReading = 0;
  /** Mean of the last four proximity resistances as an unsigned number, ohms. */
  ppResistance = 0;
  /** The duty cycle that is really on the wire, in 1/1000. */
  physicalDuty = NO_PWM_PERMILLE;
  boost: boolean;
  readonly reading: MeanReading;
  #ignoredCp = IGNORED_AT_FIRST;
  #ignoredPp = IGNORED_AT_FIRST;
  /** When the conversion going on ends. */
  #readyAt: number;
  #turn: Turn = 'pilot';
  #closed = false;
  /** The converter still runs as fast as with a closed contactor. */
  #fast = false;
  #roundEndedAt = Number.NaN;
  readonly #cp = new MovingMean();
  readonly #pp = new MovingMean();
  #load: number;
  #diode: boolean;
  #resistor: number | null;
  readonly #level: StepMean;
  readonly #proximity: StepMean;
  readonly #options: MeanPilotOptions;

  constructor(options: MeanPilotOptions) {
    const { start, flash, source, use } = options;
    this.reading = new MeanReading(flash, use);
    this.#readyAt = start + FIRST_MS;
    this.boost = flash.image.boost_mode;
    this.#options = options;
    this.#load = source.load(start);
    this.#diode = source.diode;
    this.#resistor = source.resistor;
    this.#level = new StepMean(pilotLevel(this.#load, this.#diode, NO_PWM_PERMILLE), start);
    this.#proximity = new StepMean(ppLevel(this.#resistor), start);
  }

  /** The program sees the end of a conversion at the next whole ms. */
  get dueAt(): number {
    return Math.ceil(this.#readyAt);
  }

  /** While true the state, the PWM and the contactor stay as they are (controller-model 2.2, 2.5). */
  get blanked(): boolean {
    return this.#ignoredCp > 0;
  }

  /** The duty cycle in 1/1000 as the controller reports it: without what boost mode adds. */
  get duty(): number {
    if (this.physicalDuty === NO_PWM_PERMILLE) return NO_PWM_PERMILLE;
    return this.boost ? this.physicalDuty - BOOST_PERMILLE : this.physicalDuty;
  }

  run(time: number): boolean {
    const { blanked, newest, resistance, ppResistance } = this;
    const level = this.#level.take(this.#readyAt);
    const proximity = this.#proximity.take(this.#readyAt);
    if (this.#turn === 'proximity') {
      this.#readyAt += SLOW_MS;
      this.#endRound(time);
      this.#readProximity(proximity);
    } else {
      this.#readyAt += this.#fast || this.#turn === 'pilot alone' ? FAST_MS : SLOW_MS;
      this.#fast = this.#turn === 'pilot alone';
      if (this.#fast) this.#endRound(time);
      else this.#turn = 'proximity';
      this.#readPilot(level, time);
    }
    this.lineChanged(time);
    const measured = newest !== this.newest || resistance !== this.resistance;
    return measured || blanked !== this.blanked || ppResistance !== this.ppResistance;
  }

  lineChanged(time: number): void {
    const { source } = this.#options;
    const load = source.load(time);
    const { diode, resistor } = source;
    if (load !== this.#load || diode !== this.#diode) {
      this.#load = load;
      this.#diode = diode;
      this.#levelChanged(time);
    }
    if (resistor !== this.#resistor) {
      this.#resistor = resistor;
      this.#proximity.set(ppLevel(resistor), time);
    }
  }

  #levelChanged(time: number): void {
    this.#level.set(pilotLevel(this.#load, this.#diode, this.physicalDuty), time);
  }

  /** Sets the signal. Boost mode is applied here, not at the moment when it is switched (controller-model 17, D7). */
  setDuty(duty: number, time: number): void {
    const physical = this.boost && duty !== NO_PWM_PERMILLE ? duty + BOOST_PERMILLE : duty;
    if (physical === this.physicalDuty) return;
    this.physicalDuty = physical;
    this.#ignoredCp = Math.max(this.#ignoredCp, IGNORED_AFTER_DUTY);
    this.#levelChanged(time);
  }

  /** The conversions that the converter has begun end before its rhythm changes. */
  contactorSwitched(time: number, closed: boolean): void {
    this.#ignoredCp = Math.max(this.#ignoredCp, IGNORED_AFTER_SWITCH);
    this.#ignoredPp = Math.max(this.#ignoredPp, IGNORED_AFTER_SWITCH);
    this.#closed = closed;
    if (time === this.#roundEndedAt) this.#endRound(time);
  }

  #endRound(time: number): void {
    this.#roundEndedAt = time;
    this.#turn = this.#closed ? 'pilot alone' : 'pilot';
  }

  #readPilot(level: number, time: number): void {
    if (this.#ignoredCp > 0) {
      this.#ignoredCp--;
      return;
    }
    this.newest = this.reading.read(level, this.duty, time);
    this.resistance = this.#cp.add(this.newest);
  }

  #readProximity(level: number): void {
    if (this.#ignoredPp > 0) {
      this.#ignoredPp--;
      return;
    }
    this.ppReading = ppReading(level);
    const before = this.ppResistance;
    this.ppResistance = this.#pp.add(ppResistance(ppMillivolts(this.ppReading))) >>> 0;
    if (this.ppResistance !== before) this.#options.slots.setCable(this.ppResistance);
  }
}
