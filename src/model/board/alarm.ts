const NEVER = Number.POSITIVE_INFINITY;

/** When the next timer of a board runs out. Each evaluation sets it anew, as far as it still waits for something. */
export class Alarm {
  dueAt = NEVER;

  clear(): void {
    this.dueAt = NEVER;
  }

  wakeAt(time: number): void {
    if (time < this.dueAt) this.dueAt = time;
  }
}
