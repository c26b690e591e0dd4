import type { Clock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import type { Json } from '../base/json.js';
import type { Log } from '../base/log.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { Registry } from '../topics/index.js';
import { ALWAYS_PUBLISHED, isBridgeTopic, isController, isStatePath, spaceOf } from '../topics/namespaces.js';
import { matcher } from './globs.js';
import { checkState } from './payload.js';

export interface ForwardingOptions {
  readonly topics: Registry;
  /** Globs of topics outside `evse` and `info` that are passed on too. */
  readonly mirror: readonly string[];
  /** Globs of topics without a row that may be written, and are passed on too. */
  readonly forward?: readonly string[];
  /** Whether `evse/*` topics without a row are passed on. */
  readonly passthrough: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** How many decisions are remembered. Beyond them no topic without a row is passed on; a real charger has about 300. */
const MAX_TOPICS = 1_000;

/** Decides which of a charger's reports are passed on: by their topic, and by whether they fit its row. */
export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #mirrored: (path: string) => boolean;
  readonly #decided = new Map<string, boolean>();
  /** Topics whose last report was not usable. */
  readonly #faulty = new Set<string>();
  readonly #limiter: LogLimiter;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#limiter = new LogLimiter(options.clock, options.log);
    this.#mirrored = matcher([...options.mirror, ...(options.forward ?? [])]);
  }

  /**
   * The text to publish for the report `text` on `path`; undefined if the topic is not passed on, or if the report is
   * not usable. The latter is logged when it begins and when it ends. `value` is the parsed text, if that is known.
   */
  accept(path: string, text: string, value: Json | undefined): string | undefined {
    const { topics } = this.#options;
    if (!this.isForwarded(path)) return undefined;
    try {
      const checked = checkState(text, topics.get(path)?.state, value);
      if (this.#faulty.delete(path))
        this.#limiter.add('info', path, `${path} from the charger is usable again`);
      return checked;
    } catch (error) {
      this.#complain(path, messageOf(error));
      return undefined;
    }
  }

  #complain(path: string, fault: string): void {
    if (this.#faulty.has(path)) return;
    this.#faulty.add(path);
    const text = `${path} from the charger is not usable, its last good state stays: ${fault}`;
    this.#limiter.add('warn', path, text);
  }

  /** Logs the summaries that are still held back. */
  stop(): void {
    this.#limiter.stop();
  }

  /** Whether reports on `path` are passed on at all. */
  isForwarded(path: string): boolean {
    const known = this.#decided.get(path);
    if (known !== undefined) return known;
    const decision = this.#decide(path);
    if (this.#decided.size < MAX_TOPICS) this.#decided.set(path, decision);
    return decision;
  }

  #decide(path: string): boolean {
    const { topics, passthrough } = this.#options;
    const row = topics.get(path);
    if (row)
      return row.state !== undefined && (ALWAYS_PUBLISHED.includes(spaceOf(path)) || this.#mirrored(path));
    if (!isStatePath(path) || isBridgeTopic(path) || this.#decided.size >= MAX_TOPICS) return false;
    return isController(path) ? passthrough : this.#mirrored(path);
  }
}
