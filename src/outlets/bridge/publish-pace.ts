import type { Clock } from '../../base/clock.js';
import type { Charger } from '../../charger/charger.js';
import { matcher } from '../../charger/globs.js';
import { PublishThrottle } from './publish-throttle.js';

/** The shortest time between two messages on each topic that matches the pattern `topics`, ms; 0: no limit. */
export interface IntervalRule {
  readonly topics: string;
  readonly ms: number;
}

export interface PublishPaceOptions {
  readonly charger: Charger;
  readonly clock: Clock;
  /** The first rule that fits a topic counts. */
  readonly intervals: readonly IntervalRule[];
  readonly publish: (path: string) => void;
}

/** A power jumps if it changes by this share, and by at least so many watts. */
const JUMP = { share: 0.2, leastW: 50 };

/** Publishes each topic as often as its rule allows, and at once if its power starts, stops or jumps (contract 3). */
export class PublishPace {
  readonly #options: PublishPaceOptions;
  readonly #rules: readonly { readonly fits: (path: string) => boolean; readonly ms: number }[];
  readonly #throttles = new Map<string, PublishThrottle | undefined>();
  /** The power that was last published, W. */
  readonly #powers = new Map<string, number | null>();

  constructor(options: PublishPaceOptions) {
    this.#options = options;
    this.#rules = options.intervals.map(({ topics, ms }) => ({ fits: matcher([topics]), ms }));
  }

  /** `path` has a new value. */
  changed(path: string): void {
    if (!this.#throttles.has(path)) this.#throttles.set(path, this.#throttleOf(path));
    const throttle = this.#throttles.get(path);
    if (throttle) throttle.changed(this.#hasJumped(path));
    else this.#options.publish(path);
  }

  stop(): void {
    for (const throttle of this.#throttles.values()) throttle?.stop();
  }

  #throttleOf(path: string): PublishThrottle | undefined {
    const { charger, clock } = this.#options;
    const { ms = 0 } = this.#rules.find(({ fits }) => fits(path)) ?? {};
    const longest = charger.topics.get(path)?.state?.heartbeat?.maxSilenceMs ?? ms;
    return ms === 0
      ? undefined
      : new PublishThrottle(clock, Math.min(ms, longest), () => this.#publish(path));
  }

  #publish(path: string): void {
    this.#powers.set(path, this.#powerOf(path));
    this.#options.publish(path);
  }

  #hasJumped(path: string): boolean {
    const before = this.#powers.get(path) ?? null;
    const now = this.#powerOf(path);
    if (now === null || before === null) return now !== before;
    return Math.abs(now - before) >= Math.max(JUMP.leastW, Math.abs(before) * JUMP.share);
  }

  #powerOf(path: string): number | null {
    const { charger } = this.#options;
    const value = charger.read(path);
    const power = charger.topics.get(path)?.state?.power;
    return value === undefined || !power ? null : power(value, (other) => charger.read(other), path);
  }
}
