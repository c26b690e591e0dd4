import type { Cancel, Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import { LogLimiter } from '../../base/log-limiter.js';
import { appendMissingSession, appendSession } from './session-file.js';
import { type Session, sessionPayload } from './session-tracker.js';

/** Finished charges that could not be written to the file are tried again after so long, ms. */
const WRITE_AGAIN_MS = 60_000;

/** So many wait until the file can be written, at most: months of charges. */
const MAX_WAITING = 1_000;

interface Entry {
  readonly line: JsonObject;
  readonly append: (file: string, line: JsonObject) => Promise<void>;
}

/** Writes the finished charges of one charger to the file, in order, and tries again for as long as that fails. */
export class SessionBook {
  readonly #file: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limiter: LogLimiter;
  /** What is not written yet, the oldest first. */
  readonly #waiting: Entry[] = [];
  #writing: Promise<void> | undefined;
  #cancelAgain: Cancel | undefined;

  constructor(file: string, prefix: string, clock: Clock, log: Log) {
    this.#file = file;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#log = log;
    this.#limiter = new LogLimiter(clock, log);
  }

  /** Writes down a charge that has just ended. */
  keep(session: Session): void {
    this.#add(session, appendSession);
  }

  /** Writes down a charge that an earlier run knew, unless that one did. */
  keepMissing(session: Session): void {
    this.#add(session, appendMissingSession);
  }

  /** Waits for what is being written, and tries what could not be written a last time. */
  async close(): Promise<void> {
    await this.#writing;
    this.#cancelAgain?.();
    for (const entry of this.#waiting.splice(0)) {
      await entry.append(this.#file, entry.line).catch((error) => this.#lost(entry, messageOf(error)));
    }
    this.#limiter.stop();
  }

  #add(session: Session, append: Entry['append']): void {
    this.#waiting.push({ line: { charger: this.#prefix, ...sessionPayload(session) }, append });
    // The first one may be being written.
    const [tooMany] = this.#waiting.length > MAX_WAITING ? this.#waiting.splice(1, 1) : [];
    if (tooMany) this.#lost(tooMany, `${MAX_WAITING} others wait for the file`);
    if (!this.#cancelAgain) this.#write();
  }

  #write(): void {
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      for (let [entry] = this.#waiting; entry; [entry] = this.#waiting) {
        await entry.append(this.#file, entry.line);
        this.#waiting.shift();
      }
    } catch (error) {
      const text = `a finished charge could not be written: ${messageOf(error)}`;
      this.#limiter.add('error', 'sessions.file', `${text}; trying again`);
      this.#cancelAgain = this.#clock.after(WRITE_AGAIN_MS, () => {
        this.#cancelAgain = undefined;
        this.#write();
      });
    }
    this.#writing = undefined;
  }

  /** The log is the last place where it can be found. */
  #lost({ line }: Entry, why: string): void {
    this.#log.error(`a finished charge could not be written: ${why}; it is ${JSON.stringify(line)}`);
  }
}
