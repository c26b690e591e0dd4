import type { Json } from '../base/json.js';

/** Where a backend reports what it sees of the charger. */
export interface Sink {
  /**
   * The charger reports `path` as `text`, JSON as it came; nothing has been checked yet. `value` is the parsed text,
   * if the backend has parsed it anyway. May be called before `online`, and again with the same text.
   */
  state(path: string, text: string, value?: Json): void;
  /** Whether the bridge uses the topic `path`; the backend need not read other topics. */
  wants(path: string): boolean;
  /** The charger's states are current from now on; `transport`: `websocket`, `polling`, `model` or `replay`. */
  online(transport: string): void;
  /**
   * The charger's states may be out of date from now on; `why` is a text for people. With a `transport`, only its
   * charge controller does not work: over this transport it still reports the topics that do not come from the
   * controller.
   */
  offline(why: string, transport?: string): void;
}

/** One way to a charge controller. */
export interface Backend {
  /**
   * Runs until `signal` aborts; after that it must not call the sink. A charger that does not answer is reported by
   * `sink.offline`, never by an error: a rejection is a bug. Called once.
   */
  run(sink: Sink, signal: AbortSignal): Promise<void>;
  /**
   * Sends `value`, which the row of `path` has checked, to the charger. The new state comes back through the sink.
   * Resolves when the charger has accepted the write. Rejects with Refused (the charger said no) or Unavailable (it did
   * not answer, or `run` has not begun or has ended); any other error is a bug. One call at a time.
   */
  write(path: string, value: Json): Promise<void>;
  /**
   * Reads `path`, a topic with a state, from the charger and hands the answer to the sink. Resolves to whether the
   * charger answered; then the sink's state of `path` is not older than this call. Does not reject if the charger is
   * away.
   */
  read(path: string): Promise<boolean>;
}
