import type { Cancel, Clock } from '../base/clock.js';
import { Refused } from '../base/errors.js';
import type { WriteStep } from '../topics/topic.js';

/** A step that did not reach the charger is sent again after so long, ms: what was begun has to be ended. */
const AGAIN_MS = 5_000;

/** The later steps of commands that the bridge carries out in several writes. */
export class WriteSteps {
  readonly #clock: Clock;
  readonly #send: (step: WriteStep) => Promise<unknown>;
  readonly #waiting = new Set<Cancel>();
  #stopped = false;

  constructor(clock: Clock, send: (step: WriteStep) => Promise<unknown>) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Sends each of `steps` at its time, until it has reached the charger. */
  plan(steps: readonly WriteStep[]): void {
    for (const step of steps) this.#after(step.afterMs, step);
  }

  /** Nothing is sent from now on. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
  }

  #after(ms: number, step: WriteStep): void {
    // A write that was on its way when everything ended may come back only now.
    if (this.#stopped) return;
    const cancel = this.#clock.after(ms, () => {
      this.#waiting.delete(cancel);
      this.#send(step).catch((error) => {
        // Somebody wants it otherwise meanwhile.
        if (error instanceof Refused && error.code === 'superseded') return;
        this.#after(AGAIN_MS, step);
      });
    });
    this.#waiting.add(cancel);
  }
}
