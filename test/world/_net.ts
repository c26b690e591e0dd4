import { Duplex } from 'node:stream';
import type { SimClock } from './_sim-clock.js';

/** Why a connection ended, as the other end sees it. */
export type Ending = 'fin' | 'reset';

/** How a network treats those who want a new connection. */
export type Reach = 'open' | 'refused' | 'silent' | 'unknown_name';

/** Whether one can talk over a network: `poor` is slower than anybody may rely on. */
export type Quality = 'good' | 'poor' | 'gone';

/**
 * One end of a simulated TCP connection. What is written arrives at the other end after the network's latency, in
 * order, and whole or not at all as the network decides. Looks enough like a net.Socket for node:http, ws and
 * MQTT.js.
 */
export class SimSocket extends Duplex {
  readonly network: Network;
  peer: SimSocket | undefined;
  connecting: boolean;
  bytesRead = 0;
  /** When the bytes that came last had been written at the other end. */
  sentAt = 0;
  /** The process whose connection this is. */
  owner: object | undefined;
  /** Set when a piece from this end was cut in two: nothing more of it arrives. */
  halved = false;
  /** Set when this end has gone without a word: the other end still believes in it. */
  vanished = false;
  /** What was written before the connection was made, and when. */
  #unsent: { readonly chunk: Buffer; readonly at: number }[] = [];
  #arrivesAt = 0;
  /** What is on its way to the other end; written at one moment it arrives as one piece. */
  #batch: { readonly at: number; readonly chunks: Buffer[] } | undefined;
  #ended = false;
  /** What has come while the process of this end stood still. */
  #held: (() => void)[] | undefined;

  constructor(network: Network, connecting: boolean) {
    super({ allowHalfOpen: false, emitClose: true });
    this.network = network;
    this.connecting = connecting;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(chunk);
    done();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _final(done: () => void): void {
    if (!this.connecting) this.#deliver(() => this.peer?.arrive(undefined));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#ended && !this.vanished && !this.connecting) {
      this.#deliver(() => (error ? this.peer?.lose('reset') : this.peer?.arrive(undefined)));
    }
    this.#ended = true;
    this.network.sockets.delete(this);
    done(error);
  }

  /** The connection is made; what was written before goes out now. */
  established(): void {
    if (this.#isHeld(() => this.established()) || this.destroyed) return;
    this.connecting = false;
    const waiting = this.#unsent;
    this.#unsent = [];
    for (const { chunk, at } of waiting) this.#send(chunk, at);
    this.emit('connect');
  }

  /** Bytes from the other end; undefined is its orderly end. */
  arrive(bytes: Buffer | undefined): void {
    if (this.#isHeld(() => this.arrive(bytes)) || this.destroyed || this.vanished) return;
    if (bytes) this.bytesRead += bytes.length;
    this.push(bytes ?? null);
    if (!bytes) this.resume();
  }

  /** The other end is gone. */
  lose(ending: Ending): void {
    if (this.#isHeld(() => this.lose(ending)) || this.destroyed) return;
    this.#ended = true;
    if (ending === 'fin') this.push(null);
    else this.destroy(failure('ECONNRESET', 'read'));
  }

  /** The connection can't be made. */
  refuse(error: Error): void {
    if (!this.#isHeld(() => this.refuse(error))) this.destroy(error);
  }

  /** The process of this end stands still: what comes waits for it. */
  hold(): void {
    this.#held ??= [];
  }

  /** What has come meanwhile, in its order; from now on nothing waits. */
  release(): readonly (() => void)[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return held;
  }

  /** This end goes without a word to the other one, as when its power is cut. */
  vanish(): void {
    this.vanished = true;
    this.destroy();
  }

  /** What is sent from now on comes `ms` later, as where a piece is lost and sent again. */
  lag(ms: number): void {
    this.#arrivesAt = Math.max(this.#arrivesAt, this.network.clock.now() + ms);
  }

  resetAndDestroy(): this {
    return this.destroy(failure('ECONNRESET', 'write'));
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #isHeld(run: () => void): boolean {
    this.#held?.push(run);
    return this.#held !== undefined;
  }

  #send(chunk: Buffer, writtenAt = this.network.clock.now()): void {
    if (this.connecting) {
      this.#unsent.push({ chunk, at: writtenAt });
      return;
    }
    const now = this.network.clock.now();
    if (this.#batch?.at === now) {
      this.#batch.chunks.push(chunk);
      return;
    }
    const batch = { at: now, chunks: [chunk] };
    this.#batch = batch;
    this.#deliver(() => {
      if (this.#batch === batch) this.#batch = undefined;
      if (this.halved) return;
      const bytes = batch.chunks.length === 1 ? chunk : Buffer.concat(batch.chunks);
      const { peer } = this;
      if (peer?.destroyed) this.network.carry(this, 0, () => this.lose('reset'));
      else if (peer) {
        peer.sentAt = writtenAt;
        peer.arrive(this.network.halved(this, bytes));
      }
    });
  }

  #deliver(run: () => void): void {
    this.#arrivesAt = this.network.carry(this, this.#arrivesAt, run);
  }
}

/** The way between two parties: as fast, as reliable and as open as it is told to be. */
export class Network {
  readonly clock: SimClock;
  readonly sockets = new Set<SimSocket>();
  /** What the network does to new connections, and what the party at the other end does. */
  reach: Reach = 'open';
  service: Reach = 'open';
  readonly #latency: (slow: boolean) => number;
  /** While it holds nothing arrives; it does afterwards. */
  #frozenUntil = 0;
  #held: (() => void)[] = [];
  #halve: Ending | undefined;
  #accept: ((socket: SimSocket) => void) | undefined;
  #slowUntil = 0;
  /** Called when it has cut a piece in two: that may be long after it was asked to. */
  hasHalved: () => void = () => {};
  /** Connections made so far. */
  made = 0;

  /** `latency` gives the ms that a piece takes. */
  constructor(clock: SimClock, latency: (slow: boolean) => number) {
    this.clock = clock;
    this.#latency = latency;
  }

  get quality(): Quality {
    if (this.reach !== 'open' || this.clock.now() < this.#frozenUntil) return 'gone';
    return this.clock.now() < this.#slowUntil ? 'poor' : 'good';
  }

  /** Who answers at the other end. */
  listen(accept: (socket: SimSocket) => void): void {
    this.#accept = accept;
  }

  /** A new connection; it is there when the socket emits `connect`. */
  dial(): SimSocket {
    const near = new SimSocket(this, true);
    this.sockets.add(near);
    this.made += 1;
    const reach = this.reach === 'open' ? this.service : this.reach;
    if (reach === 'unknown_name') this.#fail(near, failure('ENOTFOUND', 'getaddrinfo'));
    else if (reach === 'refused') this.#fail(near, failure('ECONNREFUSED', 'connect'));
    else if (reach === 'open') this.#open(near);
    else this.#knock(near, 1_000);
    return near;
  }

  /** Lets `run` happen one latency from now and not before `earliest`; says when. */
  carry(_from: SimSocket, earliest: number, run: () => void): number {
    const at = Math.max(earliest, this.clock.now() + this.#latency(this.clock.now() < this.#slowUntil));
    this.clock.after(at - this.clock.now(), () => {
      if (this.clock.now() < this.#frozenUntil) this.#held.push(run);
      else run();
    });
    return at;
  }

  /** Ends every connection, both ends alike. */
  cut(ending: Ending): void {
    for (const socket of [...this.sockets]) socket.lose(ending);
  }

  /** Of the next piece that is carried only a part arrives, then the connection ends. */
  halveNext(ending: Ending): void {
    this.#halve = ending;
  }

  /** What arrives of a piece. */
  halved(from: SimSocket, bytes: Buffer): Buffer {
    const ending = this.#halve;
    if (ending === undefined || bytes.length < 2) return bytes;
    this.#halve = undefined;
    from.halved = true;
    this.hasHalved();
    this.clock.after(0, () => {
      from.peer?.lose(ending);
      from.lose(ending);
    });
    return bytes.subarray(0, bytes.length >> 1);
  }

  /** For `ms` everything takes long. */
  slow(ms: number): void {
    this.#slowUntil = Math.max(this.#slowUntil, this.clock.now() + ms);
  }

  /** For `ms` nothing arrives at either end; then everything does. */
  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.clock.now() + ms);
    this.clock.after(ms, () => {
      if (this.clock.now() < this.#frozenUntil) return;
      const held = this.#held;
      this.#held = [];
      for (const run of held) run();
    });
  }

  #open(near: SimSocket): void {
    const accept = this.#accept;
    this.carry(near, 0, () => {
      if (near.destroyed) return;
      if (!accept || this.service !== 'open') return near.refuse(failure('ECONNREFUSED', 'connect'));
      const far = new SimSocket(this, false);
      near.peer = far;
      far.peer = near;
      this.sockets.add(far);
      accept(far);
      this.carry(near, 0, () => near.established());
      return undefined;
    });
  }

  /** Nobody answers: TCP tries again after 1, 3, 7 … s. */
  #knock(near: SimSocket, ms: number): void {
    this.clock.after(ms, () => {
      const reach = this.reach === 'open' ? this.service : this.reach;
      if (near.destroyed || ms > 20_000) return;
      if (reach === 'open') this.#open(near);
      else this.#knock(near, 2 * ms);
    });
  }

  #fail(near: SimSocket, error: Error): void {
    this.carry(near, 0, () => near.refuse(error));
  }
}

function failure(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}
