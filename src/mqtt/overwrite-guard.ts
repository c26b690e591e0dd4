import type { Cancel, Clock } from '../base/clock.js';
import type { Incoming } from './link.js';

/** Between two repairs of one topic, ms: two programs that both insist must not busy the broker. */
const REPAIR_INTERVAL_MS = 10_000;

/** Puts the truth back when somebody else publishes on a topic that is ours to publish (contract 4.10). */
export class OverwriteGuard {
  readonly #clock: Clock;
  readonly #repairs = new Map<string, Cancel>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Somebody else published `message` on a topic of ours whose true payload is `truth`. If that is something else,
   * `repair` is called, which publishes the truth of that moment: now, or when the last repair is long enough ago.
   * Returns whether it is something else.
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
