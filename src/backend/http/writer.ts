import { Notifier } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import { Refused, Unavailable } from '../../base/errors.js';
import { includes, type Json, parseJson } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import type { Client, HttpAnswer } from './client.js';
import { fromStatus, RequestFailed } from './request-failed.js';
import type { StateOrdering } from './state-ordering.js';
import { isPlainPath, type Target } from './target.js';

export interface WriterOptions {
  readonly target: Target;
  readonly client: Client;
  readonly topics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly ordering: StateOrdering;
}

/** How much of the charger's own words is passed on, characters. */
const MAX_TEXT = 500;

/**
 * ms after a write at which its topic is read: at once, and, because the charge controller is asked only every
 * 250 ms (charger-wire 3.1), again while it does not show the value yet.
 */
const READ_BACK_AT_MS = [0, 300, 1_000];

/** What an action changes. */
const CHANGED_BY_ACTIONS = ['evse/slots', 'evse/state'];

const UNCERTAIN = 'the write may or may not have been taken';

interface ReadBack {
  readonly path: string;
  /** What was written; undefined where it can't be seen in the topic. */
  readonly value: Json | undefined;
  readonly since: number;
  done: number;
}

/** Writes to the charger, and reads back what came of it. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #wake = new Notifier();
  readonly #looks = new Map<string, ReadBack>();
  /** Settings that this charger takes only without `_update`. */
  readonly #bare = new Set<string>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the charger has taken `value`; the read-back follows by itself. Throws Refused `rejected` with
   * the charger's own words, or Unavailable.
   *
   * When a kept connection breaks before any answer came, a setting is sent again on a new one, for it is the
   * same twice. An action, or a topic without a row, is not: the answer then says that nobody knows.
   */
  async write(path: string, value: Json): Promise<void> {
    if (!isPlainPath(path)) throw new Refused('unknown', `${path} is not a topic of a charger`);
    const command = this.#options.topics.get(path)?.command;
    const body = JSON.stringify(value);
    const answer = command?.action
      ? await this.#put(path, body, false)
      : await this.#putSetting(path, body, command !== undefined);
    this.#judge(answer);
    if (command?.action) for (const changed of CHANGED_BY_ACTIONS) this.#lookAt(changed, undefined);
    else this.#lookAt(path, value);
  }

  /** Reads back; lives until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const now = clock.now();
      const [first] = [...this.#looks.values()].sort((a, b) => dueAt(a) - dueAt(b));
      if (first && dueAt(first) <= now) await this.#look(first);
      else await this.#wake.wait(clock, first && dueAt(first) - now, signal);
    }
  }

  /** `_update` first; servers that know only the bare name of the topic are remembered (charger-wire 4.1). */
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
      log.debug(`PUT ${path} ${body}: ${answer.status}`);
      return answer;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      log.debug(`PUT ${path} ${body}: ${error.message}`);
      throw new Unavailable(error.sent ? `${error.message}; ${UNCERTAIN}` : error.message);
    }
  }

  #judge({ status, text }: HttpAnswer): void {
    if (status >= 200 && status < 300) return;
    const { target } = this.#options;
    if (status === 401 || status === 403) throw new Unavailable(fromStatus(status, target).message);
    if (status >= 400 && status < 500) {
      throw new Refused('rejected', text.trim().slice(0, MAX_TEXT) || `HTTP ${status}`);
    }
    throw new Unavailable(`${fromStatus(status, target).message}; ${UNCERTAIN}`);
  }

  #lookAt(path: string, value: Json | undefined): void {
    this.#looks.set(path, { path, value, since: this.#options.clock.now(), done: 0 });
    this.#wake.notify();
  }

  async #look(look: ReadBack): Promise<void> {
    look.done += 1;
    const text = await this.#read(look.path);
    if (this.#looks.get(look.path) !== look) return;
    const seen = look.value !== undefined && text !== undefined && includes(parseJson(text), look.value);
    if (seen || look.done >= READ_BACK_AT_MS.length) this.#looks.delete(look.path);
  }

  /** Whether the charger tells `path` to the sink, as Backend.read. */
  async read(path: string): Promise<boolean> {
    return (await this.#read(path)) !== undefined;
  }

  async #read(path: string): Promise<string | undefined> {
    const { client, ordering, log } = this.#options;
    const question = ordering.beginRead(path);
    try {
      const { status, text } = await client.get(path);
      if (status !== 200) return undefined;
      ordering.answered(question, text);
      return text;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      log.debug(`reading ${path} back: ${error.message}`);
      return undefined;
    } finally {
      ordering.drop(question);
    }
  }
}

const dueAt = (look: ReadBack): number => look.since + (READ_BACK_AT_MS[look.done] ?? 0);
