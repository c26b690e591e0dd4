/** For this time after the control pilot is connected again, nothing is evaluated (controller-model-2 2.9). */
export const RECONNECTING_MS = 75;

/** Who can cut the control pilot. */
export type RelayUser = 'api' | 'wakeup' | 'phases';

/** The relay in the control pilot. While it is open, vehicle and board don't see each other. */
export class PilotRelay {
  /** When it was closed last; ms. */
  closedAt = Number.NEGATIVE_INFINITY;
  readonly #openFor = new Set<RelayUser>();

  get open(): boolean {
    return this.#openFor.size > 0;
  }

  isOpenFor(user: RelayUser): boolean {
    return this.#openFor.has(user);
  }

  /** Whether the board evaluates nothing yet, having just been connected again. */
  isReconnecting(time: number): boolean {
    return !this.open && time < this.closedAt + RECONNECTING_MS;
  }

  setOpen(user: RelayUser, open: boolean, time: number): void {
    const before = this.open;
    if (open) this.#openFor.add(user);
    else this.#openFor.delete(user);
    if (before && !this.open) this.closedAt = time;
  }
}
