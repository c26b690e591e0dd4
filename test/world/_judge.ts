import type { SimBroker } from './_broker.js';
import type { SimCharger } from './_charger.js';
import { seconds } from './_ledger.js';
import type { Quality } from './_net.js';
import type { SimClock } from './_sim-clock.js';
import { COUNTERS } from './_states.js';

export interface JudgeOptions {
  readonly clock: SimClock;
  readonly broker: SimBroker;
  readonly charger: SimCharger;
  /** Topics that the program must pass on. */
  readonly topics: readonly string[];
  /** Whether the broker takes a packet with `text` on the topic of `path`. */
  readonly fits: (path: string, text: string) => boolean;
  /** Whether the program and the broker hear each other. */
  readonly brokerReachable: () => boolean;
  readonly chargerQuality: () => Quality;
  readonly violated: (what: string) => void;
}

/** How long what is retained may be wrong, or the program not know that it knows nothing, ms. */
const MERCY_MS = 15_000;

/** How old the sign of life may be, ms. */
const LIFE_MS = 15_000;

/** After this long an old sign of life is gone from the broker, ms: 30 s of expiry, and what came before it. */
const EXPIRED_MS = 45_000;

/** Topics that are read every second or so while the charger is polled. */
const QUICK: readonly string[] = ['evse/state', 'evse/external_current', 'evse/button_state'];
const POLLED_MS = 90_000;

const PREFIX = 'warp';

const SIGN_OF_LIFE = 'evse/low_level_state';

/** How long news that are late may hide newer ones, ms. */
const LATE_NEWS_MS = 2_000;

/** How long after it came online the charger's sign of life may take, ms. */
const FIRST_LIFE_MS = 3_000;

/** What the charger said before it went away may still be on its way, ms. */
const IN_FLIGHT_MS = 2_000;

/** Looks at what the broker retains, and compares it with what the charger is. */
export class Judge {
  readonly #options: JudgeOptions;
  /** When something last went wrong or right again: only what is wrong long after is a fault of the program. */
  #edgeAt = 0;
  /** Since when the charger has been able to tell the truth; infinite while it can't. */
  #knowableSince = Number.POSITIVE_INFINITY;
  #unknowableSince = 0;
  readonly #topics: ReadonlySet<string>;
  /** Of what the process that works published last: its place among all that the topic has been. */
  readonly #places = new Map<string, number>();
  #process: object | undefined;
  /** When it said that the charger is offline; undefined while it says online. */
  #offlineAt: number | undefined;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#topics = new Set(options.topics);
  }

  /** How many faults have begun or ended. */
  edges = 0;

  /** A fault has begun or ended. */
  edge(): void {
    this.edges += 1;
    this.#edgeAt = this.#options.clock.now();
    this.#look();
  }

  get edgeAt(): number {
    return this.#edgeAt;
  }

  /** Whether what is retained says that it is true. */
  get claimsOnline(): boolean {
    const { broker } = this.#options;
    return (
      broker.textOf(`${PREFIX}/bridge/state`) === 'online' &&
      broker.textOf(`${PREFIX}/bridge/charger`) === 'online'
    );
  }

  /** Whether everybody hears everybody now, and the broker says that all is well. */
  get isCalm(): boolean {
    const { brokerReachable, charger, chargerQuality } = this.#options;
    return (
      this.claimsOnline && brokerReachable() && charger.condition === 'well' && chargerQuality() === 'good'
    );
  }

  /** Looks at everything that is retained. */
  look(): void {
    this.#look();
    const now = this.#options.clock.now();
    this.#signOfLife(now);
    if (!this.#isToBeRight(now)) return;
    if (now - this.#unknowableSince > MERCY_MS) {
      this.#options.violated(
        `the broker says online, but the charger is ${this.#options.charger.condition} since ${seconds(this.#unknowableSince)}`,
      );
    }
    if (now - this.#knowableSince > MERCY_MS) this.#compare(this.#options.topics, now - MERCY_MS);
  }

  /**
   * What is retained on the topic of `path` is about to be replaced or removed. It has never been as old as now, and
   * what is wrong between two looks is seen here.
   */
  replacing(path: string): void {
    if (path === 'bridge/state' || path === 'bridge/charger') {
      this.look();
      return;
    }
    const now = this.#options.clock.now();
    if (!this.#topics.has(path) || now - this.#knowableSince <= MERCY_MS || !this.#isToBeRight(now)) return;
    this.#compare([path], now - MERCY_MS);
  }

  /** The program in `process` has published `text` on the topic of `path`; the packet had been sent at `sentAt`. */
  shows(path: string, text: string, sentAt: number, process: object | undefined): void {
    const { charger, violated } = this.#options;
    if (process !== this.#process) {
      this.#process = process;
      this.#places.clear();
      this.#offlineAt = undefined;
    }
    if (path === 'bridge/charger')
      this.#offlineAt = text === 'offline' ? (this.#offlineAt ?? sentAt) : undefined;
    if (text === '' || !this.#topics.has(path)) return;
    if (path === SIGN_OF_LIFE) this.#showsLife(sentAt);
    // A charger without a meter says [] too: only what comes next tells that it was another device.
    if (text === charger.wordOfStranger) return;
    const place = charger.states.placeOf(path, text, this.#places.get(path) ?? 0);
    if (place !== undefined) {
      this.#places.set(path, place);
      return;
    }
    const until = charger.states.validUntil(path, text);
    if (Number.isFinite(until)) this.#goesBack(path, until, process);
    else violated(`it says ${text} on ${path}, and the charger never was so`);
  }

  /**
   * News that the charger pushed may be late on their connection, and older than an answer on another one: nothing tells
   * their age, and the newer news follow them. What is not put right soon is a fault.
   */
  #goesBack(path: string, until: number, process: object | undefined): void {
    const { broker, charger, clock, violated } = this.#options;
    const edges = this.edges;
    clock.after(LATE_NEWS_MS, () => {
      const retained = broker.textOf(`${PREFIX}/${path}`);
      if (process !== this.#process || edges !== this.edges || !this.claimsOnline || retained === undefined)
        return;
      if (charger.states.placeOf(path, retained, this.#places.get(path) ?? 0) !== undefined) return;
      violated(`${path} has gone back to ${retained}, which was so until ${seconds(until)}`);
    });
  }

  /** Whether what is retained says that it is true, and the program has had the time to see to it. */
  #isToBeRight(now: number): boolean {
    // Nothing can be put right at a broker that does not hear us: it finds that out by itself.
    return now - this.#edgeAt > MERCY_MS && this.claimsOnline && this.#options.brokerReachable();
  }

  /** With MQTT 5 the sign of life goes by itself when nobody repeats it. */
  #signOfLife(now: number): void {
    const { broker, charger, violated } = this.#options;
    const path = SIGN_OF_LIFE;
    const retained = broker.rules.version === 5 ? broker.textOf(`${PREFIX}/${path}`) : undefined;
    if (retained === undefined) return;
    const until = charger.states.validUntil(path, retained);
    if (until < now - EXPIRED_MS) violated(`${path} is retained although it was so until ${seconds(until)}`);
  }

  /** A charger that is away gives no sign of life, least of all one that the program itself calls offline. */
  #showsLife(sentAt: number): void {
    const { clock, violated } = this.#options;
    const since = this.#unknowableSince;
    const told = this.#offlineAt;
    if (clock.now() - since > LIFE_MS)
      violated(`it shows life of a charger that is away since ${seconds(since)}`);
    else if (told !== undefined && since <= told && sentAt > Math.max(told, since + IN_FLIGHT_MS))
      violated(`it shows life of a charger that it has called offline at ${seconds(told)}`);
  }

  /** At rest everything is known, and true at this moment. */
  atRest(): void {
    const { broker, violated } = this.#options;
    const missing = ['bridge/state', 'bridge/charger'].filter(
      (path) => broker.textOf(`${PREFIX}/${path}`) !== 'online',
    );
    for (const path of missing) {
      violated(`at rest ${path} is ${broker.textOf(`${PREFIX}/${path}`) ?? 'not there'}`);
    }
    if (missing.length === 0) this.#compare(this.#options.topics, this.#options.clock.now() - 3_000);
  }

  /** Every one of `paths` shows what the charger was at `since` or later. */
  #compare(paths: readonly string[], since: number): void {
    const { broker, charger, fits, violated, clock } = this.#options;
    for (const path of paths) {
      if (!fits(path, charger.states.last(path) ?? '')) continue;
      const retained = broker.textOf(`${PREFIX}/${path}`);
      if (retained === undefined) {
        const online = broker.saidAt(`${PREFIX}/bridge/charger`) ?? 0;
        if (path === SIGN_OF_LIFE && clock.now() - online < FIRST_LIFE_MS) continue;
        violated(`${path} is not retained`);
        continue;
      }
      const limit = Math.min(since, clock.now() - this.#mercyOf(path));
      const until = charger.states.validUntil(path, retained);
      if (until >= limit) continue;
      const was = Number.isFinite(until) ? `was so until ${seconds(until)}` : 'never was so';
      violated(`${path} is ${retained}; the charger ${was}, it is ${charger.states.last(path)}`);
    }
  }

  /** How old what a topic shows may be by right, ms. */
  #mercyOf(path: string): number {
    if (path === SIGN_OF_LIFE) return LIFE_MS;
    // Where who works polls, a topic that hardly ever changes is read about once a minute: a charger has other work.
    if (!this.#options.charger.pushesTo(this.#process) && !QUICK.includes(path)) return POLLED_MS;
    return COUNTERS.includes(path) ? LIFE_MS : 0;
  }

  #look(): void {
    const { clock, charger, chargerQuality } = this.#options;
    const well = charger.condition === 'well';
    const quality = chargerQuality();
    const now = clock.now();
    const knowable = well && quality === 'good';
    const unknowable = !well || quality === 'gone';
    if (!knowable) this.#knowableSince = Number.POSITIVE_INFINITY;
    else if (!Number.isFinite(this.#knowableSince)) this.#knowableSince = now;
    if (!unknowable) this.#unknowableSince = Number.POSITIVE_INFINITY;
    else if (!Number.isFinite(this.#unknowableSince)) this.#unknowableSince = now;
  }
}
