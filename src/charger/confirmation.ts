import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import { Unavailable } from '../base/errors.js';
import { includes, type Json } from '../base/json.js';
import type { Command, Topic } from '../topics/topic.js';
import type { Charger } from './charger.js';

export interface ConfirmationOptions {
  readonly charger: Pick<Charger, 'topics' | 'read' | 'watch'>;
  /** Reads a topic of the charger anew, as Backend.read does. */
  readonly readAnew: (path: string) => Promise<boolean>;
  readonly clock: Clock;
}

/**
 * When the topics are read in which the effect of a write must show, ms after the charger has taken it: at once, and
 * again, because the network processor asks the charge controller only every 250 ms (charger-wire 3.1).
 */
const LOOK_AT_MS = [0, 300, 1_000, 2_000];

/** What can be said about the effect of a write; `undefined` where the topics do not tell. */
interface Effect {
  readonly shown: boolean | undefined;
  /** The topics that tell. */
  readonly topics: readonly string[];
}

/** Looks whether the charger shows the effect of what it has taken (contract 4.8). */
export class Confirmation {
  readonly #options: ConfirmationOptions;
  /** What ends the looking for the last write of a group. */
  readonly #looking = new Map<string, AbortController>();

  constructor(options: ConfirmationOptions) {
    this.#options = options;
  }

  /** A newer write is on its way: what the charger shows from now on is no longer about an older one. */
  supersede(row: Topic): void {
    this.#looking.get(groupOf(row))?.abort();
  }

  /** Ends all looking: nobody will know any more what came of it, because of `why`. */
  stop(why: string): void {
    for (const ending of this.#looking.values()) ending.abort(unknown(why));
  }

  /**
   * Whether the charger shows the effect of `value`, which it has just taken. `false` is said only after a reading
   * that was asked for when the effect was due; where the topics can't tell, the answer is true. Throws Unavailable
   * where the charger goes away, or does not answer, before that. `isTold`: it has told the topic anew since the write
   * was sent; then nothing is read where that shows the effect (contract 4.7).
   */
  async confirm(row: Topic, value: Json, { isTold = false } = {}): Promise<boolean> {
    this.supersede(row);
    if (isTold && this.#effect(row, value).shown === true) return true;
    const ending = new AbortController();
    const group = groupOf(row);
    this.#looking.set(group, ending);
    const looking = this.#look(row, value, ending.signal).finally(() => {
      if (this.#looking.get(group) === ending) this.#looking.delete(group);
    });
    if (this.#mayShow(row, value)) return this.#first(row, value, looking, ending);
    return true;
  }

  /** What comes first: the effect, however it gets here, or the end of the looking. */
  #first(
    row: Topic,
    value: Json,
    looking: Promise<boolean | Unavailable>,
    ending: AbortController,
  ): Promise<boolean> {
    const { charger } = this.#options;
    return new Promise((resolve, reject) => {
      const end = (found: boolean | Unavailable) => {
        if (found instanceof Unavailable) reject(found);
        else resolve(found);
        unwatch();
        ending.abort();
      };
      const unwatch = charger.watch({
        state: () => {
          if (!this.#mayShow(row, value)) end(true);
        },
        connection() {},
      });
      const abandon = () => {
        const { reason } = ending.signal;
        end(reason instanceof Unavailable ? reason : true);
      };
      ending.signal.addEventListener('abort', abandon, { once: true });
      looking.then(end, reject);
    });
  }

  /** Reads until the effect shows or is overdue; resolves to whether it has come, or why nobody knows. */
  async #look(row: Topic, value: Json, signal: AbortSignal): Promise<boolean | Unavailable> {
    const { clock } = this.#options;
    const taken = clock.now();
    let answered = false;
    for (const at of LOOK_AT_MS) {
      const wait = taken + at - clock.now();
      if (wait > 0) await pause(clock, wait, signal);
      if (signal.aborted) return true;
      answered = await this.#readAll(this.#effect(row, value).topics);
      const { shown } = this.#effect(row, value);
      if (shown === true || (shown === undefined && answered)) return true;
    }
    if (this.#effect(row, value).shown === undefined) return true;
    return answered ? false : unknown('the charger does not answer any more');
  }

  async #readAll(paths: readonly string[]): Promise<boolean> {
    let answered = true;
    for (const path of paths) answered = (await this.#options.readAnew(path)) && answered;
    return answered;
  }

  /** Whether it is worth waiting: the effect does not show yet, or the charger has not told yet where it would. */
  #mayShow(row: Topic, value: Json): boolean {
    const { shown, topics } = this.#effect(row, value);
    if (shown !== undefined) return !shown;
    // After a start the dump takes its time. What looks into several topics has an answer for those that are absent.
    return row.command !== undefined && !row.command.applied && topics.length > 0;
  }

  #effect({ path, command }: Topic, value: Json): Effect {
    const { charger } = this.#options;
    const asked = new Set<string>();
    const show = (other: string) => {
      asked.add(other);
      return charger.read(other);
    };
    const shown = command?.applied
      ? command.applied(value, show)
      : showsValue(show(command?.shownIn ?? path), value, command);
    // What has no state must never be read: the charger takes a GET on a command for an order to carry it out.
    const topics = [...asked].filter(
      (one) => charger.topics.get(one)?.state || charger.read(one) !== undefined,
    );
    return { shown, topics };
  }
}

/** The charger has taken a write, and because of `why` nobody knows what came of it. */
const unknown = (why: string) =>
  new Unavailable(`${why}; the charger took the write, which may or may not have come to effect`);

/** What a topic does with a write that nobody has described, nobody can say. */
function showsValue(
  present: Json | undefined,
  value: Json,
  command: Command | undefined,
): boolean | undefined {
  if (present !== undefined && includes(present, value)) return true;
  return present === undefined || !command ? undefined : false;
}

/** Writes whose effects overlap: start undoes stop. */
export const groupOf = ({ path, command }: Topic): string => (command?.action ? 'actions' : path);
