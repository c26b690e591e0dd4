import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { Answer, Request } from './http/answer.js';

/** Characters of a written value that are logged. */
const SHOWN_CHARACTERS = 200;

/** How often a summary is logged for a topic that is written again and again, ms. */
const SUCCESSES_EVERY_MS = 3_600_000;

/** Logs writes to the simulated charger: the first of a kind, then summaries, for clients write every few seconds. */
export class WriteLog {
  readonly #taken: LogLimiter;
  readonly #refused: LogLimiter;

  constructor(clock: Clock, log: Log) {
    this.#taken = new LogLimiter(clock, log, SUCCESSES_EVERY_MS);
    this.#refused = new LogLimiter(clock, log);
  }

  /** Logs a write and how it was answered; other requests are not logged. */
  answered({ method, url, body }: Request, { status, body: said }: Answer): void {
    if (method !== 'PUT' && method !== 'POST') return;
    const text = `${method} ${url} ${Buffer.from(body.subarray(0, SHOWN_CHARACTERS)).toString()}`;
    if (status === 200) this.#taken.add('info', url, text);
    else {
      const why = typeof said === 'string' ? said : '';
      this.#refused.add('warn', `${url} ${status}`, `${text} refused (${status}): ${why}`);
    }
  }

  stop(): void {
    this.#taken.stop();
    this.#refused.stop();
  }
}
