import { NO_PWM_PERMILLE, ppMillivolts, ppReading, ppResistance } from './circuit.js';
import { MovingMean } from './moving-mean.js';
import { type Calibrations, PilotReading, type PilotUse } from './pilot-reading.js';

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

/** What is on the two contacts. */
export interface PilotSource {
  /** Ends a conversion and begins the next one. */
  convert(time: number): void;
  /** Mean voltages over the conversion that has just ended, mV. */
  readonly pilotMean: number;
  readonly proximityMean: number;
}

/** The duty cycle in 1/1000 that tells a vehicle `current` mA (controller-model 3). */
export function dutyFor(current: number, contactorClosed: boolean): number {
  return contactorClosed ? Math.max(80, Math.min(1000, Math.floor(current / 60))) : WAITING_PERMILLE;
}

/** Whose conversion ends next: both contacts take turns, and while the contactor is closed there is the pilot alone. */
type Turn = 'pilot' | 'proximity' | 'pilot alone';

/** The control pilot and the proximity contact: what is measured, when, and what signal is put out. */
export class Pilot {
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
  readonly reading = new PilotReading();
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
  readonly #source: PilotSource;
  readonly #calibrations: () => Calibrations;

  constructor(start: number, boost: boolean, source: PilotSource, calibrations: () => Calibrations) {
    this.#readyAt = start + FIRST_MS;
    this.boost = boost;
    this.#source = source;
    this.#calibrations = calibrations;
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

  /** Takes the reading that is due; true if the proximity resistance changed. */
  sample(time: number, use: PilotUse): boolean {
    this.#source.convert(this.#readyAt);
    if (this.#turn === 'proximity') {
      this.#readyAt += SLOW_MS;
      this.#endRound(time);
      return this.#readProximity();
    }
    this.#readyAt += this.#fast || this.#turn === 'pilot alone' ? FAST_MS : SLOW_MS;
    this.#fast = this.#turn === 'pilot alone';
    if (this.#fast) this.#endRound(time);
    else this.#turn = 'proximity';
    this.#readPilot(use);
    return false;
  }

  /** Puts a signal out; boost mode is applied here and not when it is switched (controller-model 17, D7). */
  setDuty(duty: number): void {
    const physical = this.boost && duty !== NO_PWM_PERMILLE ? duty + BOOST_PERMILLE : duty;
    if (physical === this.physicalDuty) return;
    this.physicalDuty = physical;
    this.#ignoredCp = Math.max(this.#ignoredCp, IGNORED_AFTER_DUTY);
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

  #readPilot(use: PilotUse): void {
    if (this.#ignoredCp > 0) {
      this.#ignoredCp--;
      return;
    }
    this.newest = this.reading.read(this.#source.pilotMean, this.duty, this.#calibrations(), use);
    this.resistance = this.#cp.add(this.newest);
  }

  #readProximity(): boolean {
    if (this.#ignoredPp > 0) {
      this.#ignoredPp--;
      return false;
    }
    this.ppReading = ppReading(this.#source.proximityMean);
    const before = this.ppResistance;
    this.ppResistance = this.#pp.add(ppResistance(ppMillivolts(this.ppReading))) >>> 0;
    return this.ppResistance !== before;
  }
}
