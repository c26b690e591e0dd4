import { Backoff, type Chance, Notifier } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import type { TopicReader } from './topic-reader.js';

export interface AuditOptions {
  readonly reader: TopicReader;
  /** The topics to read again: those that the charger has reported and the bridge uses. */
  readonly topics: () => readonly string[];
  readonly clock: Clock;
  readonly chance: Chance | undefined;
}

/** ms between two reads after a dump: a charger serves one request at a time (charger-wire 4.5). */
const GAP_MS = 250;

/** ms between two reads at all other times. */
const SLOWLY_MS = 10_000;

/** ms before the next read after a failed one: the first wait and the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = SLOWLY_MS;

/** ms from a doubt to the round that reads everything: first wait, longest wait, and time without a doubt that resets it. */
const FIRST_ROUND_MS = 4_000;
const LONGEST_ROUND_MS = 600_000;
const NO_DOUBT_MS = 900_000;

/** Topics that are read first: they matter most, or change only once, in the first seconds after a start. */
const FIRST: readonly string[] = [
  'evse/state',
  'evse/slots',
  'evse/external_current',
  'info/features',
  'meters/0/value_ids',
];

/**
 * Reads topics again in case push has missed a change. Since firmware 2.1.5 a charger sends changes only to clients
 * whose dump is complete, so a change during the dump is never sent (charger-wire 5). Therefore every topic is read
 * once after each dump. After that one topic is read every 10 s, in case a change was lost in another way.
 */
export class Audit {
  readonly #options: AuditOptions;
  readonly #wake = new Notifier();
  readonly #retry: Backoff;
  readonly #rounds: Backoff;
  #active = false;
  /** What is still to be read after the last dump or doubt. */
  #round: string[] = [];
  /** What is read slowly, in turn. */
  #turns: string[] = [];
  #nextAt = 0;
  /** When the next round is due because of a doubt. */
  #roundAt: number | undefined;
  #doubtedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AuditOptions) {
    const { chance } = options;
    this.#options = options;
    this.#retry = new Backoff(FIRST_RETRY_MS, LONGEST_RETRY_MS, chance);
    this.#rounds = new Backoff(FIRST_ROUND_MS, LONGEST_ROUND_MS, chance);
  }

  /** A dump is complete: everything is read once. */
  begin(): void {
    this.#active = true;
    this.#startRound();
  }

  /** Push is interrupted: nothing is read until the next dump. */
  end(): void {
    this.#active = false;
    this.#roundAt = undefined;
    this.#wake.notify();
  }

  /** A reported state may be wrong: everything is read again soon. */
  doubt(): void {
    const { clock } = this.#options;
    const now = clock.now();
    if (now - this.#doubtedAt > NO_DOUBT_MS) this.#rounds.reset();
    this.#doubtedAt = now;
    if (!this.#active || this.#roundAt !== undefined) return;
    this.#roundAt = now + this.#rounds.next();
    this.#wake.notify();
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const now = clock.now();
      if (this.#roundAt !== undefined && this.#roundAt <= now) this.#startRound();
      const due = Math.min(this.#nextAt, this.#roundAt ?? this.#nextAt);
      if (!this.#active || due > now)
        await this.#wake.wait(clock, this.#active ? due - now : undefined, signal);
      else await this.#readNext();
    }
  }

  #startRound(): void {
    const topics = this.#options.topics();
    this.#round = [
      ...FIRST.filter((path) => topics.includes(path)),
      ...topics.filter((path) => !FIRST.includes(path)),
    ];
    this.#roundAt = undefined;
    this.#nextAt = this.#options.clock.now();
    this.#wake.notify();
  }

  async #readNext(): Promise<void> {
    const { clock, reader } = this.#options;
    const startedAt = clock.now();
    const path = this.#round.shift() ?? this.#nextTurn();
    this.#nextAt = startedAt + (this.#round.length > 0 ? GAP_MS : SLOWLY_MS);
    if (path === undefined) return;
    const { kind } = await reader.read(path);
    if (kind !== 'failed') return this.#retry.reset();
    this.#round.push(path);
    this.#nextAt = clock.now() + this.#retry.next();
  }

  #nextTurn(): string | undefined {
    if (this.#turns.length === 0) this.#turns = [...this.#options.topics()];
    return this.#turns.shift();
  }
}
