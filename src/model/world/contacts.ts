import type { AuxiliaryFault, ContactorFault } from '../api-types.js';

const NEVER = Number.POSITIVE_INFINITY;

/** The contacts of a contactor: they follow its coil after a while, unless they are broken. */
export class Contacts {
  fault: ContactorFault = 'ok';
  auxiliaryFault: AuxiliaryFault = 'ok';
  /** When they get where the coil wants them; ms. */
  moveAt = NEVER;
  #coil = false;
  #moved = false;

  get closed(): boolean {
    return this.fault === 'welded' || (this.fault === 'ok' && this.#moved);
  }

  /** The auxiliary contact, closed with the others; a broken one reads open. */
  get auxiliary(): boolean {
    return this.auxiliaryFault === 'ok' && this.closed;
  }

  /** Feeds the coil or not; the contacts take `duration` ms to follow. */
  setCoil(fed: boolean, duration: number, time: number): void {
    if (fed === this.#coil) return;
    this.#coil = fed;
    this.moveAt = fed === this.#moved ? NEVER : time + duration;
    if (this.moveAt <= time) this.move();
  }

  move(): void {
    this.moveAt = NEVER;
    this.#moved = this.#coil;
  }
}
