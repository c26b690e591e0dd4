import type { SupplyState } from '../api-types.js';

/** Between two zero crossings of mains of 50 Hz. */
const EDGE_MS = 10;
const NEVER = Number.POSITIVE_INFINITY;

/** Zero crossings that an input sees. */
class EdgeCounter {
  #live = false;
  #since = 0;
  #count = 0;

  set(live: boolean, time: number): void {
    if (live === this.#live) return;
    this.#add(time);
    this.#live = live;
  }

  /** The zero crossings since the last call. */
  take(time: number): number {
    this.#add(time);
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  #add(time: number): void {
    if (this.#live) this.#count += Math.floor(time / EDGE_MS) - Math.floor(this.#since / EDGE_MS);
    this.#since = time;
  }
}

/** The mains before the contactor, the contactor's contacts and their health. */
export class Supply {
  readonly edgesBefore = new EdgeCounter();
  readonly edgesAfter = new EdgeCounter();
  #state: SupplyState = { live: true, contactor: 'ok', contact_time: 0 };
  /** Where the contacts are, as far as they can move. */
  #closed = false;
  #command = false;
  #moveAt = NEVER;

  constructor() {
    this.#show(0);
  }

  get state(): SupplyState {
    return this.#state;
  }

  /** When the contacts get where they were commanded to go. */
  get dueAt(): number {
    return this.#moveAt;
  }

  get live(): boolean {
    return this.#state.live;
  }

  /** Whether there is voltage behind the contactor. */
  get liveAfter(): boolean {
    const { live, contactor } = this.#state;
    return live && contactor !== 'stuck_open' && (this.#closed || contactor === 'welded');
  }

  set(state: SupplyState, time: number): void {
    this.#state = { ...state };
    this.#show(time);
  }

  /** The contactor's coil; the contacts follow after their time. */
  command(closed: boolean, time: number): void {
    if (closed === this.#command) return;
    this.#command = closed;
    this.#moveAt = closed === this.#closed ? NEVER : time + this.#state.contact_time;
    if (this.#moveAt <= time) this.run(time);
  }

  /** Moves the contacts. */
  run(time: number): void {
    this.#moveAt = NEVER;
    this.#closed = this.#command;
    this.#show(time);
  }

  #show(time: number): void {
    this.edgesBefore.set(this.live, time);
    this.edgesAfter.set(this.liveAfter, time);
  }
}
