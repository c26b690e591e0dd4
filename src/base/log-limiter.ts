import type { Cancel, Clock } from './clock.js';
import type { Log, LogLevel } from './log.js';

/** Lines of one kind that are logged as they come. */
const FIRST_LINES = 5;

/** The usual time between two summaries, ms. */
const SUMMARY_EVERY_MS = 60_000;

/** How many kinds are told apart. Strangers can make up kinds, so their number must be limited. */
const MAX_KINDS = 200;

/** Lines of a new kind count for this one while MAX_KINDS are known. */
const OTHER_KINDS = '';

interface Kind {
  level: Exclude<LogLevel, 'debug'>;
  /** Lines logged since the kind was last forgotten. */
  logged: number;
  /** Lines held back since the last summary. */
  heldBack: number;
  newest: string;
  readonly timer: Cancel;
}

/**
 * Keeps what a stranger can repeat at will from flooding the log: the first lines of each kind as they come, then
 * one summary a minute. Lines that are held back are still logged at level debug.
 */
export class LogLimiter {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #everyMs: number;
  readonly #kinds = new Map<string, Kind>();
  #stopped = false;

  /** `everyMs`: the time between two summaries of a kind. A kind without lines for that long begins anew. */
  constructor(clock: Clock, log: Log, everyMs = SUMMARY_EVERY_MS) {
    this.#clock = clock;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /** Logs `text`, or holds it back after the first lines of its `kind`: for example a topic with a refusal code. */
  add(level: Exclude<LogLevel, 'debug'>, kind: string, text: string): void {
    if (this.#stopped) {
      this.#log[level](text);
      return;
    }
    const one = this.#kind(kind, level);
    one.level = level;
    one.newest = text;
    if (one.logged < FIRST_LINES) {
      one.logged += 1;
      this.#log[level](text);
    } else {
      one.heldBack += 1;
      this.#log.debug(text);
    }
  }

  /** Logs the last summaries and ends every timer. Lines that come later are not held back. */
  stop(): void {
    this.#stopped = true;
    for (const kind of this.#kinds.values()) {
      kind.timer();
      this.#summarize(kind);
    }
    this.#kinds.clear();
  }

  #kind(name: string, level: Kind['level']): Kind {
    const key = this.#kinds.has(name) || this.#kinds.size < MAX_KINDS ? name : OTHER_KINDS;
    const known = this.#kinds.get(key);
    if (known) return known;
    const timer = this.#clock.every(this.#everyMs, () => this.#timeIsUp(key));
    const kind = { level, logged: 0, heldBack: 0, newest: '', timer };
    this.#kinds.set(key, kind);
    return kind;
  }

  #timeIsUp(key: string): void {
    const kind = this.#kinds.get(key);
    if (!kind) return;
    if (kind.heldBack > 0) this.#summarize(kind);
    else {
      kind.timer();
      this.#kinds.delete(key);
    }
  }

  #summarize(kind: Kind): void {
    if (kind.heldBack === 0) return;
    this.#log[kind.level](`${kind.newest} (lines like this held back: ${kind.heldBack})`);
    kind.heldBack = 0;
  }
}
