import type { Json } from '../base/json.js';

/** Where a backend tells what it sees of the charger. */
export interface Sink {
  /**
   * The charger reports `path` as `text`, JSON as it came; nothing has been checked yet. `value` is what the text
   * parses to, where somebody had to parse it already.
   */
  state(path: string, text: string, value?: Json): void;
  /** The charger answers; `transport` says by which way (`websocket`, `polling`, `model`). */
  online(transport: string): void;
  /** The charger does not answer; `why` is for people. */
  offline(why: string): void;
}

/** One way to a charge controller. */
export interface Backend {
  /** Lives until the signal. A charger that is away is `sink.offline`, never an error; what is thrown is a bug. */
  run(sink: Sink, signal: AbortSignal): Promise<void>;
  /**
   * Hands `value` to the charger and lets the new state come back through the sink.
   * Throws Refused (the charger said no) or Unavailable (it did not answer); anything else is a bug.
   */
  write(path: string, value: Json): Promise<void>;
}
