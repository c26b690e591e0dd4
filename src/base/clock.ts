/** Ends a timer or a subscription; calling it twice does no harm. */
export type Cancel = () => void;

/** Time as an argument: everything that waits takes a Clock, so that tests decide how time passes. */
export interface Clock {
  /** Milliseconds since an arbitrary moment, never going backwards. */
  now(): number;
  /** The time of day, ms since 1970. It may jump in either direction, so no wait is measured with it. */
  date(): number;
  /** Calls `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
  /** Calls `run` every `ms` milliseconds. Timers are shared, so the first call comes after 0.5 to 1.5 times `ms`. */
  every(ms: number, run: () => void): Cancel;
}

/** A time of day (ms since 1970) as ISO 8601, in whole seconds: `2026-11-24T18:02:11Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

interface Beat {
  readonly run: () => void;
  /** It is not called before this time, ms: otherwise the first call could come right after every(). */
  readonly from: number;
}

/** All calls with the same interval share a timer: hundreds of chargers wake the process once, not once each. */
class SharedInterval {
  readonly #beats = new Set<Beat>();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(run: () => void): Cancel {
    const beat: Beat = { run, from: performance.now() + this.#ms / 2 };
    this.#beats.add(beat);
    this.#timer ??= setInterval(() => this.#beat(), this.#ms);
    return () => {
      this.#beats.delete(beat);
      if (this.#beats.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #beat(): void {
    const now = performance.now();
    for (const beat of [...this.#beats]) if (beat.from <= now && this.#beats.has(beat)) beat.run();
  }
}

/** The machine's monotonic clock. Its timers keep the process alive until they are cancelled. */
class SystemClock implements Clock {
  readonly #intervals = new Map<number, SharedInterval>();

  now(): number {
    return performance.now();
  }

  date(): number {
    return Date.now();
  }

  after(ms: number, run: () => void): Cancel {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }

  every(ms: number, run: () => void): Cancel {
    const shared = this.#intervals.get(ms) ?? new SharedInterval(ms);
    this.#intervals.set(ms, shared);
    return shared.add(run);
  }
}

/** The clock of the running program; tests have their own. */
export const systemClock: Clock = new SystemClock();
