import type { Supply } from '../world/supply.js';
import type { Monitor } from './monitor.js';

// controller-model 5. Some checks are skipped after the contactor has moved.
const CHECK_PERIOD_MS = 250;
const SKIPPED_CHECKS = 5;
/** A side is live with more zero crossings than this between two checks; 25 come. */
const FEW_EDGES = 10;

// controller-model 5, by contactor_state: not live, live before, live after, live on both sides.
const ERROR_WHEN_CLOSED: readonly number[] = [1, 2, 3, 0];
const ERROR_WHEN_OPEN: readonly number[] = [4, 0, 5, 6];

/** Checks the contactor by the zero crossings of the voltage before and after it (controller-model 5). */
export class EdgeMonitor implements Monitor {
  /** 1 live before, 2 live after, 3 both. */
  state = 0;
  error = 0;
  #closed = false;
  #skipped = 0;
  #dueAt: number;
  readonly #supply: Supply;

  constructor(start: number, supply: Supply) {
    this.#dueAt = start + CHECK_PERIOD_MS;
    this.#supply = supply;
    supply.edgesBefore.take(start);
    supply.edgesAfter.take(start);
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  /** This board does not check the protective earth. */
  readonly earthBroken = false;

  /** Does nothing: moved contacts show only in the edges that the next check counts. */
  look(): boolean {
    return false;
  }

  setPhases(): void {}

  /** The next checks are skipped, because the contacts move meanwhile. */
  contactorSwitched(_time: number, closed: boolean): void {
    this.#closed = closed;
    this.#skipped = SKIPPED_CHECKS;
  }

  run(time: number): boolean {
    this.#dueAt = time + CHECK_PERIOD_MS;
    const before = this.#supply.edgesBefore.take(time);
    const after = this.#supply.edgesAfter.take(time);
    if (this.#skipped > 0) {
      this.#skipped--;
      return false;
    }
    const state = (before > FEW_EDGES ? 1 : 0) + (after > FEW_EDGES ? 2 : 0);
    const error = (this.#closed ? ERROR_WHEN_CLOSED : ERROR_WHEN_OPEN)[state] ?? 0;
    const isNew = state !== this.state || error !== this.error;
    this.state = state;
    this.error = error;
    return isNew;
  }
}
