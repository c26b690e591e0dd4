import { OPEN_OHM, ppMillivolts, ppResistance } from './circuit.js';

// Samples, and how many of them are ignored after a change (controller-model 2.5).
const OPEN_PERIOD_MS = 250;
const CLOSED_PERIOD_MS = 31.25;
const SAMPLES = 4;
const IGNORED_AFTER_DUTY = 2;
const IGNORED_AFTER_SWITCH = 4;

/** Reported duty cycle in 1/1000 without PWM. */
export const NO_PWM_PERMILLE = 1000;
/** Duty cycle while the contactor is open, whatever the limit (controller-model 3). */
const WAITING_PERMILLE = 266;

/** Where the samples come from: the load on the control pilot (ohms) and the raw proximity reading. */
export interface PilotSource {
  cpSample(time: number, duty: number): number;
  ppSample(): number;
}

/** The duty cycle in 1/1000 that tells a vehicle `current` mA (controller-model 3). */
export function dutyFor(current: number, contactorClosed: boolean): number {
  return contactorClosed ? Math.max(80, Math.min(1000, Math.floor(current / 60))) : WAITING_PERMILLE;
}

/** The control pilot and the proximity contact: what is measured, when, and what signal is put out. */
export class Pilot {
  /** Mean of the last samples in ohms, rounded. */
  resistance = OPEN_OHM;
  /** The last sample taken, in ohms. */
  newest = OPEN_OHM;
  /** Mean of the last raw proximity readings. */
  ppReading = 0;
  ppResistance = 0;
  duty = NO_PWM_PERMILLE;
  /** Boost: 4/1000 more on the wire than reported (controller-model 3). */
  boost: boolean;
  #ignoredCp = 0;
  #ignoredPp = 0;
  #dueAt: number;
  #cpIsNext = true;
  #period = OPEN_PERIOD_MS;
  readonly #cp = new Ring(OPEN_OHM);
  #pp: Ring | undefined;
  readonly #source: PilotSource;

  constructor(start: number, boost: boolean, source: PilotSource) {
    this.#dueAt = start + OPEN_PERIOD_MS / 2;
    this.boost = boost;
    this.#source = source;
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  /** While true the state, the PWM and the contactor stay as they are (controller-model 2.2, 2.5). */
  get blanked(): boolean {
    return this.#ignoredCp > 0;
  }

  /** The duty cycle that is really on the wire, in 1/1000. */
  get physicalDuty(): number {
    return this.boost && this.duty !== NO_PWM_PERMILLE ? this.duty + 4 : this.duty;
  }

  /** Takes the sample that is due; true if the proximity reading changed. */
  sample(time: number): boolean {
    const cp = this.#cpIsNext;
    if (this.#period === CLOSED_PERIOD_MS) {
      this.#dueAt = time + CLOSED_PERIOD_MS;
    } else {
      this.#dueAt = time + OPEN_PERIOD_MS / 2;
      this.#cpIsNext = !cp;
    }
    return cp ? this.#sampleCp(time) : this.#samplePp();
  }

  setDuty(duty: number): void {
    if (duty === this.duty) return;
    this.duty = duty;
    this.#signalChanged();
  }

  setBoost(enabled: boolean): void {
    if (enabled === this.boost) return;
    this.boost = enabled;
    if (this.duty !== NO_PWM_PERMILLE) this.#signalChanged();
  }

  contactorSwitched(time: number, closed: boolean): void {
    this.#ignoredCp = IGNORED_AFTER_SWITCH;
    this.#ignoredPp = IGNORED_AFTER_SWITCH;
    this.#period = closed ? CLOSED_PERIOD_MS : OPEN_PERIOD_MS;
    this.#cpIsNext = true;
    this.#dueAt = time + (closed ? CLOSED_PERIOD_MS : OPEN_PERIOD_MS / 2);
  }

  #signalChanged(): void {
    this.#ignoredCp = Math.max(this.#ignoredCp, IGNORED_AFTER_DUTY);
  }

  #sampleCp(time: number): false {
    if (this.#ignoredCp > 0) {
      this.#ignoredCp--;
    } else {
      this.newest = this.#source.cpSample(time, this.duty);
      this.resistance = Math.round(this.#cp.add(this.newest));
    }
    return false;
  }

  #samplePp(): boolean {
    if (this.#ignoredPp > 0) {
      this.#ignoredPp--;
      return false;
    }
    const reading = this.#source.ppSample();
    this.#pp ??= new Ring(reading);
    const mean = Math.floor(this.#pp.add(reading));
    if (mean === this.ppReading) return false;
    this.ppReading = mean;
    this.ppResistance = ppResistance(ppMillivolts(mean));
    return true;
  }
}

/** The last few samples and their mean. */
class Ring {
  readonly #values: number[];
  #next = 0;

  constructor(value: number) {
    this.#values = Array.from({ length: SAMPLES }, () => value);
  }

  add(value: number): number {
    const values = this.#values;
    values[this.#next] = value;
    this.#next = (this.#next + 1) % SAMPLES;
    let sum = 0;
    for (let at = 0; at < SAMPLES; at++) sum += values[at] ?? 0;
    return sum / SAMPLES;
  }
}
