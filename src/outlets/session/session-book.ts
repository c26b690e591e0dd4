import type { Cancel, Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import { LogLimiter } from '../../base/log-limiter.js';
import { appendMissingSession, appendSession } from './session-file.js';
import { type Session, sessionPayload } from './session-tracker.js';

/** A finished charge that could not be written to its file is tried again after so long, ms. */
const WRITE_AGAIN_MS = 60_000;

type Append = (file: string, line: JsonObject) => Promise<void>;

/** Writes the finished charges of one charger to the file, and tries again for as long as the file can't be written. */
export class SessionBook {
  readonly #file: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limiter: LogLimiter;
  /** What is being written at the moment. */
  readonly #writing = new Set<Promise<void>>();
  /** What waits for its next try, by its timer. */
  readonly #waiting = new Map<Cancel, () => Promise<void>>();
  #closing = false;

  constructor(file: string, prefix: string, clock: Clock, log: Log) {
    this.#file = file;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#log = log;
    this.#limiter = new LogLimiter(clock, log);
  }

  /** Writes down a charge that has just ended. */
  keep(session: Session): void {
    this.#write(session, appendSession);
  }

  /** Writes down a charge that an earlier run knew, unless that one did. */
  keepMissing(session: Session): void {
    this.#write(session, appendMissingSession);
  }

  /** Waits for what is being written, and tries what could not be written a last time. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#writing);
    for (const [cancel, again] of this.#waiting) {
      cancel();
      await again();
    }
    this.#waiting.clear();
    this.#limiter.stop();
  }

  #write(session: Session, append: Append): void {
    const writing = this.#tryToWrite(session, append).finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async #tryToWrite(session: Session, append: Append): Promise<void> {
    const line: JsonObject = { charger: this.#prefix, ...sessionPayload(session) };
    try {
      await append(this.#file, line);
    } catch (error) {
      const text = `a finished charge could not be written: ${messageOf(error)}`;
      if (this.#closing) {
        // The log is the last place where it can be found.
        this.#log.error(`${text}; it is ${JSON.stringify(line)}`);
        return;
      }
      this.#limiter.add('error', 'sessions.file', `${text}; trying again`);
      const cancel = this.#clock.after(WRITE_AGAIN_MS, () => {
        this.#waiting.delete(cancel);
        this.#write(session, append);
      });
      this.#waiting.set(cancel, () => this.#tryToWrite(session, append));
    }
  }
}
