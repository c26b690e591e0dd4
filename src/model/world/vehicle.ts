import type { VehicleState } from '../api-types.js';
import { NO_PWM_PERMILLE, OPEN_OHM } from '../board/circuit.js';
import type { PilotSource } from '../board/pilot.js';
import type { Quirks } from '../quirks.js';
import { Random } from '../random.js';
import { ASKING_OHM, cableResistor, nominal, PilotLoad } from './pilot-load.js';
import { Ramp } from './ramp.js';
import { ReactionTimes } from './reaction-times.js';
import { NO_VEHICLE, withPreset } from './vehicle-presets.js';

/** V between a phase and neutral that energies are counted with. */
export const MAINS_V = 230;

const NEVER = Number.POSITIVE_INFINITY;
const MA_MS_PER_AH = 3.6e9;
const MA_PER_PERMILLE = 60;
const PHASES = 3;
/** Number of bits that are set in 0 to 7. */
const BITS: readonly number[] = [0, 1, 1, 2, 1, 2, 2, 3];

/** A vehicle that has enough reduces its current to 0, and then opens S2; ms. */
const RUN_DOWN_MS = 1000;
const OPEN_S2_AFTER_MS = 1500;
/** Without a signal the current falls to 0 within this time (controller-model-2 12). */
const PILOT_LOST_MS = 100;

/** The vehicle: what it shows on the control pilot, and how much current it draws. */
export class Vehicle implements PilotSource {
  #state = NO_VEHICLE;
  #duty = NO_PWM_PERMILLE;
  #live = 0;
  #hasSignal = true;
  /** S2 of IEC 61851: closed while the vehicle asks for current. */
  #s2 = false;
  #s2Since = 0;
  #readyAt = NEVER;
  #closeAt = NEVER;
  #openAt = NEVER;
  #lostAt = 0;
  #awake = true;
  /** It has lost a phase under load, and does not charge until the next session. */
  #hasLostPhase = false;
  #delivered = 0;
  #uncounted = 0;
  readonly #current = new Ramp();
  readonly #load: PilotLoad;
  readonly #reactions: ReactionTimes;

  /**
   * Without `noise` the same reaction times every time; `noisyLoad` also makes the load on the control pilot as
   * unsteady as a real one.
   */
  constructor(seed: number, noise: boolean, noisyLoad: boolean, quirks: Quirks) {
    this.#load = new PilotLoad(noise && noisyLoad ? new Random(seed) : undefined, quirks.shortLooksUnplugged);
    this.#reactions = new ReactionTimes(noise ? new Random(seed + 1) : undefined);
  }

  get state(): VehicleState {
    return this.#state;
  }

  get dueAt(): number {
    return Math.min(this.#closeAt, this.#openAt);
  }

  /** mA on a phase, 0 to 2. */
  current(phase: number, time: number): number {
    return ((this.#drawn >> phase) & 1) === 1 ? this.#current.at(time) : 0;
  }

  /** Whether it draws any current. */
  draws(time: number): boolean {
    return this.#drawn !== 0 && this.#current.at(time) > 0;
  }

  /** Ohms on the control pilot. */
  load(time: number): number {
    return this.#load.ohms(this.#state, this.#s2, this.#s2Since, time);
  }

  get diode(): boolean {
    return this.#load.hasDiode(this.#state);
  }

  get resistor(): number | null {
    return cableResistor(this.#state.cable_current);
  }

  set(wanted: VehicleState, time: number): void {
    this.#count(time);
    const old = this.#state;
    const state = withPreset(wanted, old);
    const anew =
      (state.connected && !old.connected) ||
      (state.requesting && !old.requesting) ||
      state.energy_wanted !== old.energy_wanted;
    if (anew) this.#delivered = 0;
    if (state.connected !== old.connected) {
      this.#s2Since = time;
      this.#newSession(state);
    } else if (state.needs_wakeup !== old.needs_wakeup) this.#awake = state.needs_wakeup === 0;
    this.#state = { ...state };
    this.#react(time);
  }

  /**
   * The charger's side as the vehicle sees it: whether there is a signal at all, its duty cycle in 1/1000, and the
   * phases with voltage as bits. True if it sees something new.
   */
  observe(connected: boolean, duty: number, live: number, time: number): boolean {
    const seen = connected ? duty : NO_PWM_PERMILLE;
    if (seen === this.#duty && live === this.#live && connected === this.#hasSignal) return false;
    if (connected !== this.#hasSignal) this.#signalChanged(connected, time);
    if (isPwm(seen) !== isPwm(this.#duty)) {
      this.#readyAt = isPwm(seen) ? time + this.#s2Delay : NEVER;
    }
    this.#losePhases(live, time);
    this.#duty = seen;
    this.#live = live;
    this.#react(time);
    return true;
  }

  /** Does what is due at `time`. */
  run(time: number): void {
    if (this.#openAt <= time) {
      this.#setS2(false, time);
      if (isPwm(this.#duty)) this.#readyAt = time + this.#s2Delay;
    } else {
      this.#setS2(true, time);
    }
    this.#react(time);
  }

  /** Wh drawn since the last call; a vehicle that has what it wanted stops requesting. */
  takeEnergy(time: number): number {
    this.#count(time);
    const { energy_wanted, requesting } = this.#state;
    if (requesting && energy_wanted !== null && this.#delivered >= energy_wanted) {
      this.#state = { ...this.#state, requesting: false };
      this.#react(time);
    }
    const energy = this.#uncounted;
    this.#uncounted = 0;
    return energy;
  }

  get #s2Delay(): number {
    return this.#state.s2_delay ?? this.#reactions.to('closeS2');
  }

  /** Phases that the vehicle draws from, as bits. */
  get #drawn(): number {
    const phases = Math.max(1, Math.min(PHASES, this.#state.phases));
    return this.#live & ((1 << phases) - 1);
  }

  #count(time: number): void {
    const phases = BITS[this.#drawn] ?? 0;
    const energy = (this.#current.take(time) * phases * MAINS_V) / MA_MS_PER_AH;
    this.#uncounted += energy;
    this.#delivered += energy;
  }

  #newSession({ needs_wakeup }: VehicleState): void {
    this.#awake = needs_wakeup === 0;
    this.#hasLostPhase = false;
  }

  /** The vehicle knows only the signal: without one it behaves as if it were unplugged. */
  #signalChanged(connected: boolean, time: number): void {
    this.#hasSignal = connected;
    if (!connected) {
      this.#lostAt = time;
      this.#setS2(false, time);
      return;
    }
    this.#hasLostPhase = false;
    if (time - this.#lostAt >= this.#state.needs_wakeup) this.#awake = true;
  }

  /** A vehicle that was drawing from three phases stops for good when some of them go (controller-model-2 12). */
  #losePhases(live: number, time: number): void {
    if (live === this.#live) return;
    this.#count(time);
    const lost = this.#drawn & ~live;
    const keepsSome = (this.#drawn & live) !== 0;
    if (lost !== 0 && keepsSome && this.#current.at(time) > 0) this.#hasLostPhase = true;
  }

  #react(time: number): void {
    const { connected, requesting, ignores_stop } = this.#state;
    const pwm = isPwm(this.#duty);
    const wants = requesting && this.#awake && !this.#hasLostPhase;
    if (!connected) this.#setS2(false, time);
    if (this.#s2) {
      this.#closeAt = NEVER;
      if (this.#openAt === NEVER && !pwm && !ignores_stop)
        this.#openAt = time + this.#reactions.to('obeyStop');
      else if (this.#openAt === NEVER && !wants) this.#openAt = time + OPEN_S2_AFTER_MS;
    } else {
      this.#openAt = NEVER;
      this.#closeAt = connected && this.#hasSignal && wants && pwm ? Math.max(time, this.#readyAt) : NEVER;
    }
    this.#draw(time);
  }

  #setS2(closed: boolean, time: number): void {
    this.#openAt = NEVER;
    this.#closeAt = NEVER;
    if (closed === this.#s2) return;
    this.#s2 = closed;
    this.#s2Since = time;
  }

  #draw(time: number): void {
    const target = this.#wantedCurrent();
    if (target === this.#current.target) return;
    this.#count(time);
    if (this.#live === 0 || !this.#plugged) this.#current.head(0, time, 0, 0);
    else if (!this.#hasSignal) this.#current.head(0, time, 0, PILOT_LOST_MS);
    else if (target === 0)
      this.#current.head(0, time, 0, isPwm(this.#duty) ? RUN_DOWN_MS : this.#reactions.atLeast('obeyStop'));
    else if (this.#current.at(time) === 0)
      this.#current.head(target, time, 500, this.#reactions.to('startUp'));
    else this.#current.head(target, time, 500, this.#reactions.to('followLimit'));
  }

  get #plugged(): boolean {
    return this.#state.cp_resistance === null ? this.#state.connected : this.#state.cp_resistance < OPEN_OHM;
  }

  #wantedCurrent(): number {
    const { cp_resistance, requesting, max_current, ignores_stop } = this.#state;
    const pwm = isPwm(this.#duty);
    if (this.#live === 0 || !this.#hasSignal || this.#hasLostPhase) return 0;
    if (!pwm) return ignores_stop && this.#s2 ? this.#current.target : 0;
    const asking = (cp_resistance ?? nominal(this.#state, this.#s2 && requesting)) <= ASKING_OHM;
    return asking ? Math.min(max_current, this.#duty * MA_PER_PERMILLE) : 0;
  }
}

/** Steady +12 V and, in state F, steady -12 V allow no current. */
function isPwm(duty: number): boolean {
  return duty !== NO_PWM_PERMILLE && duty !== 0;
}
