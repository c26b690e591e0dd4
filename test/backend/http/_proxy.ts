import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export const faults = ['cut', 'stall', 'delay', 'duplicate', 'garble'] as const;
export type FaultKind = (typeof faults)[number];

/** A TCP proxy that does to the bytes what a test wants, in both directions. */
export class FaultyProxy {
  /** What is done at the moment. */
  fault: FaultKind | undefined;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #held: (() => void)[] = [];
  readonly #random: () => number;
  readonly #server = createServer((client) => this.#accept(client));
  #target = 0;

  /** `seed` decides which chunks are hit. */
  constructor(seed: number) {
    this.#random = generator(seed);
  }

  /** Stands in front of `target` on a free port, which is returned. */
  async start(target: number): Promise<number> {
    this.#target = target;
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on everything is passed on, also what was held back. */
  calm(): void {
    this.fault = undefined;
    for (const release of this.#held.splice(0)) release();
  }

  get connections(): number {
    return this.#pairs.size;
  }

  async stop(): Promise<void> {
    this.calm();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  #accept(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    this.#pass(client, server);
    this.#pass(server, client);
  }

  /** Chunks keep their order, whatever happens to one of them. */
  #pass(from: Socket, to: Socket): void {
    let last: Promise<void> = Promise.resolve();
    const write = (chunk: Buffer) => {
      if (!to.destroyed) to.write(chunk);
    };
    from.on('data', (chunk) => {
      const { fault } = this;
      const hit = this.#random() < 0.15;
      const held =
        fault === 'stall'
          ? new Promise<void>((release) => this.#held.push(release))
          : fault === 'delay'
            ? pause(this.#random() * 30)
            : Promise.resolve();
      last = last
        .then(() => held)
        .then(() => {
          if (fault === 'cut' && hit) {
            write(chunk.subarray(0, Math.floor(this.#random() * chunk.length)));
            from.resetAndDestroy();
          } else write(fault === 'garble' && hit ? this.#garbled(chunk) : chunk);
          if (fault === 'duplicate' && hit) setImmediate(() => write(chunk));
        });
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

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

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
