import type { Cancel, Clock } from '../base/clock.js';
import { Refused } from '../base/errors.js';
import type { Json } from '../base/json.js';
import { FlashBudget } from './flash-budget.js';

/** How long a write may wait for its turn, ms; waiting for the flash does not count (contract 4.6). */
const MAX_WAIT_MS = 15_000;

/** A group whose last write was sent within this time lets others go first, ms. */
const YIELD_MS = 1_000;

export interface QueueOptions {
  readonly clock: Clock;
  /** ms between two writes of one flash topic once its burst is used up. */
  readonly flashInterval: number;
  /** Called when a write to flash has to wait, once per stretch of waiting. */
  readonly onFlashWait: (path: string, ms: number) => void;
}

/** A write that wants to be sent. */
export interface QueuedWrite {
  readonly path: string;
  readonly value: Json;
  /** Whether the charger keeps the value in flash: then the flash budget limits how often it is written. */
  readonly flash: boolean;
  /** Name of the writes whose effects overlap; they keep their order of arrival. Usually the path. */
  readonly group: string;
  /** Time of the clock after which it must not be sent any more, ms. */
  readonly expiresAt: number | undefined;
  readonly send: () => Promise<void>;
  /** Called when the flash budget holds the write back, with the longest time that this will take, ms. */
  readonly onWait?: ((ms: number) => void) | undefined;
}

interface Entry extends QueuedWrite {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
  /** Since when only other writes hold it up, ms of the clock. */
  readySince: number | undefined;
  toldToWait: boolean;
}

/**
 * The writes of one charger: one in flight, and of those that wait only the newest per topic. They go in the order of
 * arrival, but a group that has just been served lets others go first, so that a flood on some topics does not hold up
 * a write to another one. A newer value goes to the end, so that start, stop, start ends with start (contract 4.5).
 */
export class WriteQueue {
  readonly #clock: Clock;
  readonly #options: QueueOptions;
  readonly #flash: FlashBudget;
  readonly #waiting = new Map<string, Entry>();
  /** When the last write of a group was sent, the latest last. */
  readonly #sentAt = new Map<string, number>();
  #inFlight: Entry | undefined;
  #wake: Cancel | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#flash = new FlashBudget(options.clock, options.flashInterval);
  }

  /**
   * Resolves when `send` has resolved. Rejects with the error of `send`, or with Refused: `superseded` if a newer value
   * for the path came, or `expired`. Sends at once if nothing is in flight.
   */
  push(write: QueuedWrite): Promise<void> {
    return new Promise((done, failed) => {
      const older = this.#waiting.get(write.path);
      this.#waiting.delete(write.path);
      this.#waiting.set(write.path, { ...write, done, failed, readySince: undefined, toldToWait: false });
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

  /** Sends the next write, expires what has waited too long, and sets a timer for when one of both is due. */
  #next(): void {
    this.#wake?.();
    this.#wake = undefined;
    const now = this.#clock.now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const entry of [...this.#waiting.values()]) {
      const wait = this.#flashWait(entry);
      if (wait <= 0) entry.readySince ??= now;
      const end = endOf(entry);
      if (end < now) this.#expire(entry);
      // One ms later, since a timer that fires a fraction of a ms early would find nothing to expire.
      else soonest = Math.min(soonest, wait > 0 ? now + wait : soonest, end + 1);
    }
    if (!this.#inFlight) {
      const first = this.#first(now);
      if (first) {
        this.#send(first);
        return;
      }
    }
    if (Number.isFinite(soonest)) this.#wake = this.#clock.after(soonest - now, () => this.#next());
  }

  #send(entry: Entry): void {
    this.#waiting.delete(entry.path);
    this.#inFlight = entry;
    if (entry.flash) this.#flash.spend(entry.path);
    this.#noteSent(entry.group);
    const settle = (answer: () => void) => {
      this.#inFlight = undefined;
      answer();
      this.#next();
    };
    entry.send().then(
      () => settle(entry.done),
      (error: unknown) => settle(() => entry.failed(error)),
    );
    // Other writes must expire in time even while this one takes long.
    this.#next();
  }

  /** Also forgets groups that were served longer ago than `YIELD_MS`: strangers choose how many groups there are. */
  #noteSent(group: string): void {
    const now = this.#clock.now();
    this.#sentAt.delete(group);
    this.#sentAt.set(group, now);
    for (const [other, at] of this.#sentAt) {
      if (now - at < YIELD_MS) return;
      this.#sentAt.delete(other);
    }
  }

  /** The first write to arrive whose group was not served just now; else that of the group served longest ago. */
  #first(now: number): Entry | undefined {
    const ready = [...this.#waiting.values()].filter(({ readySince }) => readySince !== undefined);
    const servedAt = ({ group }: Entry) => this.#sentAt.get(group) ?? Number.NEGATIVE_INFINITY;
    return (
      ready.find((entry) => now - servedAt(entry) >= YIELD_MS) ??
      ready.reduce<Entry | undefined>(
        (first, entry) => (first && servedAt(first) <= servedAt(entry) ? first : entry),
        undefined,
      )
    );
  }

  /** How long the flash budget holds `entry` back, ms. Also calls `onFlashWait` and `onWait` once. */
  #flashWait(entry: Entry): number {
    if (!entry.flash || entry.readySince !== undefined) return 0;
    const wait = this.#flash.wait(entry.path);
    if (wait.ms > 0 && !entry.toldToWait) {
      entry.toldToWait = true;
      if (wait.isNew) this.#options.onFlashWait(entry.path, wait.ms);
      entry.onWait?.(wait.ms);
    }
    return wait.ms;
  }

  #expire(entry: Entry): void {
    this.#waiting.delete(entry.path);
    const expired = entry.expiresAt !== undefined && entry.expiresAt < this.#clock.now();
    const why = expired
      ? 'its message expiry was over before it could be sent'
      : `it could not be sent within ${MAX_WAIT_MS / 1000} s: the charger is slow, or much is written to it`;
    entry.failed(new Refused('expired', why));
  }
}

/** Time of the clock after which `entry` is not sent any more. */
function endOf({ readySince, expiresAt = Number.POSITIVE_INFINITY }: Entry): number {
  return readySince === undefined ? expiresAt : Math.min(expiresAt, readySince + MAX_WAIT_MS);
}
