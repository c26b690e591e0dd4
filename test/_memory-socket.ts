import { Duplex } from 'node:stream';

/**
 * One end of a connection in memory, with what Node's HTTP parts and `ws` ask of a socket. What one end writes the
 * other has before the event loop turns: nothing depends on how busy the machine is.
 */
export class MemorySocket extends Duplex {
  #peer: MemorySocket | undefined;
  #more: (() => void) | undefined;
  bytesRead = 0;

  /** Two ends of one connection. As with TCP the client's end closes by itself when the other one has ended. */
  static pair(): readonly [client: MemorySocket, server: MemorySocket] {
    const [client, server] = [new MemorySocket({ allowHalfOpen: false }), new MemorySocket()];
    client.#peer = server;
    server.#peer = client;
    return [client, server];
  }

  override _read(): void {
    const more = this.#more;
    this.#more = undefined;
    more?.();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
    const peer = this.#peer;
    process.nextTick(() => {
      if (!peer || peer.destroyed) return done(broken('write EPIPE', 'EPIPE'));
      peer.bytesRead += chunk.length;
      if (peer.push(chunk)) done();
      else peer.#more = done;
    });
  }

  override _final(done: () => void): void {
    process.nextTick(() => {
      if (this.#peer) this.#peer.#hasEnded();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const peer = this.#peer;
    // Nobody reads what the other end has not sent yet.
    this._read();
    process.nextTick(() => {
      if (peer) peer.#hasEnded();
      done(error);
    });
  }

  /** Nothing more comes; as with a socket that is noticed also while nobody reads. */
  #hasEnded(): void {
    if (this.destroyed || this.readableEnded) return;
    this.push(null);
    this.read(0);
  }

  /** Breaks the connection: the other end has an error. */
  resetAndDestroy(): this {
    const peer = this.#peer;
    process.nextTick(() => peer?.destroy(broken('read ECONNRESET', 'ECONNRESET')));
    return this.destroy();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }
}

/** An end that could not be connected: it fails as a socket does. */
export function refusedSocket(): MemorySocket {
  const [client] = MemorySocket.pair();
  setImmediate(() => client.destroy(broken('connect ECONNREFUSED', 'ECONNREFUSED')));
  return client;
}

const broken = (message: string, code: string): Error => Object.assign(new Error(message), { code });
