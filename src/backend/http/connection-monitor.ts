import type { Clock } from '../../base/clock.js';
import type { Sink } from '../backend.js';
import type { FailureKind, RequestFailed } from './request-failed.js';

/** Requests in a row without an answer, and ms without any sign of life, after which a charger counts as offline. */
const MAX_MISSES = 3;
const SILENCE_MS = 10_000;

/** Whether the charger answers, by which way, and why not. The one place that tells the sink. */
export class ConnectionMonitor {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #transport: string | undefined;
  #heardAt: number;
  #misses = 0;
  #told: FailureKind | undefined;
  #last: RequestFailed | undefined;

  constructor(sink: Sink, clock: Clock, signal: AbortSignal) {
    this.#sink = sink;
    this.#clock = clock;
    this.#signal = signal;
    this.#heardAt = clock.now();
  }

  get online(): boolean {
    return this.#transport !== undefined;
  }

  /** Any sign of life. */
  alive(): void {
    this.#misses = 0;
    this.#heardAt = this.#clock.now();
  }

  /** The charger tells its states by this way. */
  connected(transport: string): void {
    this.alive();
    this.#told = undefined;
    this.#last = undefined;
    if (this.#transport === transport || this.#signal.aborted) return;
    this.#transport = transport;
    this.#sink.online(transport);
  }

  /** A try in vain. A fault that only a person can cure counts at once. */
  failed(failure: RequestFailed): void {
    if (failure.kind === 'stopped') return;
    this.#misses += 1;
    this.#last = failure;
    if (!this.online || failure.permanent || this.#misses >= MAX_MISSES)
      this.#down(failure.kind, failure.message);
  }

  /** Looks whether the charger has been silent for too long; to be called about every second. */
  checkTimeout(): void {
    if (!this.online || this.#clock.now() - this.#heardAt < SILENCE_MS) return;
    const last = this.#last ? `; last: ${this.#last.message}` : '';
    this.#down(this.#last?.kind ?? 'timeout', `nothing came from it for ${SILENCE_MS / 1000} s${last}`);
  }

  /** While it lasts a reason is told once, and again only when it has become another one. */
  #down(kind: FailureKind, why: string): void {
    if ((!this.online && this.#told === kind) || this.#signal.aborted) return;
    this.#transport = undefined;
    this.#told = kind;
    this.#sink.offline(why);
  }
}
