import type { Cancel, Clock } from '../base/clock.js';
import type { Incoming } from './link.js';

/** The time between two repairs of one topic, ms: two programs that correct each other must not flood the broker. */
const REPAIR_INTERVAL_MS = 10_000;

/** Publishes the right state again when somebody else has published on a topic of ours (contract 4.10). */
export class OverwriteGuard {
  readonly #clock: Clock;
  readonly #repairs = new Map<string, Cancel>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Somebody else has published `message` on a topic of ours whose right payload is `truth`. If the two differ,
   * `repair` is called: now, or when the last repair is long enough ago. It must publish the payload that is right at
   * that time. Returns whether the two differ.
   */
  overwritten({ topic, payload }: Incoming, truth: string, repair: () => void): boolean {
    if (Buffer.from(payload).equals(Buffer.from(truth))) return false;
    if (this.#repairs.has(topic)) return true;
    repair();
    const again = this.#clock.after(REPAIR_INTERVAL_MS, () => {
      this.#repairs.delete(topic);
      repair();
    });
    this.#repairs.set(topic, again);
    return true;
  }

  stop(): void {
    for (const cancel of this.#repairs.values()) cancel();
    this.#repairs.clear();
  }
}
