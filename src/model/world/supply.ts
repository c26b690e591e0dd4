import type { SupplyState } from '../api-types.js';
import { Contacts } from './contacts.js';
import { EdgeCounter } from './edge-counter.js';

/** Bits of the three phases. */
export const L1 = 1;
export const L2 = 2;
export const L3 = 4;

/** How the contactors of a generation are built. */
export interface SupplyKind {
  /** A second contactor switches L2 and L3. */
  readonly hasSecond: boolean;
  /** ms between a coil and its contacts. */
  readonly contactTime: number;
}

/** The mains before the contactors, their contacts and their health. */
export class Supply {
  /** When contacts get where they were commanded to go. */
  dueAt = Number.POSITIVE_INFINITY;
  /** Phases with voltage before the contactors, as bits. */
  liveBefore = 0;
  /** Phases that a vehicle can draw from, as bits. */
  liveAfter = 0;
  readonly edgesBefore = new EdgeCounter();
  readonly edgesAfter = new EdgeCounter();
  readonly edgesEarth = new EdgeCounter();
  readonly #first = new Contacts();
  readonly #second = new Contacts();
  readonly #hasSecond: boolean;
  #live = true;
  #phasesLive: readonly boolean[] = [true, true, true];
  #contactTime: number;
  #earth: 'ok' | 'broken' = 'ok';
  /** The second contactor is preset to go with the first one. */
  #threePhases = true;

  constructor({ hasSecond, contactTime }: SupplyKind) {
    this.#hasSecond = hasSecond;
    this.#contactTime = contactTime;
    this.#show(0);
  }

  get state(): SupplyState {
    const one = {
      live: this.#live,
      contactor: this.#first.fault,
      contact_time: this.#contactTime,
      phases_live: [...this.#phasesLive],
    };
    if (!this.#hasSecond) return one;
    return {
      ...one,
      contactor_2: this.#second.fault,
      auxiliary: this.#first.auxiliaryFault,
      auxiliary_2: this.#second.auxiliaryFault,
      pe: this.#earth,
    };
  }

  /** The auxiliary contacts. */
  get auxiliary(): { readonly first: boolean; readonly second: boolean } {
    return { first: this.#first.auxiliary, second: this.#second.auxiliary };
  }

  set(state: SupplyState, time: number): void {
    this.#live = state.live;
    this.#contactTime = state.contact_time;
    this.#phasesLive = [...state.phases_live];
    this.#first.fault = state.contactor;
    this.#second.fault = state.contactor_2 ?? 'ok';
    this.#first.auxiliaryFault = state.auxiliary ?? 'ok';
    this.#second.auxiliaryFault = state.auxiliary_2 ?? 'ok';
    this.#earth = state.pe ?? 'ok';
    this.#follow(time);
  }

  /** The contactor's coil; the contacts follow after their time. */
  command(closed: boolean, time: number): void {
    this.#first.setCoil(closed, this.#contactTime, time);
    this.#follow(time);
  }

  /** What the second contactor is preset to. */
  setPhases(phases: number, time: number): void {
    this.#threePhases = phases === 3;
    this.#follow(time);
  }

  /** Moves the contacts. */
  run(time: number): void {
    if (this.#first.moveAt <= time) this.#first.move();
    if (this.#second.moveAt <= time) this.#second.move();
    this.#follow(time);
  }

  /** The second coil is fed through the contacts of the first one. */
  #follow(time: number): void {
    this.#second.setCoil(this.#first.closed && this.#threePhases, this.#contactTime, time);
    this.#show(time);
  }

  #show(time: number): void {
    const [l1, l2, l3] = this.#phasesLive;
    this.dueAt = Math.min(this.#first.moveAt, this.#second.moveAt);
    this.liveBefore = this.#live ? (l1 ? L1 : 0) + (l2 ? L2 : 0) + (l3 ? L3 : 0) : 0;
    const reachable = this.#hasSecond && !this.#second.closed ? L1 : L1 + L2 + L3;
    this.liveAfter = this.#first.closed ? this.liveBefore & reachable : 0;
    const first = (this.liveBefore & L1) !== 0;
    this.edgesBefore.set(first, time);
    this.edgesAfter.set((this.liveAfter & L1) !== 0, time);
    this.edgesEarth.set(first && this.#earth === 'ok', time);
  }
}
