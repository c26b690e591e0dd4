import type { Clock } from '../../base/clock.js';
import { type Json, membersOf, parseJson } from '../../base/json.js';
import { RequestFailed } from './request-failed.js';

export interface ControllerWatchOptions {
  readonly clock: Clock;
  /** Reads a topic anew; what comes of it arrives by `state`. */
  readonly ask: (path: string) => Promise<unknown>;
  /** The verdict has become another one than `before`. */
  readonly onVerdict: (before: Verdict) => void;
}

/** Undefined: it works; `pending`: nothing speaks against it, but it has not moved yet. */
export type Verdict = undefined | 'pending' | RequestFailed;

/** ms without movement of the controller's uptime after which it counts as frozen. */
const FROZEN_MS = 10_000;

/** ms without movement after which it is asked for; push tells it each second. */
const QUIET_MS = 5_000;

/** ms without the feature `evse` after which there is no controller: the list grows while a charger starts. */
const MISSING_MS = 3_000;

/** ms between two questions while `online` waits for the answer, at other times, and while there is no controller. */
const URGENT_MS = 250;
const PATIENT_MS = 1_000;
const SLOW_MS = 5_000;

const UPTIME = 'evse/low_level_state';
const FEATURES = 'info/features';
const NAME = 'info/name';

const NO_CONTROLLER =
  'the charger has found no charge controller (feature "evse" is missing), what it shows of it means nothing; switch it off and on at its fuse, and if that does not help call the service';
const FROZEN =
  'the charger answers, but its charge controller does not: its uptime stands still, what is shown is old; switch the charger off and on at its fuse';

/**
 * Whether the charge controller behind the network processor works. The processor goes on answering without one: a
 * controller that hangs leaves all `evse/*` as they were, and one that was not found leaves zeros (charger-wire
 * 10.10). A working one has the feature `evse` and an uptime that moves. Energy managers have none, which is no fault.
 */
export class ControllerWatch {
  readonly #options: ControllerWatchOptions;
  #verdict: Verdict;
  #type = '';
  #hasTopics = false;
  #hasFeature: boolean | undefined;
  #missingSince = 0;
  #uptime: number | undefined;
  /** When the charger told `#uptime`. */
  #heardAt = 0;
  #moved = false;
  /** When the uptime last moved as far as it tells, or when it began to be waited for. */
  #movedAt: number | undefined;
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Set<string>();

  constructor(options: ControllerWatchOptions) {
    this.#options = options;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** The charger tells `path`; `value` is what the text parses to, if that is known. */
  state(path: string, text: string, value?: Json): void {
    if (path.startsWith('evse/')) this.#hasTopics = true;
    if (path !== UPTIME && path !== FEATURES && path !== NAME) return;
    const shown = value ?? parseJson(text);
    if (path === UPTIME) this.#hearUptime(membersOf(shown).uptime);
    if (path === FEATURES && Array.isArray(shown)) this.#hearFeatures(shown.includes('evse'));
    if (path === NAME) this.#type = String(membersOf(shown).type);
  }

  /** To be called every 250 ms while the verdict is `pending`, else every second: asks for what is missing, and notices what does not come. */
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
   * When the uptime stopped, if it has moved by `ms` since it was last told: where it is read seldom, it may have stood
   * still for a while. What is told now may itself be late, so it counts as no older than `QUIET_MS`.
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

  /** What has `evse` topics, or calls itself a WARP, should have a charge controller. */
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
