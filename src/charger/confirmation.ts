import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import { Unavailable } from '../base/errors.js';
import { includes, type Json } from '../base/json.js';
import type { Command, Topic } from '../topics/topic.js';
import type { Charger } from './charger.js';

export interface ConfirmationOptions {
  readonly charger: Pick<Charger, 'topics' | 'read' | 'watch'>;
  /** Reads a topic of the charger again, as Backend.read does. */
  readonly readAnew: (path: string) => Promise<boolean>;
  readonly clock: Clock;
}

/**
 * When the topics that must show the effect of a write are read, ms after the charger has accepted it. Once is not
 * enough, because the network processor asks the charge controller only every 250 ms (charger-wire 3.1).
 */
const LOOK_AT_MS = [0, 300, 1_000, 2_000];

/** Whether the topics show the effect of a write; `undefined` if they can't tell. */
interface Effect {
  readonly shown: boolean | undefined;
  /** The topics that can show it. */
  readonly topics: readonly string[];
}

/** Checks whether the charger shows the effect of a write that it has accepted (contract 4.8). */
export class Confirmation {
  readonly #options: ConfirmationOptions;
  /** Ends the check of the last write of a group. */
  readonly #looking = new Map<string, AbortController>();

  constructor(options: ConfirmationOptions) {
    this.#options = options;
  }

  /** A newer write is on its way: the states that come from now on say nothing about an older one. */
  supersede(row: Topic): void {
    this.#looking.get(groupOf(row))?.abort();
  }

  /** Ends all checks: because of `why` nobody can know any more what became of the writes. */
  stop(why: string): void {
    for (const ending of this.#looking.values()) ending.abort(unknown(why));
  }

  /**
   * Resolves to whether the charger shows the effect of `value`, which it has just accepted. It is `false` only after
   * the last read, when the effect was due; if the topics can't tell, it is `true`. Rejects with Unavailable if the
   * charger goes away, or does not answer, before that. `isTold`: the charger has reported the topic since the write
   * was sent; if that report shows the effect, nothing is read (contract 4.7).
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

  /** Waits for what comes first: a state that shows the effect, whatever brought it, or the end of the reads. */
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

  /** Reads until the effect shows or is overdue; resolves to whether it shows, or to the reason why nobody knows. */
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
      if (shown === true) return true;
      // It has answered, and the topic still tells nothing: it has another shape, or the owner leaves it out.
      if (answered && shown === undefined && this.#mayShow(row, value)) return true;
    }
    if (this.#effect(row, value).shown === undefined) return true;
    return answered ? false : unknown('the charger does not answer any more');
  }

  async #readAll(paths: readonly string[]): Promise<boolean> {
    let answered = true;
    for (const path of paths) answered = (await this.#options.readAnew(path)) && answered;
    return answered;
  }

  /** Whether to wait: the effect does not show yet, or the charger has not yet reported the topics that would show it. */
  #mayShow(row: Topic, value: Json): boolean {
    const { shown, topics } = this.#effect(row, value);
    if (shown !== undefined) return !shown;
    // After a start the topic may not have come yet. A function `applied` decides itself about topics that are absent.
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
    // A topic without a state must never be read: the charger would carry out the command at a GET.
    const topics = [...asked].filter(
      (one) => charger.topics.get(one)?.state || charger.read(one) !== undefined,
    );
    return { shown, topics };
  }
}

/** The error if the charger has accepted a write, and because of `why` nobody knows its effect. */
const unknown = (why: string) =>
  new Unavailable(`${why}; the charger took the write, which may or may not have had an effect`);

/** Whether `present` shows `value`; undefined if that is unknown, as for a topic without a row. */
function showsValue(
  present: Json | undefined,
  value: Json,
  command: Command | undefined,
): boolean | undefined {
  if (present !== undefined && includes(present, value)) return true;
  return present === undefined || !command ? undefined : false;
}

/** The group of writes whose effects overlap: all actions, because start undoes stop; else the topic alone. */
export const groupOf = ({ path, command }: Topic): string => (command?.action ? 'actions' : path);
