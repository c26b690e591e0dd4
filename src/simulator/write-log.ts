import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { Answer, Request } from './http/answer.js';

/** Characters of a written value that are logged. */
const SHOWN_CHARACTERS = 200;

/** How often it is told that something is written on and on, ms. */
const SUCCESSES_EVERY_MS = 3_600_000;

/** Logs what is written to the simulated charger, as far as it is news: a client may write every few seconds. */
export class WriteLog {
  readonly #taken: LogLimiter;
  readonly #refused: LogLimiter;

  constructor(clock: Clock, log: Log) {
    this.#taken = new LogLimiter(clock, log, SUCCESSES_EVERY_MS);
    this.#refused = new LogLimiter(clock, log);
  }

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
