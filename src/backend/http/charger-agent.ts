import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../../base/clock.js';
import type { ByteStream } from './connect.js';

/** ms after which an unused connection is given back: a charger has ten in all (charger-wire 4.5). */
const IDLE_MS = 15_000;

export interface ChargerAgentOptions {
  readonly clock: Clock;
  readonly connect: () => ByteStream;
  /** Bytes arrived on an idle connection, where no request waited for an answer. */
  readonly onStray: () => void;
}

/**
 * Keeps at most two connections to one charger. A connection that has been idle for long is closed. Node's own idle
 * timeout is not used, so that our clock alone decides.
 *
 * An idle connection on which bytes arrive is closed too, and `onStray` is called. The fault test has the case
 * (`duplicate` in faults.test.ts): a device on the way delivers an answer twice. The second copy would be taken for the
 * answer to the next request, and the state of one topic would be published as that of another, without any error.
 * Some versions of Node close such a connection before its `data` event, so the bytes are counted.
 */
export class ChargerAgent extends Agent {
  readonly #options: ChargerAgentOptions;
  readonly #endIdle = new WeakMap<Duplex, Cancel>();

  constructor(options: ChargerAgentOptions) {
    super({ keepAlive: true, maxSockets: 2 });
    this.#options = options;
  }

  override createConnection(): ByteStream {
    return this.#options.connect();
  }

  /** Node calls this when a connection becomes idle; the result `true` keeps it open. */
  override keepSocketAlive(socket: Duplex): true {
    const { clock, onStray } = this.#options;
    const bytes = bytesRead(socket);
    const close = () => socket.destroy();
    const cancel = clock.after(IDLE_MS, close);
    const closed = () => {
      cancel();
      if (bytesRead(socket) !== bytes) onStray();
    };
    socket.once('data', close);
    socket.once('close', closed);
    this.#endIdle.set(socket, () => {
      cancel();
      socket.off('data', close);
      socket.off('close', closed);
    });
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.#endIdle.get(socket)?.();
    super.reuseSocket(socket, request);
  }

  /** Ends the idle connections only. */
  forgetIdle(): void {
    for (const socket of Object.values(this.freeSockets).flat()) socket?.destroy();
  }
}

const bytesRead = (socket: Duplex): unknown => ('bytesRead' in socket ? socket.bytesRead : undefined);
