/** Ends a timer or a subscription; calling it twice does no harm. */
export type Cancel = () => void;

/** Time as an argument: everything that waits takes a Clock, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since an arbitrary moment, never going backwards. */
  now(): number;
  /** The time of day, ms since 1970. It may jump in either direction: nothing waits by it. */
  date(): number;
  /** Calls `run` once, `ms` milliseconds from now. */
  after(ms: number, run: () => void): Cancel;
  /** Calls `run` every `ms` milliseconds. */
  every(ms: number, run: () => void): Cancel;
}

/** The machine's monotonic clock. Its timers keep the process alive until they are cancelled. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};
