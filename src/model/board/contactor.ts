import type { Supply } from '../world/supply.js';

/** A part that must know when the contactor is switched. */
export interface ContactorListener {
  contactorSwitched(time: number, closed: boolean): void;
}

/** The contactor as it is commanded. */
export class Contactor {
  closed = false;
  readonly #supply: Supply;
  readonly #listeners: readonly ContactorListener[];

  /** Power-on at `boot` finds it open. */
  constructor(boot: number, supply: Supply, listeners: readonly ContactorListener[]) {
    this.#supply = supply;
    this.#listeners = listeners;
    supply.command(false, boot);
  }

  command(closed: boolean, time: number): void {
    if (closed === this.closed) return;
    this.closed = closed;
    this.#supply.command(closed, time);
    for (const listener of this.#listeners) listener.contactorSwitched(time, closed);
  }
}
