import type { Json } from '../base/json.js';

/** Where a backend tells what it sees of the charger. */
export interface Sink {
  /**
   * The charger reports `path` as `text`, JSON as it came; nothing has been checked yet. `value` is what the text
   * parses to, where somebody had to parse it already. May be called before `online` and for the same text again.
   */
  state(path: string, text: string, value?: Json): void;
  /** Whether anybody wants the topic `path`; one that nobody wants need not be read. */
  wants(path: string): boolean;
  /** The charger answers; `transport` says by which way (`websocket`, `polling`, `model`). */
  online(transport: string): void;
  /**
   * What the charger shows is not to be relied upon; `why` is for people. With a `transport` only its charge controller
   * is away: by this way it goes on telling what does not come from that.
   */
  offline(why: string, transport?: string): void;
}

/** One way to a charge controller. */
export interface Backend {
  /**
   * Lives until the signal; from then on the sink must not be called. A charger that is away is `sink.offline`,
   * never an error; what is thrown is a bug. Called once.
   */
  run(sink: Sink, signal: AbortSignal): Promise<void>;
  /**
   * Hands `value`, which the row of `path` has checked, to the charger and lets the new state come back through the
   * sink. Resolves when the charger has taken it. Throws Refused (the charger said no) or Unavailable (it did not
   * answer, or `run` has not begun or has ended); anything else is a bug. Never called again before it has ended.
   */
  write(path: string, value: Json): Promise<void>;
  /**
   * Asks the charger for `path`, a topic with a state, and hands the answer to the sink. Resolves to whether it
   * answered: what the sink then has of `path` is not older than this call. Never rejects because the charger is away.
   */
  read(path: string): Promise<boolean>;
}
