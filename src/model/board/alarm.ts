const NEVER = Number.POSITIVE_INFINITY;

/** The time of a board's next timer. Each evaluation clears it, and sets it again for whatever it still waits for. */
export class Alarm {
  dueAt = NEVER;

  clear(): void {
    this.dueAt = NEVER;
  }

  wakeAt(time: number): void {
    if (time < this.dueAt) this.dueAt = time;
  }
}
