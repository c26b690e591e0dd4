import type { ContactorFault, SupplyState } from '../api-types.js';

/** The mains before the contactor and the health of the contactor itself. */
export class Supply {
  #live = true;
  #contactor: ContactorFault = 'ok';

  get state(): SupplyState {
    return { live: this.#live, contactor: this.#contactor };
  }

  set(state: SupplyState): void {
    this.#live = state.live;
    this.#contactor = state.contactor;
  }

  get live(): boolean {
    return this.#live;
  }

  /** Whether there is voltage behind a contactor that is commanded to be `closed`. */
  liveAfter(closed: boolean): boolean {
    if (!this.#live || this.#contactor === 'stuck_open') return false;
    return closed || this.#contactor === 'welded';
  }
}
