import type { Supply } from '../world/supply.js';

// controller-model 5; so many checks are skipped after the contactor has moved.
const CHECK_PERIOD_MS = 250;
const SKIPPED_CHECKS = 5;
/** A side is live with more zero crossings than this between two checks; 25 come. */
const FEW_EDGES = 10;

// controller-model 5, by CS: not live, live before, live after, live on both sides.
const ERROR_WHEN_CLOSED: readonly number[] = [1, 2, 3, 0];
const ERROR_WHEN_OPEN: readonly number[] = [4, 0, 5, 6];

/** The contactor command and the monitoring of its contacts (controller-model 5). */
export class Contactor {
  closed = false;
  /** contactor_state: 1 live before, 2 live after, 3 both. */
  state = 0;
  /** contactor_error, 0 = consistent. */
  error = 0;
  #skipped = 0;
  #dueAt: number;
  readonly #supply: Supply;

  constructor(start: number, supply: Supply) {
    this.#dueAt = start + CHECK_PERIOD_MS;
    this.#supply = supply;
    supply.command(false, start);
    supply.edgesBefore.take(start);
    supply.edgesAfter.take(start);
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  command(closed: boolean, time: number): void {
    this.closed = closed;
    this.#supply.command(closed, time);
    this.#skipped = SKIPPED_CHECKS;
  }

  check(time: number): void {
    this.#dueAt = time + CHECK_PERIOD_MS;
    const before = this.#supply.edgesBefore.take(time);
    const after = this.#supply.edgesAfter.take(time);
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    this.state = (before > FEW_EDGES ? 1 : 0) + (after > FEW_EDGES ? 2 : 0);
    this.error = (this.closed ? ERROR_WHEN_CLOSED : ERROR_WHEN_OPEN)[this.state] ?? 0;
  }
}
