import { Refused, Unavailable } from '../../base/errors.js';
import type { Json } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import { withoutSecrets } from '../../topics/secrets.js';
import type { Client, HttpAnswer } from './client.js';
import { fromStatus, notACharger, RequestFailed } from './request-failed.js';
import { isPlainPath, type Target } from './target.js';

export interface WriterOptions {
  readonly target: Target;
  readonly client: Client;
  readonly topics: Registry;
  readonly log: Log;
}

/** The longest text of the charger that is passed on, characters. */
const MAX_TEXT = 500;

const UNCERTAIN = 'the write may or may not have been taken';

/** Writes to the charger. */
export class Writer {
  readonly #options: WriterOptions;
  /** Settings that this charger takes only without `_update`. */
  readonly #bare = new Set<string>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the charger has taken `value`. Throws Refused `rejected` with the charger's own words, or
   * Unavailable.
   *
   * If a kept connection breaks before any answer came, a setting is sent again on a new one: to send it twice does no
   * harm. An action, or a write to a topic without a row, uses a new connection from the start. If that breaks, the
   * error says that the write may or may not have been taken.
   */
  async write(path: string, value: Json): Promise<void> {
    if (!isPlainPath(path)) throw new Refused('unknown', `${path} is not a topic of a charger`);
    const { topics, log } = this.#options;
    const { command, state } = topics.get(path) ?? {};
    const body = JSON.stringify(value);
    log.debug(`PUT ${path} ${JSON.stringify(withoutSecrets(command, value))}`);
    // A command without a state has no `_update`: its own name is the command (charger-wire 4.1).
    const answer =
      command && !state
        ? await this.#put(path, body, false)
        : await this.#putSetting(path, body, command !== undefined);
    this.#judge(path, answer);
  }

  /** Tries the name with `_update` first, then the bare name, and remembers which one was taken (charger-wire 4.1). */
  async #putSetting(path: string, body: string, repeatable: boolean): Promise<HttpAnswer> {
    const names = [`${path}_update`, path];
    const [usual = path, other = path] = this.#bare.has(path) ? names.reverse() : names;
    const answer = await this.#put(usual, body, repeatable);
    if (answer.status !== 404 && answer.status !== 405) return answer;
    const second = await this.#put(other, body, repeatable);
    if (second.status === 404 || second.status === 405) return answer;
    if (other === path) this.#bare.add(path);
    else this.#bare.delete(path);
    return second;
  }

  async #put(path: string, body: string, repeatable: boolean): Promise<HttpAnswer> {
    const { client, log } = this.#options;
    try {
      const answer = await client.put(path, body, repeatable);
      log.debug(`PUT ${path}: ${answer.status}`);
      return answer;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      log.debug(`PUT ${path}: ${error.message}`);
      throw new Unavailable(error.sent ? `${error.message}; ${UNCERTAIN}` : error.message);
    }
  }

  #judge(path: string, { status, text }: HttpAnswer): void {
    const { target } = this.#options;
    if (status >= 200 && status < 300) {
      // A charger that has taken a write sends no body (charger-wire 4.2): a body comes from another device.
      if (text.trim() === '') return;
      throw new Unavailable(notACharger(target).message);
    }
    if (status === 401 || status === 403) throw new Unavailable(fromStatus(status, target).message);
    if (status >= 400 && status < 500) {
      const words = text.trim().slice(0, MAX_TEXT) || `HTTP ${status}`;
      throw new Refused('rejected', status === 404 ? `this charger has no ${path} (${words})` : words);
    }
    throw new Unavailable(`${fromStatus(status, target).message}; ${UNCERTAIN}`);
  }
}
