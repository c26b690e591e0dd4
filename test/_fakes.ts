import type { Backend, Sink } from '../src/backend/backend.js';
import type { Cancel, Clock } from '../src/base/clock.js';
import type { Json } from '../src/base/json.js';
import type { Fields, Log, LogLevel } from '../src/base/log.js';
import { Charger, type ChargerOptions } from '../src/charger/charger.js';
import type { OutletContext } from '../src/charger/outlet.js';
import type { Policy } from '../src/charger/write-policy.js';
import type { Failure, Handler, Incoming, Link, Message, SubscribeOptions } from '../src/mqtt/link.js';
import { chargerTopics } from '../src/topics/index.js';

interface Timer {
  due: number;
  readonly every: number | undefined;
  readonly run: () => void;
}

/** When the tests' time begins, ms since 1970. */
const EPOCH = Date.UTC(2026, 10, 24, 12);

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  date(): number {
    return EPOCH + this.#now;
  }

  after(ms: number, run: () => void): Cancel {
    return this.#add({ due: this.#now + ms, every: undefined, run });
  }

  every(ms: number, run: () => void): Cancel {
    return this.#add({ due: this.#now + ms, every: ms, run });
  }

  /** Lets `ms` pass: everything that falls due runs in order, and what it awaits gets its turn. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#fire(next);
      await settle();
    }
    this.#now = end;
  }

  /** The same at once, without a turn for what is awaited. */
  jump(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) this.#fire(next);
    this.#now = end;
  }

  /** The process stands still for `ms`: nothing runs, and what has fallen due meanwhile does so later. */
  stall(ms: number): void {
    this.#now += ms;
  }

  get waiting(): number {
    return this.#timers.size;
  }

  #fire(timer: Timer): void {
    this.#now = Math.max(this.#now, timer.due);
    if (timer.every === undefined) this.#timers.delete(timer);
    else timer.due += timer.every;
    timer.run();
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.due <= end && (!first || timer.due < first.due)) first = timer;
    return first;
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}

/** Lets everything that is ready run: promises, and the turn of the event loop after them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((done) => setImmediate(done));
}

export class FakeLog implements Log {
  readonly lines: { level: LogLevel; text: string; fields?: Fields }[] = [];
  readonly error = this.#at('error');
  readonly warn = this.#at('warn');
  readonly info = this.#at('info');
  readonly debug = this.#at('debug');

  child(): Log {
    return this;
  }

  /** The texts of one level. */
  texts(level: LogLevel): string[] {
    return this.lines.filter((line) => line.level === level).map(({ text }) => text);
  }

  #at(level: LogLevel) {
    return (text: string, fields?: Fields) => {
      this.lines.push({ level, text, ...(fields ? { fields } : {}) });
    };
  }
}

/** A broker in memory with one client, which it answers at once. */
export class FakeLink implements Link {
  up = true;
  denied: string[] = [];
  faults: string[] = [];
  maximumPacketSize = Number.POSITIVE_INFINITY;
  readonly published: Message[] = [];
  readonly retained = new Map<string, string>();
  readonly handlers = new Map<string, Set<Handler>>();
  readonly others = new Map<string, Set<Handler>>();
  /** What is subscribed to with MQTT 3.1.1 only. */
  readonly insteadOfOthers = new Map<string, Set<Handler>>();
  /** Every SUBSCRIBE and UNSUBSCRIBE in order: `+ topic`, `- topic`. */
  readonly subscribed: string[] = [];
  readonly #readings: { topic: string; resolve: (message: Incoming | undefined) => void }[] = [];
  readonly #upListeners = new Set<() => void>();
  readonly #downListeners = new Set<(failure: Failure) => void>();
  readonly #faultListeners = new Set<() => void>();

  constructor(retained: Readonly<Record<string, string>> = {}) {
    for (const [topic, payload] of Object.entries(retained)) this.retained.set(topic, payload);
  }

  publish(message: Message): void {
    if (!this.up) return;
    this.published.push(message);
    if (message.retain && message.payload === '') this.retained.delete(message.topic);
    else if (message.retain) this.retained.set(message.topic, message.payload);
    for (const handle of this.handlers.get(message.topic) ?? []) {
      handle({ topic: message.topic, payload: bytes(message.payload), retained: false });
    }
  }

  subscribe(topics: string | readonly string[], handle: Handler, options: SubscribeOptions = {}): Cancel {
    const cancels = [topics].flat().map((topic) => this.#subscribe(topic, handle, options));
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  #subscribe(topic: string, handle: Handler, options: SubscribeOptions): Cancel {
    const { othersOnly = false, insteadOfOthersOnly = false } = options;
    const all = insteadOfOthersOnly ? this.insteadOfOthers : othersOnly ? this.others : this.handlers;
    const handlers = all.get(topic) ?? new Set();
    all.set(topic, handlers.add(handle));
    this.subscribed.push(`+ ${topic}`);
    if (this.up && all === this.handlers) this.#replay(topic);
    return () => {
      if (!handlers.delete(handle) || handlers.size > 0) return;
      all.delete(topic);
      this.subscribed.push(`- ${topic}`);
    };
  }

  readRetained(topic: string): Promise<Incoming | undefined> {
    return new Promise((resolve) => {
      if (this.up) resolve(this.#stored(topic));
      else this.#readings.push({ topic, resolve });
    });
  }

  onUp(run: () => void): Cancel {
    this.#upListeners.add(run);
    return () => this.#upListeners.delete(run);
  }

  onDown(run: (failure: Failure) => void): Cancel {
    this.#downListeners.add(run);
    return () => this.#downListeners.delete(run);
  }

  onFaults(run: () => void): Cancel {
    this.#faultListeners.add(run);
    return () => this.#faultListeners.delete(run);
  }

  /** The broker denies or can't take something now. */
  becomesFaulty(...faults: string[]): void {
    this.faults = faults;
    for (const run of this.#faultListeners) run();
  }

  /** The connection comes (again). */
  connect(): void {
    this.up = true;
    for (const { topic, resolve } of this.#readings.splice(0)) resolve(this.#stored(topic));
    for (const topic of [...this.handlers.keys()]) this.#replay(topic);
    for (const run of this.#upListeners) run();
  }

  /** The connection goes. */
  disconnect(failure: Failure = { reason: 'lost', text: 'connection lost' }): void {
    this.up = false;
    for (const run of this.#downListeners) run(failure);
  }

  /** Somebody publishes `payload` on a topic we subscribed to. */
  send(topic: string, payload: string | Uint8Array, more: Partial<Incoming> = {}): void {
    const handlers = this.handlers.get(topic) ?? this.others.get(topic);
    if (!handlers) throw new Error(`nobody subscribed to ${topic}`);
    const message = { topic, payload: typeof payload === 'string' ? bytes(payload) : payload };
    for (const handle of handlers) handle({ ...message, retained: false, ...more });
  }

  /** What was published on `topic`, parsed. */
  seen(topic: string): Json[] {
    const said = this.published.filter((m) => m.topic === topic && m.payload !== '');
    return said.map((m) => JSON.parse(m.payload) as Json);
  }

  #replay(topic: string): void {
    const message = this.#stored(topic);
    if (message) for (const handle of this.handlers.get(topic) ?? []) handle(message);
  }

  #stored(topic: string): Incoming | undefined {
    const payload = this.retained.get(topic);
    return payload === undefined ? undefined : { topic, payload: bytes(payload), retained: true };
  }
}

/** A charger whose answers a test decides. */
export class FakeBackend implements Backend {
  sink: Sink | undefined;
  readonly writes: { path: string; value: Json }[] = [];
  /** What the next writes do; by default they succeed at once, and what the topic showed before changes. */
  answer: (path: string, value: Json) => Promise<void> = async (path, value) => {
    if (this.#shown.has(path)) this.reports(path, value);
  };
  readonly #shown = new Set<string>();

  run(sink: Sink, signal: AbortSignal): Promise<void> {
    this.sink = sink;
    return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
  }

  write(path: string, value: Json): Promise<void> {
    this.writes.push({ path, value });
    return this.answer(path, value);
  }

  readonly reads: string[] = [];
  /** Whether the charger answers when it is read. What it shows comes by `reports`. */
  answerRead: (path: string) => Promise<boolean> = async () => true;

  read(path: string): Promise<boolean> {
    this.reads.push(path);
    return this.answerRead(path);
  }

  /** The charger reports `path`. */
  reports(path: string, value: Json | string): void {
    this.#shown.add(path);
    this.sink?.state(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
}

export const openPolicy: Policy = {
  readOnly: false,
  writable: ['*'],
  flashInterval: 60_000,
  acceptRetained: false,
};

export interface FakeSetup {
  readonly charger: Charger;
  readonly backend: FakeBackend;
  readonly clock: FakeClock;
  readonly log: FakeLog;
  readonly stop: () => void;
}

/** `setup` joined to a broker in memory, as outlets see it. */
export function outletContext(
  { charger, clock, log }: FakeSetup,
  link: Link = new FakeLink(),
): OutletContext {
  return {
    prefix: 'warp',
    name: undefined,
    charger,
    link,
    clock,
    log,
    backend: 'fake',
    page: undefined,
    version: '0.0.0',
    started: '2026-01-01T00:00:00.000Z',
  };
}

/** A charger over a fake backend, running and online. */
export function fakeCharger(options: Partial<ChargerOptions> = {}): FakeSetup {
  const backend = new FakeBackend();
  const clock = new FakeClock();
  const log = new FakeLog();
  const charger = new Charger({
    topics: chargerTopics(),
    backend,
    clock,
    log,
    policy: openPolicy,
    mirror: ['meter/*'],
    passthrough: true,
    ...options,
  });
  const stop = new AbortController();
  void charger.run(stop.signal);
  backend.sink?.online('polling');
  return { charger, backend, clock, log, stop: () => stop.abort() };
}

/** The bytes of a payload. */
export const bytes = (text: string): Uint8Array => Buffer.from(text);
