/**
 * Counts blocks of readings that follow each other without a break. While their length does not change, their times are
 * computed, so that a block like the one before needs no event.
 */
export class BlockClock {
  /** Blocks that have ended. */
  count = 0;
  /** When the block going on has begun; ms. */
  startedAt: number;
  period: number;

  constructor(start: number, period: number) {
    this.startedAt = start;
    this.period = period;
  }

  /** When the block going on ends. */
  get endsAt(): number {
    return this.startedAt + this.period;
  }

  /** When `count` blocks will have ended, if nothing changes. */
  timeOf(count: number): number {
    return this.startedAt + (count - this.count) * this.period;
  }

  /** Counts what has ended by `time`. */
  sync(time: number): void {
    const ended = Math.floor((time - this.startedAt) / this.period + 1e-9);
    if (ended <= 0) return;
    this.count += ended;
    this.startedAt += ended * this.period;
  }

  /** Goes on with blocks of another length. The share of the present block that has been read stays the same. */
  setPeriod(period: number, time: number): void {
    if (period === this.period) return;
    this.sync(time);
    const done = (time - this.startedAt) / this.period;
    this.startedAt = time - done * period;
    this.period = period;
  }

  /** Begins a block anew. */
  restart(time: number): void {
    this.sync(time);
    this.startedAt = time;
  }

  /** What `count` will be when `full` whole blocks have passed. A block that began before `time` is not one of them. */
  after(full: number, time: number): number {
    this.sync(time);
    return this.count + full + (time > this.startedAt + 1e-9 ? 1 : 0);
  }
}
