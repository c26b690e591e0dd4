import type { Cancel, Clock } from '../base/clock.js';
import { Refused } from '../base/errors.js';
import type { Json } from '../base/json.js';

/** Writes to flash that pass without waiting, and the time after which one more may pass (contract 4.9). */
const FLASH_BURST = 5;

export interface QueueOptions {
  readonly clock: Clock;
  /** ms between two writes of one flash topic once its burst is used up. */
  readonly flashInterval: number;
  /** Called when a write to flash has to wait, once per stretch of waiting. */
  readonly onFlashWait: (path: string, ms: number) => void;
}

interface Entry {
  readonly path: string;
  readonly value: Json;
  readonly flash: boolean;
  readonly send: () => Promise<void>;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

interface Bucket {
  tokens: number;
  at: number;
  waiting: boolean;
}

/**
 * The writes of one charger: in order of arrival, one in flight, and of those that wait only the newest per
 * topic. A newer one goes to the end, so that start, stop, start ends with start (contract 4.5).
 */
export class WriteQueue {
  readonly #options: QueueOptions;
  readonly #waiting = new Map<string, Entry>();
  readonly #buckets = new Map<string, Bucket>();
  #inFlight: Entry | undefined;
  #wake: Cancel | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Resolves when `send` has; rejects with its error, or Refused `superseded` by a newer value for `path`. */
  push(path: string, value: Json, flash: boolean, send: () => Promise<void>): Promise<void> {
    return new Promise((done, failed) => {
      const older = this.#waiting.get(path);
      this.#waiting.delete(path);
      this.#waiting.set(path, { path, value, flash, send, done, failed });
      older?.failed(new Refused('superseded', 'a newer value arrived before this one was sent'));
      this.#next();
    });
  }

  /** The newest value for `path` that waits or is on its way, or undefined. */
  latest(path: string): Json | undefined {
    const entry = this.#waiting.get(path) ?? (this.#inFlight?.path === path ? this.#inFlight : undefined);
    return entry?.value;
  }

  /** Whether anything waits or is on its way for `path`. */
  busy(path: string): boolean {
    return this.#waiting.has(path) || this.#inFlight?.path === path;
  }

  /** Answers everything that has not been sent yet with `error`. */
  fail(error: Error): void {
    this.#wake?.();
    this.#wake = undefined;
    const entries = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const entry of entries) entry.failed(error);
  }

  #next(): void {
    if (this.#inFlight) return;
    this.#wake?.();
    this.#wake = undefined;
    const ready = this.#firstReady();
    if (typeof ready === 'number') {
      if (Number.isFinite(ready)) this.#wake = this.#options.clock.after(ready, () => this.#next());
      return;
    }
    this.#waiting.delete(ready.path);
    this.#inFlight = ready;
    if (ready.flash) this.#bucket(ready.path).tokens -= 1;
    const settle = (answer: () => void) => {
      this.#inFlight = undefined;
      answer();
      this.#next();
    };
    ready.send().then(
      () => settle(ready.done),
      (error: unknown) => settle(() => ready.failed(error)),
    );
  }

  /** The entry to send now, or in how many ms there will be one. */
  #firstReady(): Entry | number {
    let soonest = Number.POSITIVE_INFINITY;
    for (const entry of this.#waiting.values()) {
      const wait = entry.flash ? this.#flashWait(entry.path) : 0;
      if (wait <= 0) return entry;
      soonest = Math.min(soonest, wait);
    }
    return soonest;
  }

  #flashWait(path: string): number {
    const bucket = this.#bucket(path);
    if (bucket.tokens >= 1) {
      bucket.waiting = false;
      return 0;
    }
    const ms = Math.ceil((1 - bucket.tokens) * this.#options.flashInterval);
    if (!bucket.waiting) {
      bucket.waiting = true;
      this.#options.onFlashWait(path, ms);
    }
    return ms;
  }

  #bucket(path: string): Bucket {
    const now = this.#options.clock.now();
    let bucket = this.#buckets.get(path);
    if (bucket) {
      const grown =
        this.#options.flashInterval > 0 ? (now - bucket.at) / this.#options.flashInterval : FLASH_BURST;
      bucket.tokens = Math.min(FLASH_BURST, bucket.tokens + grown);
      bucket.at = now;
    } else {
      bucket = { tokens: FLASH_BURST, at: now, waiting: false };
      this.#buckets.set(path, bucket);
    }
    return bucket;
  }
}
