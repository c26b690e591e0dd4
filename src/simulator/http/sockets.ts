import type { Duplex } from 'node:stream';

/** Sockets that the charger can have open at a time, for HTTP and WebSocket together (charger-wire 4.5). */
const MAX_SOCKETS = 10;

/** All open sockets, the least recently used one first. */
export class Sockets {
  readonly #open = new Set<Duplex>();

  get size(): number {
    return this.#open.size;
  }

  /** Takes a new socket; when there are too many, the one that was silent the longest is dropped. */
  add(socket: Duplex): void {
    for (const oldest of this.#open) {
      if (this.#open.size < MAX_SOCKETS) break;
      this.#drop(oldest);
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    // A peer may reset the connection at any time; 'close' follows.
    socket.on('error', () => {});
  }

  /** To be called when something came in on this socket. */
  used(socket: Duplex): void {
    if (this.#open.delete(socket)) this.#open.add(socket);
  }

  dropAll(): void {
    for (const socket of this.#open) this.#drop(socket);
  }

  #drop(socket: Duplex): void {
    this.#open.delete(socket);
    socket.destroy();
  }
}
