import type { Cancel, Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import { LogLimiter } from '../../base/log-limiter.js';
import { appendMissingSession, appendSession } from './session-file.js';
import { type Session, sessionPayload } from './session-tracker.js';

/** How long to wait before a failed write to the file is tried again, ms. */
const WRITE_AGAIN_MS = 60_000;

/** The most charges that wait for the file: those of months. */
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
  /** Charges that are not written yet, the oldest first. */
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

  /** Writes a charge that has just ended. */
  keep(session: Session): void {
    this.#add(session, appendSession);
  }

  /** Writes a charge that ended in an earlier run, unless it is in the file. */
  keepMissing(session: Session): void {
    this.#add(session, appendMissingSession);
  }

  /** Waits for the present write, and tries all that is left a last time. */
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
    // Not the first one, which may just be written.
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

  /** Logs the charge itself, so that it can be found at least there. */
  #lost({ line }: Entry, why: string): void {
    this.#log.error(`a finished charge could not be written: ${why}; it is ${JSON.stringify(line)}`);
  }
}
