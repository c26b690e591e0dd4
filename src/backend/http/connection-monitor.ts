import type { Clock } from '../../base/clock.js';
import type { Sink } from '../backend.js';
import { type FailureKind, RequestFailed } from './request-failed.js';

/** Requests in a row without an answer, and ms without any sign of life, after which a charger counts as offline. */
const MAX_MISSES = 3;
const SILENCE_MS = 10_000;

/** Why a charger that answers does not count as online; `pending`: it is not known yet whether it may. */
export type Obstacle = 'pending' | RequestFailed;

export interface ConnectionMonitorOptions {
  readonly sink: Pick<Sink, 'online' | 'offline'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly obstacle: () => Obstacle | undefined;
  /** The charger answers, for the first time or again. */
  readonly onFound: () => void;
  /** The charger does not answer any more. */
  readonly onAway: () => void;
}

/**
 * Decides whether the charger is online and over which transport (the way), or why it is offline. No other part calls
 * `sink.online` and `sink.offline`.
 *
 * A charger is online if two conditions hold. One way has reported everything (a whole dump, or a whole round of
 * polling) since offline was last reported; and there is no obstacle. `epoch` grows whenever everything has to be
 * reported again: push and polling compare it with its value when their dump or round began.
 */
export class ConnectionMonitor {
  readonly #options: ConnectionMonitorOptions;
  /** The way that has reported everything; undefined while none has. */
  #way: string | undefined;
  /** What was last reported to the sink. */
  #shown:
    | { readonly online: string }
    | { readonly offline: FailureKind; readonly way: string | undefined }
    | undefined;
  #epoch = 0;
  #answers = false;
  #heardAt: number;
  #misses = 0;
  #last: RequestFailed | undefined;

  constructor(options: ConnectionMonitorOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
  }

  /** Whether the charger answers, and has reported everything. */
  get reachable(): boolean {
    return this.#way !== undefined;
  }

  /** Whether the charger answers at all. */
  get answers(): boolean {
    return this.#answers;
  }

  /** How often everything had to be reported again. */
  get epoch(): number {
    return this.#epoch;
  }

  /** A charger gave some sign of life; `now`: time of the clock, ms. */
  alive(now = this.#options.clock.now()): void {
    this.#misses = 0;
    this.#heardAt = now;
    if (this.#answers) return;
    this.#answers = true;
    this.#options.onFound();
  }

  /**
   * The charger has reported everything over `way` and goes on reporting. An `unsteady` way does not replace another
   * one, so that a connection that comes and goes does not change the transport each time. `now`: of the clock, ms.
   */
  connected(
    way: string,
    steadiness: 'steady' | 'unsteady' = 'steady',
    now = this.#options.clock.now(),
  ): void {
    this.alive(now);
    this.#last = undefined;
    // Called for every push frame, so the usual case must cost nothing. A new obstacle comes through `update`.
    if (this.#way === way && this.#isShownOnline(way)) return;
    if (this.#way === undefined || steadiness === 'steady') this.#way = way;
    this.update();
  }

  /** A request failed. A failure that only a person can mend counts at once, others only if several follow each other. */
  failed(failure: RequestFailed): void {
    if (failure.kind === 'stopped') return;
    this.#misses += 1;
    this.#last = failure;
    if (!this.#answers || failure.permanent || this.#misses >= MAX_MISSES) this.#away(failure);
  }

  /** Looks whether the charger has been silent for too long; to be called about every second. */
  checkTimeout(): void {
    if (!this.reachable || this.#options.clock.now() - this.#heardAt < SILENCE_MS) return;
    const last = this.#last ? `; last: ${this.#last.message}` : '';
    const text = `nothing came from it for ${SILENCE_MS / 1000} s${last}`;
    this.#away(new RequestFailed(this.#last?.kind ?? 'timeout', text));
  }

  /** What was reported so far may be wrong: the charger must report everything again before it is online. */
  renew(): void {
    this.#way = undefined;
    this.#epoch += 1;
  }

  /** To be called when the obstacle may have changed. */
  update(): void {
    if (this.#way === undefined) return;
    const obstacle = this.#options.obstacle();
    if (obstacle === 'pending') return;
    if (obstacle) this.#showOffline(obstacle, obstacle.isOfController ? this.#way : undefined);
    else this.#showOnline(this.#way);
  }

  #away(failure: RequestFailed): void {
    this.#way = undefined;
    if (this.#answers) this.#options.onAway();
    this.#answers = false;
    this.#showOffline(failure);
  }

  #showOnline(way: string): void {
    const { sink, signal } = this.#options;
    if (signal.aborted || this.#isShownOnline(way)) return;
    this.#shown = { online: way };
    sink.online(way);
  }

  #isShownOnline(way: string): boolean {
    return this.#shown !== undefined && 'online' in this.#shown && this.#shown.online === way;
  }

  /**
   * Reports offline once for each kind of failure in a row, not for each failure. `way`: over which everything but the
   * topics of the charge controller is still current.
   */
  #showOffline({ kind, message }: RequestFailed, way?: string): void {
    const { sink, signal } = this.#options;
    const shown = this.#shown;
    if (signal.aborted || (shown && 'offline' in shown && shown.offline === kind && shown.way === way))
      return;
    this.#shown = { offline: kind, way };
    this.#epoch += 1;
    this.#way = undefined;
    sink.offline(message, way);
  }
}
