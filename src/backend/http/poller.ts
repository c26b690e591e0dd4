import { Backoff, type Chance, Notifier } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import { membersOf, parseJson } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import type { Client } from './client.js';
import type { ConnectionMonitor } from './connection-monitor.js';
import { BOOT_ID, PollSchedule } from './poll-schedule.js';
import { fromStatus, RequestFailed } from './request-failed.js';
import type { StateOrdering } from './state-ordering.js';
import type { Target } from './target.js';

export interface PollerOptions {
  readonly target: Target;
  readonly client: Client;
  readonly topics: Registry;
  /** ms between two reads of a fast topic. */
  readonly interval: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly monitor: ConnectionMonitor;
  readonly ordering: StateOrdering;
  /** For the times between tries; by default Math.random. */
  readonly chance?: Chance | undefined;
  /** The charger, offline until now, answers. */
  readonly onFound: () => void;
}

/** ms between tries while the charger is away, and while only a person can help. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const PERMANENT_RETRY_MS = 60_000;

/** ms between two rounds through everything that are due to doubts. */
const BETWEEN_ROUNDS_MS = 10_000;

/** ms before the next request after one in vain: a charger that is busy for a moment is not offline. */
const AFTER_MISS_MS = 500;

/** Reads the charger's topics in turns, while it is told to. */
export class Poller {
  readonly #options: PollerOptions;
  readonly #schedule: PollSchedule;
  readonly #wake = new Notifier();
  readonly #backoff: Backoff;
  readonly #slowly: Backoff;
  /** The member that shows a restart, by topic. */
  readonly #counters: ReadonlyMap<string, string>;
  readonly #lastSeen = new Map<string, number>();
  #active = false;
  #roundAt = 0;
  #againAt: number | undefined;
  #failure: RequestFailed | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, options.chance);
    this.#slowly = new Backoff(PERMANENT_RETRY_MS, PERMANENT_RETRY_MS, options.chance);
    this.#schedule = new PollSchedule(options.topics, options.interval);
    const counters = [...options.topics.values()].flatMap(({ path, state }) =>
      state?.restartCounter === undefined ? [] : [[path, state.restartCounter] as const],
    );
    this.#counters = new Map([...counters, [BOOT_ID, 'boot_id']]);
  }

  /** Whether polling is wanted from now on. A request that is on its way is not called back. */
  activate(active: boolean): void {
    if (this.#active === active) return;
    this.#active = active;
    this.#wake.notify();
  }

  /** What was read may be wrong: everything is read again soon. */
  scheduleResync(): void {
    this.#againAt ??= this.#roundAt + BETWEEN_ROUNDS_MS;
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
      const wait = this.#failure.permanent ? this.#slowly.next() : this.#backoff.next();
      await this.#wake.wait(clock, wait, signal);
    }
  }

  /** Reads until polling is not wanted any more, or the charger is away (`#failure`). */
  async #visit(signal: AbortSignal): Promise<void> {
    const { clock, monitor, target } = this.#options;
    this.#restart();
    this.#failure = undefined;
    let known = false;
    while (this.#active && !signal.aborted) {
      const now = clock.now();
      if (this.#againAt !== undefined && this.#againAt <= now) this.#restart();
      const turn = this.#schedule.next(now);
      if (!turn || (!known && !this.#schedule.inFullRound)) {
        this.#failure = new RequestFailed(
          'not_a_charger',
          `${target.shown} has none of a charger's topics; check CHARGER_URL`,
        );
        return monitor.failed(this.#failure);
      }
      if (turn.at > now) {
        await this.#wake.wait(clock, turn.at - now, signal);
        continue;
      }
      this.#schedule.asked(turn.path, now);
      const outcome = await this.#read(turn.path);
      if (outcome === 'state') known = true;
      // Push has come back meanwhile: it knows better whether the charger is there.
      if (!(outcome instanceof RequestFailed) || !this.#active) continue;
      this.#failure = outcome;
      monitor.failed(outcome);
      if (!monitor.online) return;
      await this.#wake.wait(clock, AFTER_MISS_MS, signal);
    }
  }

  /** Reads one topic: it has a state, there is no such topic, or nothing can be said because of RequestFailed. */
  async #read(path: string): Promise<'state' | 'absent' | RequestFailed> {
    const { client, ordering, monitor, target, log, clock } = this.#options;
    const question = ordering.beginRead(path);
    try {
      const { status, text } = await client.get(path);
      log.debug(`GET ${path}: ${status}`);
      if (status === 200) {
        ordering.answered(question, text);
        this.#found();
        this.#schedule.answered(path);
        if (this.#hasRestarted(path, text)) this.#restart();
        return 'state';
      }
      if (!isAboutTopic(status)) return fromStatus(status, target);
      monitor.alive();
      this.#schedule.missing(path, clock.now());
      return 'absent';
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      log.debug(`GET ${path}: ${error.message}`);
      return error;
    } finally {
      ordering.drop(question);
    }
  }

  #restart(): void {
    this.#roundAt = this.#options.clock.now();
    this.#againAt = undefined;
    this.#schedule.fullRound(this.#roundAt);
  }

  #found(): void {
    const { monitor, onFound } = this.#options;
    const was = monitor.online;
    this.#backoff.reset();
    if (this.#active) monitor.connected('polling');
    else monitor.alive();
    if (!was) onFound();
  }

  /** Another boot id, or counters that went back (charger-wire 7 and 2.4). */
  #hasRestarted(path: string, text: string): boolean {
    const counter = this.#counters.get(path);
    if (counter === undefined) return false;
    const seen = numberOf(text, counter);
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
  const number = membersOf(parseJson(text))[member];
  return typeof number === 'number' ? number : undefined;
}
