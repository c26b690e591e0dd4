import type { Registry } from '../../topics/index.js';
import { isSimulated, spaceOf } from '../../topics/namespaces.js';
import { withNumber } from '../../topics/registry.js';
import type { Topic } from '../../topics/topic.js';

/** A topic to be read, and not before `at` (ms of the clock). */
export interface NextPoll {
  readonly path: string;
  readonly at: number;
}

/** ms between two requests: a charger serves one at a time and has other things to do (charger-wire 4.5). */
const GAP_MS = 250;

/** ms between two reads of the topics that are the charger's sign of life to others (contract 3: at least every 10 s). */
const HEARTBEAT_MS = 4_000;

/** ms between two reads of one of the others: as often as the fast ones are read, within these bounds. */
const OTHERS_MS = { shortest: 1_000, longest: 2_500 };

/** ms between two reads of a topic that changes only with the firmware or by a person. */
const RARE_MS = 300_000;

/** Changes with every start of the charger (charger-wire 7). */
export const BOOT_ID = 'event_log/boot_id';

interface Timed {
  readonly path: string;
  readonly every: number;
  /** Read at each interval, whatever else there is. */
  readonly fast: boolean;
  due: number;
}

/**
 * Whose turn it is to be read: everything once in a row at the beginning, then the fast topics at each interval
 * and the others one by one, at most four requests a second. It only decides; the time comes from outside.
 */
export class PollSchedule {
  readonly #timed: readonly Timed[];
  readonly #rare: readonly Timed[];
  readonly #others: string[];
  readonly #othersEvery: number;
  readonly #answered = new Set<string>();
  readonly #doubted = new Set<string>();
  /** When to ask for a topic again that was not there, ms of the clock. */
  readonly #absent = new Map<string, number>();
  #backlog: string[] = [];
  #interposed = false;
  #othersDue = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** `interval`: ms between two reads of a fast topic. */
  constructor(topics: Registry, interval: number) {
    const rows = [...topics.values(), ...topics.families.flatMap(membersOfFamily)];
    const rest: string[] = [];
    const rare: string[] = [];
    const timed: Timed[] = [];
    for (const { path, state } of rows) {
      if (!state || isSimulated(path)) continue;
      const fast = state.poll === 'fast';
      const alive = state.heartbeat !== undefined;
      const every = alive ? Math.min(HEARTBEAT_MS, fast ? interval : HEARTBEAT_MS) : interval;
      if (fast || alive) timed.push({ path, every, fast, due: 0 });
      else (state.poll === 'rare' ? rare : rest).push(path);
    }
    this.#timed = timed;
    this.#rare = rare.map((path) => ({ path, every: RARE_MS, fast: false, due: 0 }));
    this.#others = rest.includes(BOOT_ID) ? rest : [...rest, BOOT_ID];
    this.#othersEvery = Math.min(OTHERS_MS.longest, Math.max(OTHERS_MS.shortest, interval));
  }

  /** From now on everything is read once, as fast as it is answered, also what was absent before. */
  fullRound(now: number): void {
    this.#absent.clear();
    this.#doubted.clear();
    const timed = [...this.#timed, ...this.#rare];
    for (const topic of timed) topic.due = now + topic.every;
    this.#othersDue = now + this.#othersEvery;
    // Who the charger is comes first, what a person may have changed last.
    const rare = this.#rare.map(({ path }) => path);
    this.#backlog = [
      ...this.#timed.map(({ path }) => path),
      ...rare.filter(tellsWho),
      ...this.#others,
      ...rare.filter((path) => !tellsWho(path)),
    ];
    this.#interposed = false;
  }

  /** Whether that first round is still going on. */
  get inFullRound(): boolean {
    return this.#backlog.length > 0;
  }

  /** Which topic is next, and when; undefined when the charger has none of them. */
  next(now: number): NextPoll | undefined {
    const timed = earliest(this.#present(this.#timed, now));
    const [first] = this.#backlog;
    if (first !== undefined) {
      // A slow charger must neither hold up the fast topics by the first round nor the other way round.
      const interposes = timed !== undefined && timed.due <= now && !this.#interposed;
      return { path: interposes ? timed.path : first, at: now };
    }
    const other = this.#nextOther(now);
    const free = this.#last + GAP_MS;
    if (timed && (other === undefined || timed.due <= this.#othersDue)) {
      return { path: timed.path, at: Math.max(free, timed.due) };
    }
    return other === undefined ? undefined : { path: other, at: Math.max(free, this.#othersDue) };
  }

  /** `path` is being read. */
  asked(path: string, now: number): void {
    this.#last = now;
    this.#interposed = this.inFullRound && this.#backlog[0] !== path;
    this.#backlog = this.#backlog.filter((waiting) => waiting !== path);
    const timed = this.#timed.find((topic) => topic.path === path);
    const rare = this.#rare.find((topic) => topic.path === path);
    if (timed) timed.due = now + timed.every;
    if (rare) rare.due = now + rare.every;
    if (!timed) this.#othersDue = now + this.#othersEvery;
    // The sign of life takes the place of one of the others, so that the fast topics keep their pace.
    else if (!timed.fast) this.#othersDue = Math.max(this.#othersDue, now + OTHERS_MS.shortest);
    const at = this.#others.indexOf(path);
    if (at >= 0) this.#others.push(...this.#others.splice(at, 1));
  }

  answered(path: string): void {
    this.#answered.add(path);
    this.#doubted.delete(path);
  }

  /**
   * The charger says that there is no `path`. It is not asked for again before the next restart; one that has
   * been there before is believed lost only the second time, and asked for again rarely.
   */
  missing(path: string, now: number): void {
    if (!this.#answered.has(path)) this.#absent.set(path, Number.POSITIVE_INFINITY);
    else if (this.#doubted.has(path)) this.#absent.set(path, now + RARE_MS);
    else this.#doubted.add(path);
  }

  #nextOther(now: number): string | undefined {
    const rare = earliest(this.#present(this.#rare, now));
    if (rare && rare.due <= now) return rare.path;
    return this.#others.find((path) => this.#isPresent(path, now));
  }

  #present(topics: readonly Timed[], now: number): readonly Timed[] {
    return topics.filter((topic) => this.#isPresent(topic.path, now));
  }

  #isPresent(path: string, now: number): boolean {
    return (this.#absent.get(path) ?? now) <= now;
  }
}

const tellsWho = (path: string): boolean => spaceOf(path) === 'info';

/** Each topic of a family that there may be. */
function membersOfFamily(row: Topic): Topic[] {
  return Array.from({ length: row.count ?? 0 }, (_, number) => ({
    ...row,
    path: withNumber(row.path, String(number)),
  }));
}

function earliest(topics: readonly Timed[]): Timed | undefined {
  return topics.reduce<Timed | undefined>(
    (first, topic) => (first && first.due <= topic.due ? first : topic),
    undefined,
  );
}
