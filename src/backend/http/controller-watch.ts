import type { Clock } from '../../base/clock.js';
import { type Json, membersOf, parseJson } from '../../base/json.js';
import { RequestFailed } from './request-failed.js';

export interface ControllerWatchOptions {
  readonly clock: Clock;
  /** Reads a topic again; the answer arrives through `state`. */
  readonly ask: (path: string) => Promise<unknown>;
  /** The verdict has changed; `before` is the old one. */
  readonly onVerdict: (before: Verdict) => void;
}

/** Undefined: the controller works. `pending`: nothing seems wrong, but the uptime has not moved yet. */
export type Verdict = undefined | 'pending' | RequestFailed;

/** ms without movement of the controller's uptime after which it counts as frozen. */
const FROZEN_MS = 10_000;

/** ms without movement after which the uptime is read; push reports it every second. */
const QUIET_MS = 5_000;

/** ms without the feature `evse` after which there is no controller: the list grows while a charger starts. */
const MISSING_MS = 3_000;

/** ms between two reads: while `online` waits for the answer, at other times, and while there is no controller. */
const URGENT_MS = 250;
const PATIENT_MS = 1_000;
const SLOW_MS = 5_000;

const UPTIME = 'evse/low_level_state';
const FEATURES = 'info/features';
const NAME = 'info/name';

const NO_CONTROLLER =
  'the charger has found no charge controller (feature "evse" is missing), so its evse/* states mean nothing; switch the charger off and on at its fuse, and if that does not help call the service';
const FROZEN =
  'the charger answers, but its charge controller does not: its uptime stands still, so its states are old; switch the charger off and on at its fuse';

/**
 * Judges whether the charge controller behind the network processor works. The processor answers without one, too: if
 * the controller hangs, all `evse/*` keep their last values, and if it was not found, they are zero (charger-wire
 * 10.10). With a working controller there is the feature `evse`, and the uptime moves. Energy managers have no charge
 * controller, and that is no fault.
 */
export class ControllerWatch {
  readonly #options: ControllerWatchOptions;
  #verdict: Verdict;
  #type = '';
  #hasTopics = false;
  #hasFeature: boolean | undefined;
  #missingSince = 0;
  #uptime: number | undefined;
  /** When the charger reported `#uptime`. */
  #heardAt = 0;
  #moved = false;
  /** When the uptime last moved; before the first movement, since when that is awaited. */
  #movedAt: number | undefined;
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Set<string>();

  constructor(options: ControllerWatchOptions) {
    this.#options = options;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** The charger reports `path`; `value` is the parsed text, if that is known. */
  state(path: string, text: string, value?: Json): void {
    if (path.startsWith('evse/')) this.#hasTopics = true;
    if (path !== UPTIME && path !== FEATURES && path !== NAME) return;
    const shown = value ?? parseJson(text);
    if (path === UPTIME) this.#hearUptime(membersOf(shown).uptime);
    if (path === FEATURES && Array.isArray(shown)) this.#hearFeatures(shown.includes('evse'));
    if (path === NAME) this.#type = String(membersOf(shown).type);
  }

  /** Reads what is missing, and judges again. Call it every 250 ms while the verdict is `pending`, else every second. */
  check(): void {
    if (this.#missing) this.#ask(FEATURES, this.#verdict instanceof RequestFailed ? SLOW_MS : PATIENT_MS);
    if (this.#expectsMovement) {
      const now = this.#options.clock.now();
      this.#movedAt ??= now;
      if (!this.#moved || now - this.#movedAt >= QUIET_MS)
        this.#ask(UPTIME, this.#verdict === 'pending' ? URGENT_MS : PATIENT_MS);
    }
    this.#judge();
  }

  /** The charger is away: when it comes back it has to prove itself again. */
  reset(): void {
    this.#hasTopics = false;
    this.#hasFeature = undefined;
    this.#uptime = undefined;
    this.#moved = false;
    this.#movedAt = undefined;
    this.#askedAt.clear();
    this.#verdict = undefined;
  }

  #hearUptime(uptime: Json | undefined): void {
    if (typeof uptime !== 'number') return;
    const now = this.#options.clock.now();
    const before = this.#uptime;
    const isFirst = before === undefined;
    const moved = !isFirst && uptime !== before;
    if (isFirst) this.#movedAt = now;
    else if (moved) this.#movedAt = this.#lastMovement(uptime - before, now);
    if (moved) this.#moved = true;
    this.#uptime = uptime;
    this.#heardAt = now;
    if (isFirst) this.#ask(UPTIME, 0);
    if (this.#verdict !== undefined || isFirst) this.#judge();
  }

  /**
   * When the uptime last moved, if it has grown by `ms` since the report before. Where it is read seldom, it may have
   * stopped a while ago. But the report itself may be late, so the result is at most `QUIET_MS` in the past.
   */
  #lastMovement(ms: number, now: number): number {
    // It begins again with 0 after a restart, and after 2^32 ms.
    if (ms < 0) return now;
    return Math.min(now, Math.max(this.#heardAt + ms, now - QUIET_MS));
  }

  #hearFeatures(hasFeature: boolean): void {
    if (!hasFeature && this.#hasFeature !== false) this.#missingSince = this.#options.clock.now();
    this.#hasFeature = hasFeature;
    this.#judge();
  }

  #ask(path: string, every: number): void {
    const now = this.#options.clock.now();
    if (this.#asking.has(path) || now - (this.#askedAt.get(path) ?? Number.NEGATIVE_INFINITY) < every) return;
    this.#askedAt.set(path, now);
    this.#asking.add(path);
    void this.#options.ask(path).finally(() => this.#asking.delete(path));
  }

  /** A device with `evse` topics, or with a type that begins with WARP, should have a charge controller. */
  get #expected(): boolean {
    return this.#hasTopics || /^warp/i.test(this.#type);
  }

  get #missing(): boolean {
    return this.#hasFeature === false && this.#expected;
  }

  get #expectsMovement(): boolean {
    return this.#uptime !== undefined || (this.#hasFeature === true && this.#expected);
  }

  #judge(): void {
    const before = this.#verdict;
    this.#verdict = this.#now();
    const same =
      before instanceof RequestFailed && this.#verdict instanceof RequestFailed
        ? before.kind === this.#verdict.kind
        : before === this.#verdict;
    if (!same) this.#options.onVerdict(before);
  }

  #now(): Verdict {
    const now = this.#options.clock.now();
    if (this.#missing) {
      if (now - this.#missingSince >= MISSING_MS) return new RequestFailed('no_controller', NO_CONTROLLER);
      return this.#verdict === undefined && this.#moved ? undefined : 'pending';
    }
    if (!this.#expectsMovement) return undefined;
    if (this.#movedAt !== undefined && now - this.#movedAt >= FROZEN_MS)
      return new RequestFailed('frozen', FROZEN);
    return this.#moved ? undefined : 'pending';
  }
}
