import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the proxy does with everybody at the moment. */
export type Manner =
  | { readonly kind: 'pass' }
  /** Nothing is passed on, and nothing is lost: what came goes on when it passes again. */
  | { readonly kind: 'hold' }
  /** Each piece takes between these times, ms. */
  | { readonly kind: 'slow'; readonly low: number; readonly high: number }
  /** So many bytes a second in each direction. */
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number }
  /** New connections are taken and ended at once. */
  | { readonly kind: 'hang_up' };

export const PASS: Manner = { kind: 'pass' };

/** What arrives from one side and has not been handed to the other. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #queue: { bytes: Buffer; readonly at: number }[] = [];
  #busy = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
  }

  take(bytes: Buffer, manner: Manner): void {
    const delay = manner.kind === 'slow' ? manner.low + Math.random() * (manner.high - manner.low) : 0;
    const before = this.#queue.at(-1)?.at ?? 0;
    this.#queue.push({ bytes, at: Math.max(before, performance.now() + delay) });
    // Somebody who floods has to wait, as on a real line.
    if (this.#queue.length > 1_000) this.#from.pause();
  }

  /** Hands on what has come, as `manner` says now; to be called again when it changes. */
  async drain(manner: () => Manner): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#queue[0]; next && manner().kind !== 'hold'; next = this.#queue[0]) {
      const now = manner();
      if (now.kind === 'trickle') {
        await wait(1_000);
        this.#to.write(next.bytes.subarray(0, now.bytesPerSecond));
        next.bytes = next.bytes.subarray(now.bytesPerSecond);
        if (next.bytes.length === 0) this.#queue.shift();
        continue;
      }
      const left = next.at - performance.now();
      if (left > 1 && now.kind === 'slow') await wait(left);
      if (manner().kind === 'hold') break;
      this.#queue.shift();
      this.#to.write(next.bytes);
      if (this.#queue.length < 500) this.#from.resume();
    }
    this.#busy = false;
  }
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A TCP proxy on loopback that can do what networks do. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #lanes = new Set<Lane>();
  #manner: Manner = PASS;
  #cutAfter: string | undefined;
  accepted = 0;
  /** Called with what clients send, and the how manieth connection it came over. */
  heard: (bytes: Buffer, connection: number) => void = () => {};
  port = 0;
  target: number;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async to(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    const address = proxy.#server.address();
    proxy.port = typeof address === 'object' && address ? address.port : 0;
    return proxy;
  }

  set manner(manner: Manner) {
    this.#manner = manner;
    for (const lane of this.#lanes) void lane.drain(() => this.#manner);
  }

  /** Ends every connection by RST. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** The next request with these bytes goes through; its answer does not, the connection ends instead. */
  loseAnswerTo(pattern: string): void {
    this.#cutAfter = pattern;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #accept(near: Socket): void {
    this.accepted += 1;
    const connection = this.accepted;
    near.on('error', () => {});
    if (this.#manner.kind === 'hang_up') {
      near.destroy();
      return;
    }
    const far = connect(this.target, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    let muted = false;
    const pass = (from: Socket, to: Socket, isRequest: boolean) => {
      const lane = new Lane(from, to);
      this.#lanes.add(lane);
      from.on('data', (chunk: Buffer) => {
        if (isRequest && this.#cutAfter && chunk.includes(this.#cutAfter)) {
          this.#cutAfter = undefined;
          muted = true;
        } else if (!isRequest && muted) {
          near.resetAndDestroy();
          far.destroy();
          return;
        }
        if (isRequest) this.heard(chunk, connection);
        lane.take(chunk, this.#manner);
        void lane.drain(() => this.#manner);
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#pairs.delete(pair);
        this.#lanes.delete(lane);
        to.destroy();
      });
    };
    pass(near, far, true);
    pass(far, near, false);
  }
}
