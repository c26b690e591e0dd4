import { type Chance, Notifier } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import { membersOf, parseJson } from '../../base/json.js';
import type { Registry } from '../../topics/index.js';
import type { ConnectionMonitor } from './connection-monitor.js';
import { BOOT_ID, PollSchedule } from './poll-schedule.js';
import type { Recognition } from './recognition.js';
import { notACharger, type RequestFailed } from './request-failed.js';
import { RetrySchedule } from './retry-schedule.js';
import type { Target } from './target.js';
import type { TopicReader, TopicReading } from './topic-reader.js';

export interface PollerOptions {
  readonly target: Target;
  readonly reader: TopicReader;
  readonly topics: Registry;
  /** Topics without a row that the charger has told and that somebody wants. */
  readonly others: () => readonly string[];
  /** ms between two reads of a fast topic. */
  readonly interval: number;
  readonly clock: Clock;
  readonly monitor: ConnectionMonitor;
  readonly recognition: Recognition;
  /** For the times between tries; by default Math.random. */
  readonly chance?: Chance | undefined;
}

/** ms between two rounds through everything that are due to doubts. */
const BETWEEN_ROUNDS_MS = 10_000;

/** ms between two such rounds at the least when a charger seems to have restarted: it may seem so again and again. */
const AFTER_RESTART_MS = 2_000;

/** Topics that are asked for before a charger must have proved to be one: those of every charger come first. */
const MAX_PROBES = 10;

/** An answer that took longer has waited for a process that stood still: the charger may be another by now, ms. */
const LATE_ANSWER_MS = 3_000;

/** Misses for which the first round may begin anew: on a bad network it must end nevertheless. */
const MAX_ROUNDS_FOR_MISSES = 2;

/** ms before the next request after one in vain: a charger that is busy for a moment is not offline. */
const AFTER_MISS_MS = 500;

/**
 * Reads the charger's topics in turns, while it is told to. It begins with a round through all of them; when that is
 * over the charger has told everything, and counts as connected.
 */
export class Poller {
  readonly #options: PollerOptions;
  readonly #schedule: PollSchedule;
  readonly #wake = new Notifier();
  readonly #retry: RetrySchedule;
  /** The member that shows a restart, by topic. */
  readonly #counters: ReadonlyMap<string, string>;
  readonly #lastSeen = new Map<string, number>();
  #active = false;
  #roundAt = 0;
  #againAt: number | undefined;
  /** Of the round through everything: when it began by the monitor's count, whether some count for nothing, answers. */
  #epoch = 0;
  #withheld = false;
  /** Whether a charger has told something since it was last away. */
  #told = false;
  #missesInFirstRound = 0;
  #probes = 0;
  #connected = false;
  #askedAt = 0;
  #failure: RequestFailed | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#retry = new RetrySchedule(options.clock, options.chance);
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
      await this.#wake.wait(clock, this.#retry.next(this.#failure, this.#askedAt), signal);
    }
  }

  /** Reads until polling is not wanted any more, or the charger is away (`#failure`). */
  async #visit(signal: AbortSignal): Promise<void> {
    const { clock, monitor, recognition, target } = this.#options;
    this.#failure = undefined;
    this.#connected = false;
    this.#told = false;
    this.#missesInFirstRound = 0;
    this.#startRound();
    while (this.#active && !signal.aborted) {
      this.#startRoundIfDue();
      const turn = this.#schedule.next(clock.now());
      const probed = !this.#schedule.inFullRound || this.#probes >= MAX_PROBES;
      if (!turn || (probed && !recognition.proven)) {
        this.#fail(notACharger(target));
        return;
      }
      if (!this.#schedule.inFullRound) {
        if (!this.#connected) monitor.connected('polling');
        this.#connected = true;
      }
      const wait = turn.at - clock.now();
      if (wait > 0) {
        await this.#wake.wait(clock, wait, signal);
        continue;
      }
      this.#askedAt = clock.now();
      this.#schedule.asked(turn.path, this.#askedAt);
      const reading = await this.#options.reader.read(turn.path);
      if (reading.kind !== 'failed') {
        this.#take(turn.path, reading);
        if (clock.now() - this.#askedAt > LATE_ANSWER_MS) this.#mayHaveRestarted();
      }
      // Push has come back meanwhile: it knows better whether the charger is there.
      else if (this.#active) {
        this.#fail(reading.failure);
        if (!monitor.answers) return;
        this.#mayHaveRestarted();
        this.#schedule.failed(turn.path);
        await this.#wake.wait(clock, AFTER_MISS_MS, signal);
      }
    }
  }

  #startRound(): void {
    const { clock, monitor, others } = this.#options;
    this.#roundAt = clock.now();
    this.#againAt = undefined;
    this.#epoch = monitor.epoch;
    this.#withheld = false;
    this.#probes = 0;
    // Before the first round is over nobody relies on anything: the sooner it is, the better.
    this.#schedule.fullRound(this.#roundAt, { more: others(), undisturbed: !this.#connected });
  }

  #startRoundIfDue(): void {
    const { clock, monitor, recognition } = this.#options;
    const offline = this.#epoch !== monitor.epoch;
    // Whatever has been told before has to be told anew, or has to come from a charger in the first place.
    if (offline || recognition.doubtful) {
      this.#connected = false;
      this.#told = false;
    }
    if (recognition.doubtful) recognition.reset();
    else if (
      !offline &&
      !(this.#withheld && this.#told) &&
      (this.#againAt === undefined || this.#againAt > clock.now())
    )
      return;
    this.#startRound();
  }

  /** A miss, or an answer of long ago, before the first round is over: what is absent from now on may only not be there yet. */
  #mayHaveRestarted(): void {
    if (this.#connected || this.#missesInFirstRound === MAX_ROUNDS_FOR_MISSES) return;
    this.#missesInFirstRound += 1;
    this.#told = false;
  }

  #fail(failure: RequestFailed): void {
    this.#failure = failure;
    this.#options.monitor.failed(failure);
  }

  #take(path: string, reading: Exclude<TopicReading, { kind: 'failed' }>): void {
    const { clock, monitor, recognition } = this.#options;
    this.#probes += 1;
    if (recognition.proven && reading.kind === 'state' && reading.credible) this.#told = true;
    // Nobody knows yet whose word it was: a charger that is starting has no topics either.
    if (!this.#told) this.#withheld = true;
    if (recognition.proven && reading.credible) {
      this.#retry.succeeded();
      monitor.alive();
    }
    if (reading.kind === 'absent') this.#schedule.missing(path, clock.now());
    else {
      this.#schedule.answered(path);
      if (this.#hasRestarted(path, reading.text))
        this.#againAt = Math.max(clock.now(), this.#roundAt + AFTER_RESTART_MS);
    }
  }

  /** Another boot id, or counters that went back (charger-wire 7 and 2.4). */
  #hasRestarted(path: string, text: string): boolean {
    const counter = this.#counters.get(path);
    if (counter === undefined) return false;
    const seen = membersOf(parseJson(text))[counter];
    const before = this.#lastSeen.get(path);
    if (typeof seen !== 'number') return false;
    const restarted = before !== undefined && (path === BOOT_ID ? seen !== before : seen < before);
    // What the other counters were before can only tell of the same restart, for which a round begins already.
    if (restarted) this.#lastSeen.clear();
    this.#lastSeen.set(path, seen);
    return restarted;
  }
}
