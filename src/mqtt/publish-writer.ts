import type { Writable } from 'node:stream';
import type { Message } from './link.js';
import { remainingLength, sizeOfPacket, writePublish } from './publish-packet.js';

const DONE = Promise.resolve();

const EMPTY = Buffer.alloc(0);

/** Bytes that may wait to be written: enough for a burst, and little where a broker stands still. */
const MAX_WAITING_BYTES = 262_144;

/**
 * Writes PUBLISH packets to the stream of a connection. MQTT.js writes each in six pieces and makes a promise, an
 * entry in a store and a callback of it; here all packets of one turn of the event loop go out in one piece.
 */
export class PublishWriter {
  readonly #stream: Writable;
  readonly #version: 4 | 5;
  /** The packets that were added, as far as `#end`. */
  #packets: Buffer = EMPTY;
  #end = 0;

  constructor(stream: Writable, version: 4 | 5) {
    this.#stream = stream;
    this.#version = version;
  }

  /** Whether the socket keeps up; if not, the stream says `drain` when it does again. */
  get hasRoom(): boolean {
    // What was gathered may fit into the socket at once.
    if (this.#end >= MAX_WAITING_BYTES) this.flush();
    return this.#stream.writableLength < MAX_WAITING_BYTES;
  }

  add(message: Message, id: number): void {
    // Of all ways to come back at the end of a turn a promise is the cheapest.
    if (this.#end === 0) void DONE.then(this.#flush);
    const length = remainingLength(message, this.#version);
    this.#makeRoom(sizeOfPacket(length));
    this.#end = writePublish(this.#packets, this.#end, message, id, this.#version, length);
  }

  /** Hands over what was added. What is written to the stream by others comes after it. */
  flush(): void {
    const packets = this.#packets;
    const end = this.#end;
    const stream = this.#stream;
    if (end === 0) return;
    this.#packets = EMPTY;
    this.#end = 0;
    if (stream.writable) stream.write(end === packets.length ? packets : packets.subarray(0, end));
  }

  /** Most turns have one packet, for which there is just enough; with each that does not fit there is twice as much. */
  #makeRoom(bytes: number): void {
    const before = this.#packets;
    const needed = this.#end + bytes;
    if (needed <= before.length) return;
    this.#packets = Buffer.allocUnsafe(Math.max(needed, 2 * before.length));
    before.copy(this.#packets, 0, 0, this.#end);
  }

  readonly #flush = (): void => this.flush();
}
