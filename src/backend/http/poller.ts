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
  /** Topics without a row that the charger has reported and the bridge uses. */
  readonly others: () => readonly string[];
  /** ms between two reads of a fast topic. */
  readonly interval: number;
  readonly clock: Clock;
  readonly monitor: ConnectionMonitor;
  readonly recognition: Recognition;
  /** For the times between tries; by default Math.random. */
  readonly chance?: Chance | undefined;
}

/** The shortest time between two rounds through everything because of a doubt, ms. */
const BETWEEN_ROUNDS_MS = 10_000;

/** The shortest time between two rounds because of a restart, ms: there may be signs of a restart again and again. */
const AFTER_RESTART_MS = 2_000;

/** After so many answers the device must have proved to be a charger: topics that every charger has are read first. */
const MAX_PROBES = 10;

/** If an answer took longer, ms, this process was probably suspended: the charger may have restarted meanwhile. */
const LATE_ANSWER_MS = 3_000;

/** How many misses may begin the first round anew. It is limited so that the round ends on a bad network, too. */
const MAX_ROUNDS_FOR_MISSES = 2;

/** ms before the next request after a failed one: a charger that is busy for a moment is not offline. */
const AFTER_MISS_MS = 500;

/**
 * Polls the charger's topics in turn while it is active. It begins with a round through all of them. After that the
 * charger has reported everything, and counts as connected.
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
  /** The monitor's epoch in which the present round began. */
  #epoch = 0;
  /** Whether the round had answers before anything proved to be a charger: they count for nothing. */
  #withheld = false;
  /** Whether a charger has reported something since it was last away. */
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

  /** Whether to poll from now on. A request that is on its way is not cancelled. */
  activate(active: boolean): void {
    if (this.#active === active) return;
    this.#active = active;
    this.#wake.notify();
  }

  /** A state may be wrong: everything is read again soon. */
  scheduleResync(): void {
    this.#againAt ??= this.#roundAt + BETWEEN_ROUNDS_MS;
  }

  /** Runs until `signal` aborts. */
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
      // If polling is not active any more, push is back, and knows better whether the charger is there.
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
    // The charger counts as offline until the first round is over, so nothing may slow that round down.
    this.#schedule.fullRound(this.#roundAt, { more: others(), undisturbed: !this.#connected });
  }

  #startRoundIfDue(): void {
    const { clock, monitor, recognition } = this.#options;
    const offline = this.#epoch !== monitor.epoch;
    // After offline everything must be reported again; after doubts the device must prove to be a charger again.
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

  /** In the first round a request failed, or an answer was late: the charger may be starting, so that topics come later. */
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
    // Nothing has proved to be a charger yet; and a charger that is starting does not have all topics.
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
    // The old values of the other counters would show the same restart again, and its round begins already.
    if (restarted) this.#lastSeen.clear();
    this.#lastSeen.set(path, seen);
    return restarted;
  }
}
