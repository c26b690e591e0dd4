import type { Clock } from '../base/clock.js';

/** Writes to flash that pass without waiting (contract 4.9). */
const FLASH_BURST = 5;

interface Bucket {
  tokens: number;
  at: number;
  waiting: boolean;
}

/** Limits how often each topic is written to the charger's flash: a burst, then one write per interval (contract 4.9). */
export class FlashBudget {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `interval`: ms after which one more write may pass; 0: no limit. */
  constructor(clock: Clock, interval: number) {
    this.#clock = clock;
    this.#interval = interval;
  }

  /** ms until `path` may be written; `isNew`: the call before did not have to wait. */
  wait(path: string): { readonly ms: number; readonly isNew: boolean } {
    const bucket = this.#bucket(path);
    if (bucket.tokens >= 1) {
      bucket.waiting = false;
      return { ms: 0, isNew: false };
    }
    const isNew = !bucket.waiting;
    bucket.waiting = true;
    return { ms: Math.ceil((1 - bucket.tokens) * this.#interval), isNew };
  }

  /** `path` is being written. */
  spend(path: string): void {
    this.#bucket(path).tokens -= 1;
  }

  #bucket(path: string): Bucket {
    const now = this.#clock.now();
    let bucket = this.#buckets.get(path);
    if (bucket) {
      const grown = this.#interval > 0 ? (now - bucket.at) / this.#interval : FLASH_BURST;
      bucket.tokens = Math.min(FLASH_BURST, bucket.tokens + grown);
      bucket.at = now;
    } else {
      bucket = { tokens: FLASH_BURST, at: now, waiting: false };
      this.#buckets.set(path, bucket);
    }
    return bucket;
  }
}
