import type { Supply } from '../world/supply.js';
import type { Monitor } from './monitor.js';

// controller-model-2 5.3.
const CHECK_PERIOD_MS = 250;
const SKIPPED_CHECKS = 5;
const FEW_EDGES = 10;
const INCONSISTENT_FOR_MS = 250;
const NEVER = Number.POSITIVE_INFINITY;

/** Error codes by the auxiliary contacts that are closed: none, the first, the second, both. */
const CODES = {
  closed3: [3, 1, 2, 0],
  closed1: [6, 0, 5, 4],
  open3: [0, 8, 9, 7],
  open1: [0, 11, 12, 10],
} as const;

/** Checks two contactors by their auxiliary contacts, and checks the protective earth (controller-model-2 5.3). */
export class AuxiliaryMonitor implements Monitor {
  #earthBroken = false;
  #code = 0;
  #closed = false;
  #phases = 3;
  #skipped = 0;
  #checkAt: number;
  #inconsistentSince: number | undefined;
  readonly #supply: Supply;

  constructor(start: number, supply: Supply) {
    this.#checkAt = start + CHECK_PERIOD_MS;
    this.#supply = supply;
    supply.edgesEarth.take(start);
  }

  get earthBroken(): boolean {
    return this.#earthBroken;
  }

  get state(): number {
    const { first, second } = this.#supply.auxiliary;
    const error = this.error !== 0 ? 4 : 0;
    return (
      (first ? 1 : 0) + (second ? 2 : 0) + error + (this.#closed ? 8 : 0) + (this.#phases === 3 ? 16 : 0)
    );
  }

  get error(): number {
    return (this.#earthBroken ? 1 : 0) + 2 * this.#code;
  }

  get dueAt(): number {
    const since = this.#inconsistentSince;
    const pending = since !== undefined && this.#code === 0 ? since + INCONSISTENT_FOR_MS : NEVER;
    return Math.min(this.#checkAt, pending);
  }

  contactorSwitched(time: number, closed: boolean): void {
    this.#closed = closed;
    this.#skipped = SKIPPED_CHECKS;
    this.look(time);
  }

  setPhases(phases: number, time: number): void {
    this.#phases = phases;
    this.look(time);
  }

  /** To be called when contacts have moved or should move; true if an error came or went. */
  look(time: number): boolean {
    const before = this.error;
    const code = this.#seen();
    if (code === 0) {
      this.#inconsistentSince = undefined;
      this.#code = 0;
    } else {
      this.#inconsistentSince ??= time;
      if (time >= this.#inconsistentSince + INCONSISTENT_FOR_MS) this.#code = code;
    }
    return before !== this.error;
  }

  run(time: number): boolean {
    const before = this.error;
    if (this.#checkAt <= time) this.#checkEarth(time);
    this.look(time);
    return before !== this.error;
  }

  #checkEarth(time: number): void {
    this.#checkAt = time + CHECK_PERIOD_MS;
    const edges = this.#supply.edgesEarth.take(time);
    if (this.#skipped > 0) this.#skipped--;
    else this.#earthBroken = edges <= FEW_EDGES;
  }

  #seen(): number {
    const { first, second } = this.#supply.auxiliary;
    const at = ((first ? 1 : 0) + (second ? 2 : 0)) as 0 | 1 | 2 | 3;
    if (this.#closed) return (this.#phases === 3 ? CODES.closed3 : CODES.closed1)[at];
    return (this.#phases === 3 ? CODES.open3 : CODES.open1)[at];
  }
}
