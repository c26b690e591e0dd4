/**
 * Counts blocks of readings that follow each other without a break. Between two changes of their length everything
 * about them is arithmetic, so nobody has to wake up for a block that is as the one before.
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

  /** Goes on with blocks of another length; what is read of the present one stays read. */
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

  /** The count after `full` whole blocks from `time` on; what has begun already is none. */
  after(full: number, time: number): number {
    this.sync(time);
    return this.count + full + (time > this.startedAt + 1e-9 ? 1 : 0);
  }
}
