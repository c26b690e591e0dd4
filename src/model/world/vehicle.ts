import type { VehicleState } from '../api-types.js';
import { NO_PWM_PERMILLE, OPEN_OHM } from '../board/circuit.js';
import type { PilotSource } from '../board/pilot.js';
import type { Quirks } from '../quirks.js';
import { Random } from '../random.js';
import { ASKING_OHM, cableResistor, nominal, PilotLoad } from './pilot-load.js';
import { Ramp } from './ramp.js';

/** V between a phase and neutral that energies are counted with. */
export const MAINS_V = 230;

const NEVER = Number.POSITIVE_INFINITY;
const MA_MS_PER_AH = 3.6e9;
const MA_PER_PERMILLE = 60;
const PHASES = 3;

/** ms from a cause to what the vehicle does about it: least and most (controller-model 12.2). */
const REACTIONS_MS = {
  closeS2: [1000, 5000],
  startUp: [2000, 8000],
  followLimit: [500, 2500],
  obeyStop: [300, 1000],
} as const;
/** ms that a vehicle that has enough takes to run its current down before it opens S2. */
const RUN_DOWN_MS = 1000;
const OPEN_S2_AFTER_MS = 1500;

const NO_VEHICLE: VehicleState = {
  connected: false,
  requesting: false,
  ventilation: false,
  diode_fault: false,
  phases: PHASES,
  max_current: 16_000,
  energy_wanted: null,
  cable_current: 32_000,
  cp_resistance: null,
};

/** The vehicle: what it shows on the control pilot, and how much current it draws. */
export class Vehicle implements PilotSource {
  #state = NO_VEHICLE;
  #duty = NO_PWM_PERMILLE;
  #fed = false;
  /** S2 of IEC 61851: closed while the vehicle asks for current. */
  #s2 = false;
  #s2Since = 0;
  #readyAt = NEVER;
  #closeAt = NEVER;
  #openAt = NEVER;
  #delivered = 0;
  #uncounted = 0;
  readonly #current = new Ramp();
  readonly #load: PilotLoad;
  readonly #reactions: Random | undefined;

  /** Without `noise` an ideal circuit and the same reaction times every time. */
  constructor(seed: number, noise: boolean, quirks: Quirks) {
    this.#load = new PilotLoad(noise ? new Random(seed) : undefined, quirks.shortLooksUnplugged);
    this.#reactions = noise ? new Random(seed + 1) : undefined;
  }

  get state(): VehicleState {
    return this.#state;
  }

  get dueAt(): number {
    return Math.min(this.#closeAt, this.#openAt);
  }

  /** Phases that the vehicle draws from. */
  get phases(): number {
    return Math.max(1, Math.min(PHASES, this.#state.phases));
  }

  /** mA per phase. */
  current(time: number): number {
    return this.#current.at(time);
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

  set(state: VehicleState, time: number): void {
    this.#count(time);
    const old = this.#state;
    const anew =
      (state.connected && !old.connected) ||
      (state.requesting && !old.requesting) ||
      state.energy_wanted !== old.energy_wanted;
    if (anew) this.#delivered = 0;
    if (state.connected !== old.connected) this.#s2Since = time;
    this.#state = { ...state };
    this.#react(time);
  }

  /**
   * The charger's side as the vehicle sees it: duty cycle in 1/1000, and whether there is voltage to draw from. True if
   * it sees something new.
   */
  observe(duty: number, fed: boolean, time: number): boolean {
    if (duty === this.#duty && fed === this.#fed) return false;
    if ((duty === NO_PWM_PERMILLE) !== (this.#duty === NO_PWM_PERMILLE)) {
      this.#readyAt = duty === NO_PWM_PERMILLE ? NEVER : time + this.#reaction('closeS2');
    }
    this.#duty = duty;
    this.#fed = fed;
    this.#react(time);
    return true;
  }

  /** Does what is due at `time`. */
  run(time: number): void {
    if (this.#openAt <= time) {
      this.#setS2(false, time);
      if (this.#duty !== NO_PWM_PERMILLE) this.#readyAt = time + this.#reaction('closeS2');
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

  #count(time: number): void {
    const energy = (this.#current.take(time) * this.phases * MAINS_V) / MA_MS_PER_AH;
    this.#uncounted += energy;
    this.#delivered += energy;
  }

  #react(time: number): void {
    const { connected, requesting } = this.#state;
    const pwm = this.#duty !== NO_PWM_PERMILLE;
    if (!connected) this.#setS2(false, time);
    if (this.#s2) {
      this.#closeAt = NEVER;
      if (this.#openAt === NEVER && !pwm) this.#openAt = time + this.#reaction('obeyStop');
      else if (this.#openAt === NEVER && !requesting) this.#openAt = time + OPEN_S2_AFTER_MS;
    } else {
      this.#openAt = NEVER;
      this.#closeAt = connected && requesting && pwm ? Math.max(time, this.#readyAt) : NEVER;
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
    if (!this.#fed || !this.#plugged) this.#current.head(0, time, 0, 0);
    else if (target === 0)
      this.#current.head(0, time, 0, this.#duty === NO_PWM_PERMILLE ? REACTIONS_MS.obeyStop[0] : RUN_DOWN_MS);
    else if (this.#current.at(time) === 0) this.#current.head(target, time, 500, this.#reaction('startUp'));
    else this.#current.head(target, time, 500, this.#reaction('followLimit'));
  }

  get #plugged(): boolean {
    return this.#state.cp_resistance === null ? this.#state.connected : this.#state.cp_resistance < OPEN_OHM;
  }

  #wantedCurrent(): number {
    if (!this.#fed || this.#duty === NO_PWM_PERMILLE) return 0;
    const { cp_resistance, requesting, max_current } = this.#state;
    const asking = (cp_resistance ?? nominal(this.#state, this.#s2 && requesting)) <= ASKING_OHM;
    return asking ? Math.min(max_current, this.#duty * MA_PER_PERMILLE) : 0;
  }

  #reaction(to: keyof typeof REACTIONS_MS): number {
    const [least, most] = REACTIONS_MS[to];
    return this.#reactions?.between(least, most) ?? (least + most) / 2;
  }
}
