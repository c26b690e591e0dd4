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

/** Looks at what the broker retains, and compares it with what the charger is. */
export class Judge {
  readonly #options: JudgeOptions;
  /** When something last went wrong or right again: only what is wrong long after is a fault of the program. */
  #edgeAt = 0;
  /** Since when the charger has been able to tell the truth; infinite while it can't. */
  #knowableSince = Number.POSITIVE_INFINITY;
  #unknowableSince = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
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

  /** To be called after every step of note. */
  look(): void {
    this.#look();
    const { clock, brokerReachable } = this.#options;
    const now = clock.now();
    this.#signOfLife(now);
    if (!this.claimsOnline) return;
    // Nothing can be put right at a broker that does not hear us: it finds that out by itself.
    if (!brokerReachable() || now - this.#edgeAt <= MERCY_MS) return;
    if (now - this.#unknowableSince > MERCY_MS) {
      this.#options.violated(
        `the broker says online, but the charger is ${this.#options.charger.condition} since ${seconds(this.#unknowableSince)}`,
      );
    }
    if (now - this.#knowableSince > MERCY_MS) this.#compare(now - MERCY_MS);
  }

  /** With MQTT 5 the sign of life goes by itself when nobody repeats it. */
  #signOfLife(now: number): void {
    const { broker, charger, violated } = this.#options;
    const path = 'evse/low_level_state';
    const retained = broker.rules.version === 5 ? broker.textOf(`${PREFIX}/${path}`) : undefined;
    if (retained === undefined) return;
    const until = charger.states.validUntil(path, retained);
    if (until < now - EXPIRED_MS) violated(`${path} is retained although it was so until ${seconds(until)}`);
  }

  /** The program has published a sign of life of the charger. */
  showsLife(): void {
    const { clock, violated } = this.#options;
    if (clock.now() - this.#unknowableSince > LIFE_MS)
      violated(`it shows life of a charger that is away since ${seconds(this.#unknowableSince)}`);
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
    if (missing.length === 0) this.#compare(this.#options.clock.now() - 3_000);
  }

  /** Every topic shows what the charger was at `since` or later. */
  #compare(since: number): void {
    const { broker, charger, topics, violated, clock } = this.#options;
    for (const path of topics) {
      const retained = broker.textOf(`${PREFIX}/${path}`);
      if (retained === undefined) {
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
    if (path === 'evse/low_level_state') return LIFE_MS;
    // Where it is polled, a topic that hardly ever changes is read about once a minute: a charger has other work.
    if (this.#options.charger.pushClients === 0 && !QUICK.includes(path)) return POLLED_MS;
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
