import type { Clock } from '../../base/clock.js';
import type { Sink } from '../backend.js';
import { type FailureKind, RequestFailed } from './request-failed.js';

/** Requests in a row without an answer, and ms without any sign of life, after which a charger counts as offline. */
const MAX_MISSES = 3;
const SILENCE_MS = 10_000;

/** What keeps a charger that answers from being online: `pending` is not known yet, else why. */
export type Obstacle = 'pending' | RequestFailed;

export interface ConnectionMonitorOptions {
  readonly sink: Pick<Sink, 'online' | 'offline'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly obstacle: () => Obstacle | undefined;
  /** The charger, away until now, answers. */
  readonly onFound: () => void;
  /** It does not answer any more. */
  readonly onAway: () => void;
}

/**
 * Whether the charger can be relied upon, by which way, and why not. The one place that tells the sink.
 *
 * Online needs a way by which everything has been told (a whole dump, or a whole round of polling) since offline was
 * last told, and no obstacle. `epoch` counts how often everything had to be told anew: who tells it compares.
 */
export class ConnectionMonitor {
  readonly #options: ConnectionMonitorOptions;
  /** The way by which everything has been told; undefined while the charger is away. */
  #way: string | undefined;
  /** What the sink was last told. */
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

  /** Whether the charger answers, and has told everything. */
  get reachable(): boolean {
    return this.#way !== undefined;
  }

  /** Whether it answers at all. */
  get answers(): boolean {
    return this.#answers;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Any sign of life of a charger, at this time of the clock. */
  alive(now = this.#options.clock.now()): void {
    this.#misses = 0;
    this.#heardAt = now;
    if (this.#answers) return;
    this.#answers = true;
    this.#options.onFound();
  }

  /**
   * The charger has told everything by this way, and goes on doing so. An `unsteady` way does not take the place of
   * another one, so that a connection that comes and goes is told once.
   */
  connected(
    way: string,
    steadiness: 'steady' | 'unsteady' = 'steady',
    now = this.#options.clock.now(),
  ): void {
    this.alive(now);
    this.#last = undefined;
    // Every frame of a push connection says so. Of another obstacle `update` is told.
    if (this.#way === way && this.#isShownOnline(way)) return;
    if (this.#way === undefined || steadiness === 'steady') this.#way = way;
    this.update();
  }

  /** A try in vain. A fault that only a person can cure counts at once. */
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

  /** The charger has become another one meanwhile: everything has to be told anew before it is online. */
  renew(): void {
    this.#way = undefined;
    this.#epoch += 1;
  }

  /** The obstacle may have become another one. */
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
   * While it lasts a reason is told once, and again only when it has become another one. `way`: by which everything
   * else but the charge controller can be relied upon.
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
