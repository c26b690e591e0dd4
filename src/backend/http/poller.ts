import { Backoff, Wake } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import type { Client } from './client.js';
import type { Reach, Reports } from './connection-monitor.js';
import { BOOT_ID, Turns } from './poll-schedule.js';
import { fromStatus, NoAnswer } from './request-failed.js';
import type { Target } from './target.js';

export interface PollerOptions {
  readonly target: Target;
  readonly client: Client;
  readonly topics: Registry;
  /** ms between two reads of a fast topic. */
  readonly interval: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly reach: Reach;
  readonly reports: Reports;
  /** The charger, offline until now, answers. */
  readonly onFound: () => void;
}

/** ms between tries while the charger is away, and while only a person can help. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
const LASTING_RETRY = 60_000;

/** ms between two rounds through everything that are due to doubts. */
const BETWEEN_ROUNDS = 10_000;

/** ms before the next request after one in vain: a charger that is busy for a moment is not offline. */
const AFTER_MISS = 500;

/** Reads the charger's topics in turns, while it is told to. */
export class Poller {
  readonly #options: PollerOptions;
  readonly #turns: Turns;
  readonly #wake = new Wake();
  readonly #backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY);
  readonly #slowly = new Backoff(LASTING_RETRY, LASTING_RETRY);
  /** Topics whose pace says that they are counters: their `uptime` shows a restart. */
  readonly #counters: ReadonlySet<string>;
  readonly #lastSeen = new Map<string, number>();
  #active = false;
  #roundAt = 0;
  #againAt: number | undefined;
  #failure: NoAnswer | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#turns = new Turns(options.topics, options.interval);
    const slow = [...options.topics.values()].filter((row) => row.state?.pace === 'slow');
    this.#counters = new Set(slow.map((row) => row.path));
  }

  /** Whether polling is wanted from now on. A request that is on its way is not called back. */
  activate(active: boolean): void {
    if (this.#active === active) return;
    this.#active = active;
    this.#wake.call();
  }

  /** What was read may be wrong: everything is read again soon. */
  doubt(): void {
    this.#againAt ??= this.#roundAt + BETWEEN_ROUNDS;
  }

  /** Lives until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      if (!this.#active) {
        await this.#wake.wait(clock, undefined, signal);
        continue;
      }
      await this.#visit(signal);
      if (!this.#failure || !this.#active) continue;
      const wait = this.#failure.lasting ? this.#slowly.next() : this.#backoff.next();
      await this.#wake.wait(clock, wait, signal);
    }
  }

  /** Reads until polling is not wanted any more, or the charger is away (`#failure`). */
  async #visit(signal: AbortSignal): Promise<void> {
    const { clock, reach, target } = this.#options;
    this.#restart();
    this.#failure = undefined;
    let known = false;
    while (this.#active && !signal.aborted) {
      const now = clock.now();
      if (this.#againAt !== undefined && this.#againAt <= now) this.#restart();
      const turn = this.#turns.next(now);
      if (!turn || (!known && !this.#turns.catchingUp)) {
        this.#failure = new NoAnswer(
          'stranger',
          `${target.shown} has none of a charger's topics; check CHARGER_URL`,
        );
        return reach.missed(this.#failure);
      }
      if (turn.at > now) {
        await this.#wake.wait(clock, turn.at - now, signal);
        continue;
      }
      this.#turns.asked(turn.path, now);
      const outcome = await this.#read(turn.path);
      if (outcome === 'state') known = true;
      // Push has come back meanwhile: it knows better whether the charger is there.
      if (!(outcome instanceof NoAnswer) || !this.#active) continue;
      this.#failure = outcome;
      reach.missed(outcome);
      if (!reach.online) return;
      await this.#wake.wait(clock, AFTER_MISS, signal);
    }
  }

  /** Reads one topic: it has a state, there is no such topic, or nothing can be said because of NoAnswer. */
  async #read(path: string): Promise<'state' | 'absent' | NoAnswer> {
    const { client, reports, reach, target, log, clock } = this.#options;
    const question = reports.ask(path);
    try {
      const { status, text } = await client.get(path);
      log.debug(`GET ${path}: ${status}`);
      if (status === 200) {
        reports.answered(question, text);
        this.#found();
        this.#turns.answered(path);
        if (this.#hasRestarted(path, text)) this.#restart();
        return 'state';
      }
      if (!isAboutTopic(status)) return fromStatus(status, target);
      reach.heard();
      this.#turns.missing(path, clock.now());
      return 'absent';
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      log.debug(`GET ${path}: ${error.message}`);
      return error;
    } finally {
      reports.drop(question);
    }
  }

  #restart(): void {
    this.#roundAt = this.#options.clock.now();
    this.#againAt = undefined;
    this.#turns.restart(this.#roundAt);
  }

  #found(): void {
    const { reach, onFound } = this.#options;
    const was = reach.online;
    this.#backoff.reset();
    if (this.#active) reach.up('polling');
    else reach.heard();
    if (!was) onFound();
  }

  /** Another boot id, or counters that went back (wire document 7 and 2.4). */
  #hasRestarted(path: string, text: string): boolean {
    if (path !== BOOT_ID && !this.#counters.has(path)) return false;
    const seen = numberOf(text, path === BOOT_ID ? 'boot_id' : 'uptime');
    const before = this.#lastSeen.get(path);
    if (seen === undefined) return false;
    this.#lastSeen.set(path, seen);
    if (before === undefined) return false;
    return path === BOOT_ID ? seen !== before : seen < before;
  }
}

/** 4xx that say something about one topic, as against the charger (401, 403) or the moment (408, 429). */
const isAboutTopic = (status: number): boolean =>
  status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

function numberOf(text: string, member: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const number =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[member] : undefined;
    return typeof number === 'number' ? number : undefined;
  } catch {
    return undefined;
  }
}
