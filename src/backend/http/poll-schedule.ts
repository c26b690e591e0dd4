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
const GAP_MS = 200;

/** ms between two reads of a heartbeat topic, which shows others that the charger lives (contract 3: at least every 10 s). */
const HEARTBEAT_MS = 4_000;

/** ms between two reads of a topic that changes while a car charges, but more slowly than the fast ones. */
const OFTEN_MS = 5_000;

/** ms between two reads of any other topic: half the interval of the fast topics, within these bounds. */
const OTHERS_MS = { shortest: 500, longest: 2_500 };

/** ms between two reads of a topic that changes only with the firmware or by a person. */
const RARE_MS = 300_000;

/** ms after which `info/*` topics are read again after a round: they may grow in the first seconds after a start. */
const GROWING_MS = 10_000;

/** Changes with every start of the charger (charger-wire 7). */
export const BOOT_ID = 'event_log/boot_id';

interface Timed {
  readonly path: string;
  readonly every: number;
  /** Read at each interval, whatever else there is. */
  readonly fast: boolean;
  due: number;
}

export interface RoundOptions {
  /** Topics without a row; they take turns with the others. */
  readonly more?: readonly string[];
  /** Until the round is over nothing is read twice. */
  readonly undisturbed?: boolean;
}

/**
 * Decides which topic is read next. First comes a round through all topics. After it, the fast topics are read at each
 * interval and the others one after the other, with at most five requests a second. The caller tells the time and
 * reads.
 */
export class PollSchedule {
  readonly #timed: readonly Timed[];
  /** Topics with an interval of their own (`often`, `rare`); they take turns with `#others`. */
  readonly #paced: readonly Timed[];
  #others: string[];
  readonly #othersEvery: number;
  readonly #answered = new Set<string>();
  readonly #doubted = new Set<string>();
  /** For each topic of a family: the topics of that family with a higher number. */
  readonly #later = new Map<string, readonly string[]>();
  /** When to ask for a topic again that was not there, ms of the clock. */
  readonly #absent = new Map<string, number>();
  /** What is left of the round through everything. */
  #backlog: string[] = [];
  /** Topics of that round which may be tried once more. */
  #roundHas = new Set<string>();
  /** Whether the last read was that of a fast topic between two of the round. */
  #interposed = false;
  #undisturbed = false;
  #othersDue = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** `interval`: ms between two reads of a fast topic. */
  constructor(topics: Registry, interval: number) {
    const families = topics.families.map(membersOfFamily);
    for (const members of families) {
      const paths = members.map(({ path }) => path);
      paths.forEach((path, at) => {
        this.#later.set(path, paths.slice(at + 1));
      });
    }
    const rows = [...topics.values(), ...families.flat()];
    const others: string[] = [];
    const timed: Timed[] = [];
    const paced: Timed[] = [];
    for (const { path, state } of rows) {
      if (!state || isSimulated(path)) continue;
      const fast = state.poll === 'fast';
      if (state.heartbeat)
        timed.push({ path, every: Math.min(HEARTBEAT_MS, fast ? interval : HEARTBEAT_MS), fast, due: 0 });
      else if (fast) timed.push({ path, every: interval, fast, due: 0 });
      else if (state.poll === 'often')
        paced.push({ path, every: Math.max(OFTEN_MS, interval), fast, due: 0 });
      else if (state.poll === 'rare') paced.push({ path, every: RARE_MS, fast, due: 0 });
      else others.push(path);
    }
    this.#timed = timed;
    this.#paced = paced;
    this.#others = others.includes(BOOT_ID) ? others : [...others, BOOT_ID];
    this.#othersEvery = Math.min(OTHERS_MS.longest, Math.max(OTHERS_MS.shortest, interval / 2));
  }

  /** Begins a round: every topic is read once, as fast as the charger answers, also topics that were absent before. */
  fullRound(now: number, { more = [], undisturbed = false }: RoundOptions = {}): void {
    this.#undisturbed = undisturbed;
    this.#others = [...new Set([...this.#others, ...more])];
    this.#absent.clear();
    this.#doubted.clear();
    for (const topic of [...this.#timed, ...this.#paced]) topic.due = now + topic.every;
    this.#othersDue = now + this.#othersEvery;
    // Who the charger is comes first, what a person may have changed last.
    const rank = ({ path, every }: Timed) => (tellsWho(path) ? 0 : every < RARE_MS ? 1 : 2);
    const ranked = (wanted: number) => this.#paced.filter((topic) => rank(topic) === wanted);
    this.#backlog = [
      ...[...this.#timed, ...ranked(0), ...ranked(1)].map(({ path }) => path),
      ...this.#others,
      ...ranked(2).map(({ path }) => path),
    ];
    this.#roundHas = new Set(this.#backlog);
    this.#interposed = false;
  }

  /** Whether a round through everything is still going on. */
  get inFullRound(): boolean {
    return this.#backlog.length > 0;
  }

  /** Which topic is next, and when; undefined if the charger has no topic to read. */
  next(now: number): NextPoll | undefined {
    const timed = earliest(this.#present(this.#timed, now));
    const [first] = this.#backlog;
    if (first !== undefined) {
      // With a slow charger the round must not hold up the fast topics, nor they the round: they take turns.
      const interposes = timed !== undefined && timed.due <= now && !this.#interposed && !this.#undisturbed;
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
    const paced = this.#paced.find((topic) => topic.path === path);
    if (timed) timed.due = now + timed.every;
    const isGrowing = tellsWho(path) && this.#roundHas.has(path);
    if (paced) paced.due = now + (isGrowing ? GROWING_MS : paced.every);
    if (!timed) this.#othersDue = now + this.#othersEvery;
    // A heartbeat topic takes the turn of one of the others, so that the fast topics keep their interval.
    else if (!timed.fast) this.#othersDue = Math.max(this.#othersDue, now + OTHERS_MS.shortest);
    const at = this.#others.indexOf(path);
    if (at >= 0) this.#others.push(...this.#others.splice(at, 1));
  }

  /** Reading `path` failed: in a round through everything it is tried once more at the end. */
  failed(path: string): void {
    if (!this.#roundHas.has(path)) return;
    this.#roundHas.delete(path);
    this.#backlog.push(path);
  }

  /** The charger has answered with the state of `path`. */
  answered(path: string): void {
    this.#answered.add(path);
    this.#doubted.delete(path);
    this.#roundHas.delete(path);
  }

  /**
   * The charger says that it has no `path`. Then `path` is not read before the next round. A topic that was there
   * before counts as lost only after a second such answer, and is then read rarely.
   */
  missing(path: string, now: number): void {
    if (!this.#answered.has(path)) {
      // A family has no gaps.
      const absent = [path, ...(this.#later.get(path) ?? [])];
      for (const one of absent) this.#absent.set(one, Number.POSITIVE_INFINITY);
      this.#backlog = this.#backlog.filter((waiting) => !absent.includes(waiting));
    } else if (this.#doubted.has(path)) this.#absent.set(path, now + RARE_MS);
    else this.#doubted.add(path);
  }

  #nextOther(now: number): string | undefined {
    const paced = earliest(this.#present(this.#paced, now));
    if (paced && paced.due <= now) return paced.path;
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
