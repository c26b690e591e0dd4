import type { Cancel, Clock } from '../../base/clock.js';
import { membersOf } from '../../base/json.js';
import type { Charger } from '../../charger/charger.js';
import type { Receipt } from '../../charger/write.js';
import type { HistoryView, WriteView } from './page-protocol.js';

/** The time between two samples. */
export const SAMPLE_EVERY_MS = 5_000;

/** The number of samples: half an hour. */
const SAMPLES = 360;

/** The most answered writes that are kept. */
const MAX_WRITES = 100;

/** The most characters that are kept of a value or a reason: a stranger may have written it. */
const MAX_DETAIL = 300;

/** An unknown value: a Float32Array has no null. */
const UNKNOWN = Number.NaN;

interface AnsweredWrite {
  /** Counts from 1. */
  readonly number: number;
  readonly at: number;
  readonly receipt: Receipt;
}

/** Keeps what happened at one charger in the last half hour. It is in memory only, and its size is limited. */
export class ActivityHistory {
  readonly #charger: Charger;
  readonly #clock: Clock;
  readonly #power = new Float32Array(SAMPLES).fill(UNKNOWN);
  readonly #allowed = new Float32Array(SAMPLES).fill(UNKNOWN);
  readonly #writes: AnsweredWrite[] = [];
  readonly #cancel: Cancel;
  #answeredWrites = 0;
  #next = 0;
  #sampledAt: number;

  constructor(charger: Charger, clock: Clock) {
    this.#charger = charger;
    this.#clock = clock;
    this.#sampledAt = clock.now();
    this.#cancel = charger.watch({
      state() {},
      connection() {},
      answered: (receipt) => this.#keep(receipt),
    });
  }

  /** Takes a sample; to be called every `SAMPLE_EVERY_MS`. */
  sample(): void {
    const online = this.#charger.connection.online;
    const { power } = membersOf(this.#charger.read('meter/values'));
    const { allowed_charging_current: allowed } = membersOf(this.#charger.read('evse/state'));
    this.#power[this.#next] = online && typeof power === 'number' ? power : UNKNOWN;
    this.#allowed[this.#next] = online && typeof allowed === 'number' ? allowed / 1_000 : UNKNOWN;
    this.#next = (this.#next + 1) % SAMPLES;
    this.#sampledAt = this.#clock.now();
  }

  /** All samples, the oldest first. */
  history(): HistoryView {
    return {
      stepMs: SAMPLE_EVERY_MS,
      agoMs: this.#clock.now() - this.#sampledAt,
      power: this.#inOrder(this.#power),
      allowed: this.#inOrder(this.#allowed),
    };
  }

  /** How many writes were answered since the start. */
  get answered(): number {
    return this.#answeredWrites;
  }

  /** The newest writes first; only those after the first `seen` ones. */
  writes(seen = 0): WriteView[] {
    const now = this.#clock.now();
    return this.#writes
      .filter(({ number }) => number > seen)
      .map(({ at, receipt }) => ({ agoMs: now - at, ...shown(receipt) }))
      .reverse();
  }

  stop(): void {
    this.#cancel();
  }

  #keep(receipt: Receipt): void {
    this.#answeredWrites += 1;
    this.#writes.push({ number: this.#answeredWrites, at: this.#clock.now(), receipt });
    if (this.#writes.length > MAX_WRITES) this.#writes.shift();
  }

  #inOrder(ring: Float32Array): (number | null)[] {
    return Array.from({ length: SAMPLES }, (_, index) => {
      const value = ring[(this.#next + index) % SAMPLES] ?? UNKNOWN;
      return Number.isNaN(value) ? null : Math.round(value * 100) / 100;
    });
  }
}

function shown(receipt: Receipt): Omit<WriteView, 'agoMs'> {
  const { topic } = receipt;
  if (receipt.status === 'error') {
    return { topic, outcome: receipt.code, detail: receipt.error.slice(0, MAX_DETAIL) };
  }
  const value = JSON.stringify(receipt.value);
  const remark = receipt.hint === undefined ? '' : ` (${receipt.hint})`;
  return { topic, outcome: receipt.status, detail: `${value}${remark}`.slice(0, MAX_DETAIL) };
}
