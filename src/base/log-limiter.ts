import type { Cancel, Clock } from './clock.js';
import type { Log, LogLevel } from './log.js';

/** Lines of one kind that are logged as they come. */
const FIRST_LINES = 5;

/** The usual time between two summaries, ms. */
const SUMMARY_EVERY_MS = 60_000;

/** Kinds that are told apart: strangers choose them, so there must be an end. */
const MAX_KINDS = 200;

/** The kind of everything that comes when MAX_KINDS are known. */
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
 * one summary a minute. What is held back is still there at level debug.
 */
export class LogLimiter {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #everyMs: number;
  readonly #kinds = new Map<string, Kind>();
  #stopped = false;

  /** `everyMs`: the time between two summaries of a kind; a kind that was silent for so long begins anew. */
  constructor(clock: Clock, log: Log, everyMs = SUMMARY_EVERY_MS) {
    this.#clock = clock;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /** Logs `text`, or holds it back if there were enough of this `kind`: a topic and a refusal code, for example. */
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

  /** Tells what is still held back, and ends every timer. What comes later is logged as it comes. */
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
    this.#log[kind.level](`${kind.newest} (one of ${kind.heldBack} like it that were not logged)`);
    kind.heldBack = 0;
  }
}
