import type { Cancel, Clock } from '../base/clock.js';

/** How long a request waits for the main loop, ms (charger-wire 4.5). */
export const LOOP_WAIT_MS = 10_000;

/** The main loop, which every request but the simulator's own has to wait for; it can be made to stand still. */
export class MainLoop {
  readonly #clock: Clock;
  readonly #waiting = new Set<(free: boolean) => void>();
  #turn: Promise<boolean> = Promise.resolve(true);
  #stalled = false;
  #end: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** Stands still for `ms`, or until `release`. */
  stall(ms: number): void {
    this.#end();
    this.#stalled = true;
    this.#end = this.#clock.after(ms, () => this.release());
  }

  /** Runs again: everything that waited goes on. */
  release(): void {
    this.#end();
    this.#stalled = false;
    for (const free of [...this.#waiting]) free(true);
  }

  /** Resolves with true when the loop runs, with false after ten seconds. Requests wait one after the other. */
  enter(): Promise<boolean> {
    if (!this.#stalled) return Promise.resolve(true);
    this.#turn = this.#turn.then(() => this.#wait());
    return this.#turn;
  }

  #wait(): Promise<boolean> {
    if (!this.#stalled) return Promise.resolve(true);
    return new Promise((resolve) => {
      const free = (running: boolean) => {
        cancel();
        this.#waiting.delete(free);
        resolve(running);
      };
      const cancel = this.#clock.after(LOOP_WAIT_MS, () => free(false));
      this.#waiting.add(free);
    });
  }
}
