import type { Json } from '../../base/json.js';

/** Receives the states in the charger's order. */
export type StateHandler = (path: string, text: string, value?: Json) => void;

/** A read of one topic that is on its way. */
export interface PendingRead {
  readonly path: string;
  readonly number: number;
  stale: boolean;
}

/** Topics that are remembered; a real charger has about 300. */
const MAX_KNOWN = 1_000;

/**
 * Passes states on in the order in which the charger had them. If a newer state of a topic comes while a read of that
 * topic is on its way, the answer to the read is dropped.
 */
export class StateOrdering {
  readonly #handle: StateHandler;
  readonly #signal: AbortSignal;
  readonly #open = new Set<PendingRead>();
  readonly #known = new Set<string>();
  #asked = 0;

  constructor(handle: StateHandler, signal: AbortSignal) {
    this.#handle = handle;
    this.#signal = signal;
  }

  /** The charger pushed `text`; `value` is the parsed text, if that is known. */
  pushed(path: string, text: string, value?: Json): void {
    this.#tell(path, text, this.#asked, value);
  }

  /** A read of `path` begins. Each must end with `answered` or `drop`. */
  beginRead(path: string): PendingRead {
    this.#asked += 1;
    const question = { path, number: this.#asked, stale: false };
    this.#open.add(question);
    return question;
  }

  /** The read brought `text`; returns whether that was passed on, and not dropped as old. */
  answered(question: PendingRead, text: string): boolean {
    this.drop(question);
    if (question.stale) return false;
    this.#tell(question.path, text, question.number);
    return true;
  }

  /** The read has ended without a state. */
  drop(question: PendingRead): void {
    this.#open.delete(question);
  }

  /** Whether the charger has ever reported `path`. */
  knows(path: string): boolean {
    return this.#known.has(path);
  }

  /** Every topic that the charger has ever reported, in the order in which they first came. */
  get known(): Iterable<string> {
    return this.#known;
  }

  #tell(path: string, text: string, number: number, value?: Json): void {
    for (const question of this.#open) {
      if (question.path === path && question.number <= number) question.stale = true;
    }
    if (this.#signal.aborted) return;
    if (this.#known.size < MAX_KNOWN) this.#known.add(path);
    this.#handle(path, text, value);
  }
}
