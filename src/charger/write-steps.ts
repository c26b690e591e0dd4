import type { Cancel, Clock } from '../base/clock.js';
import { messageOf, Refused } from '../base/errors.js';
import type { Log } from '../base/log.js';
import type { Command, WriteStep } from '../topics/topic.js';

/** A step that did not reach the charger is sent again after so long, ms: a command that has begun must be ended. */
const AGAIN_MS = 5_000;

/** A step that the charger refuses is sent again after a wait that doubles each time up to this one, ms. */
const REFUSED_AGAIN_MS = 300_000;

export interface WriteStepsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Sends a step when its turn comes. */
  readonly send: (step: WriteStep) => Promise<void>;
  /** `command` has been under way since `since` (ms since 1970), or, if undefined, has ended. */
  readonly tell: (command: Command, since: number | undefined) => void;
}

/** Steps that have not been sent yet, each with the function that cancels its timer. */
type Plan = Map<WriteStep, Cancel>;

/** Commands that the bridge carries out in several writes. */
export class WriteSteps {
  readonly #options: WriteStepsOptions;
  /** The plan of each command that is under way; empty while its first step is on its way. */
  readonly #plans = new Map<Command, Plan>();
  #isStopped = false;

  constructor(options: WriteStepsOptions) {
    this.#options = options;
  }

  /** Begins `command`: `sendFirst` sends its first step, the others are sent at their times. */
  async begin(command: Command, sendFirst: (step: WriteStep) => Promise<void>): Promise<void> {
    const [first, ...later] = command.steps ?? [];
    if (!first) return;
    this.#plans.set(command, this.#plans.get(command) ?? new Map());
    // Announced before the first step is sent: if this process is killed in between, the next one must know.
    this.#options.tell(command, this.#options.clock.date());
    try {
      await sendFirst(first);
    } catch (error) {
      // If there was no answer, the charger may still have got the first step: the others must follow.
      if (error instanceof Refused) this.#endIfDone(command);
      else this.#plan(command, later, 0);
      throw error;
    }
    this.#plan(command, later, 0);
  }

  /** Whether a command has begun and not ended. */
  get isUnderway(): boolean {
    return this.#plans.size > 0;
  }

  /** Plans the later steps of `command`, whose first step an earlier process sent `elapsedMs` ago. */
  resume(command: Command, elapsedMs: number): void {
    const [, ...later] = command.steps ?? [];
    this.#plan(command, later, elapsedMs);
  }

  /** Somebody else has written `path`: later steps that would write there are dropped. */
  overtake(path: string): void {
    for (const [command, plan] of [...this.#plans]) {
      for (const [step, cancel] of [...plan]) {
        if (step.path !== path) continue;
        cancel();
        this.#done(command, plan, step);
      }
    }
  }

  /** Sends all later steps at once. A step that does not reach the charger stays under way, for the next process. */
  async finish(): Promise<void> {
    for (const [command, plan] of [...this.#plans]) {
      for (const [step, cancel] of [...plan]) {
        // The command may have ended meanwhile: because of `stop`, or because somebody wrote the same topic.
        if (this.#plans.get(command) !== plan) break;
        cancel();
        await this.#options.send(step).then(
          () => this.#done(command, plan, step),
          () => {},
        );
      }
    }
  }

  /** Nothing is sent from now on, also if a write that is on its way fails later. */
  stop(): void {
    this.#isStopped = true;
    for (const plan of this.#plans.values()) for (const cancel of plan.values()) cancel();
    this.#plans.clear();
  }

  #plan(command: Command, later: readonly WriteStep[], elapsedMs: number): void {
    if (this.#isStopped) return;
    for (const cancel of this.#plans.get(command)?.values() ?? []) cancel();
    const plan: Plan = new Map();
    this.#plans.set(command, plan);
    for (const step of later) this.#after(Math.max(0, step.afterMs - elapsedMs), command, plan, step);
  }

  /** Sends `step` after `ms`; the charger has refused it `refusals` times so far. */
  #after(ms: number, command: Command, plan: Plan, step: WriteStep, refusals = 0): void {
    const { clock, log, send } = this.#options;
    const cancel = clock.after(ms, () => {
      send(step).then(
        () => {
          if (refusals > 0) log.info(`the charger has taken ${asText(step)} at last`);
          this.#done(command, plan, step);
        },
        (error) => {
          if (this.#plans.get(command) !== plan) return;
          const code = error instanceof Refused ? error.code : undefined;
          // A newer value for the same topic came meanwhile, and that one counts.
          if (code === 'superseded') this.#done(command, plan, step);
          else if (code === 'rejected') this.#refused(command, plan, step, refusals + 1, messageOf(error));
          else this.#after(AGAIN_MS, command, plan, step, refusals);
        },
      );
    });
    plan.set(step, cancel);
  }

  /** Tries a refused step again, for ever: without the last step the charger might never charge again. */
  #refused(command: Command, plan: Plan, step: WriteStep, refusals: number, why: string): void {
    if (refusals === 1) {
      const text = `the charger refuses ${asText(step)}, a later step of a command: ${why}`;
      this.#options.log.warn(`${text}; the bridge sends it again, with growing waits`);
    }
    this.#after(Math.min(AGAIN_MS * 2 ** (refusals - 1), REFUSED_AGAIN_MS), command, plan, step, refusals);
  }

  #done(command: Command, plan: Plan, step: WriteStep): void {
    plan.delete(step);
    if (this.#plans.get(command) === plan) this.#endIfDone(command);
  }

  #endIfDone(command: Command): void {
    if (this.#plans.get(command)?.size !== 0) return;
    this.#plans.delete(command);
    this.#options.tell(command, undefined);
  }
}

function asText({ path, value }: WriteStep): string {
  return `${JSON.stringify(value)} for ${path}`;
}
