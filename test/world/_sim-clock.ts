import type { Cancel, Clock } from '../../src/base/clock.js';

interface Timer {
  due: number;
  /** Timers that are due together run in the order in which they were started. */
  order: number;
  readonly every: number | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

/** No world has so many timers: somebody sets the next one off for ever. */
const MAX_STEPS = 200_000;

/** When a world begins, ms since 1970. */
const EPOCH = Date.UTC(2026, 10, 24, 12);

/**
 * The one clock of a simulated world. Nothing happens between two timers but what the first of them set off, and
 * the same timers always run in the same order.
 */
export class SimClock implements Clock {
  #now = 0;
  #orders = 0;
  /** A heap: the first timer is the next one. */
  readonly #heap: Timer[] = [];
  #running = 0;
  #steps = 0;

  now(): number {
    return this.#now;
  }

  date(): number {
    return EPOCH + this.#now;
  }

  after(ms: number, run: () => void): Cancel {
    return this.#add(ms, undefined, run);
  }

  every(ms: number, run: () => void): Cancel {
    return this.#add(ms, ms, run);
  }

  /** Timers that have neither run nor been cancelled. */
  get waiting(): number {
    return this.#running;
  }

  /** Lets the world go on until `end` (ms); all that a timer set off is done before the next one runs. */
  async run(end: number): Promise<void> {
    await settle();
    for (let timer = this.#heap[0]; timer && timer.due <= end; timer = this.#heap[0]) {
      this.#take();
      if (timer.cancelled) continue;
      this.#now = Math.max(this.#now, timer.due);
      if (timer.every === undefined) {
        timer.cancelled = true;
        this.#running -= 1;
      } else {
        timer.due += timer.every;
        timer.order = this.#orders++;
        this.#put(timer);
      }
      this.#steps += 1;
      if (this.#steps > MAX_STEPS) throw new Error(`more than ${MAX_STEPS} timers have run: this never ends`);
      timer.run();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  #add(ms: number, every: number | undefined, run: () => void): Cancel {
    const due = this.#now + Math.max(0, ms);
    const timer: Timer = { due, order: this.#orders++, every, run, cancelled: false };
    this.#running += 1;
    this.#put(timer);
    return () => {
      if (timer.cancelled) return;
      timer.cancelled = true;
      this.#running -= 1;
    };
  }

  #put(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || before(parent, timer)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #take(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (!left) break;
      const [child, next] = right && before(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (before(last, child)) break;
      heap[at] = child;
      at = next;
    }
    heap[at] = last;
  }
}

const before = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/** Lets everything run that is ready: promises, ticks, and what these make ready. */
function settle(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
