import type { Duplex } from 'node:stream';
import type { Connect } from '../../../src/backend/http/connect.js';
import type { Clock } from '../../../src/base/clock.js';
import { MemorySocket } from '../../_memory-socket.js';

export const faults = ['cut', 'stall', 'delay', 'duplicate', 'garble'] as const;
export type FaultKind = (typeof faults)[number];

/** The longest delay of a chunk, ms. */
const MAX_DELAY_MS = 600;

/** A network in memory that does to the bytes what a test wants, in both directions. */
export class FaultyProxy {
  /** What is done at the moment. */
  fault: FaultKind | undefined;
  readonly #pairs = new Set<readonly [Duplex, Duplex]>();
  readonly #held: (() => void)[] = [];
  readonly #target: Connect;
  readonly #clock: Clock;
  readonly #random: () => number;

  /** `random`, 0 to below 1, decides which chunks are hit. */
  constructor(target: Connect, clock: Clock, random: () => number) {
    this.#target = target;
    this.#clock = clock;
    this.#random = random;
  }

  /** From now on everything is passed on, also what was held back. */
  calm(): void {
    this.fault = undefined;
    for (const release of this.#held.splice(0)) release();
  }

  get connections(): number {
    return this.#pairs.size;
  }

  readonly connect: Connect = (target) => {
    const [client, near] = MemorySocket.pair();
    const far = this.#target(target);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    far.on('connect', () => client.emit('connect'));
    far.on('error', () => near.resetAndDestroy());
    near.on('error', () => {});
    this.#pass(near, far, near);
    this.#pass(far, near, near);
    for (const end of pair) end.on('close', () => this.#pairs.delete(pair));
    return client;
  };

  /** Chunks keep their order, whatever happens to one of them. */
  #pass(from: Duplex, to: Duplex, near: MemorySocket): void {
    let last: Promise<void> = Promise.resolve();
    const write = (chunk: Buffer) => {
      if (!to.destroyed) to.write(chunk);
    };
    from.on('data', (chunk: Buffer) => {
      const { fault } = this;
      const hit = this.#random() < 0.15;
      const held = this.#hold(fault);
      last = last
        .then(() => held)
        .then(() => {
          if (fault === 'cut' && hit) {
            write(chunk.subarray(0, Math.floor(this.#random() * chunk.length)));
            near.resetAndDestroy();
          } else write(fault === 'garble' && hit ? this.#garbled(chunk) : chunk);
          if (fault === 'duplicate' && hit) setImmediate(() => write(chunk));
        });
    });
    // What is on its way still arrives; a stalled network keeps the end to itself too.
    from.on('end', () => void last.then(() => to.end()));
    from.on('close', () => void last.then(() => to.destroy()));
  }

  /** Resolves when a chunk may go on. */
  #hold(fault: FaultKind | undefined): Promise<void> {
    if (fault === 'stall') return new Promise((release) => this.#held.push(release));
    if (fault !== 'delay') return Promise.resolve();
    return new Promise((release) => {
      this.#clock.after(this.#random() * MAX_DELAY_MS, release);
    });
  }

  /**
   * Flips the highest bit of a few bytes. TCP's checksum makes any such change unlikely; one that turns a digit
   * into another digit nobody could notice, so it is not made.
   */
  #garbled(chunk: Buffer): Buffer {
    const copy = Buffer.from(chunk);
    for (let n = 0; n < 3; n++) {
      const at = Math.floor(this.#random() * copy.length);
      copy[at] = (copy[at] ?? 0) ^ 0x80;
    }
    return copy;
  }
}

/** Numbers 0..1 that are the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
