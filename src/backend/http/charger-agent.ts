import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../../base/clock.js';
import type { ByteStream } from './connect.js';

/** ms after which an unused connection is given back: a charger has ten in all (charger-wire 4.5). */
const IDLE_MS = 15_000;

export interface ChargerAgentOptions {
  readonly clock: Clock;
  readonly connect: () => ByteStream;
  /** Bytes came that nobody had asked for. */
  readonly onStray: () => void;
}

/**
 * At most two kept connections to one charger. One that has been idle for long is closed; Node's own times are
 * not used, so that our clock alone decides.
 *
 * One that says something while nobody asks is closed too, and that is told. The fault test has the case
 * (`duplicate` in faults.test.ts): something on the way passes an answer on twice, the second copy is taken for
 * the answer to the next question, and one topic's state goes out as another's without any error. Some versions
 * of Node close such a connection before anybody can see the bytes, so these are counted.
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

  /** A connection has no request any more; true keeps it. */
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
