import type { Writable } from 'node:stream';
import type { Message } from './link.js';
import { remainingLength, sizeOfPacket, writePublish } from './publish-packet.js';

const DONE = Promise.resolve();

const EMPTY = Buffer.alloc(0);

/** Bytes that may wait to be written: enough for a burst, and little memory if a broker reads nothing. */
const MAX_WAITING_BYTES = 262_144;

/**
 * Writes PUBLISH packets to the stream of a connection. All packets of one turn of the event loop go out in one write.
 * MQTT.js would need six writes, a promise, an entry in a store and a callback for each packet.
 */
export class PublishWriter {
  readonly #stream: Writable;
  readonly #version: 4 | 5;
  /** The added packets; they end at `#end`, and the rest of the buffer is free. */
  #packets: Buffer = EMPTY;
  #end = 0;

  constructor(stream: Writable, version: 4 | 5) {
    this.#stream = stream;
    this.#version = version;
  }

  /** Whether the socket keeps up; if not, the stream emits `drain` when it does again. */
  get hasRoom(): boolean {
    // The socket may take everything that was gathered at once.
    if (this.#end >= MAX_WAITING_BYTES) this.flush();
    return this.#stream.writableLength < MAX_WAITING_BYTES;
  }

  /** Adds the packet of `message`; it is written at the end of this turn. `id`: its packet identifier with QoS 1. */
  add(message: Message, id: number): void {
    // A promise is the cheapest way to run something at the end of a turn.
    if (this.#end === 0) void DONE.then(this.#flush);
    const length = remainingLength(message, this.#version);
    this.#makeRoom(sizeOfPacket(length));
    this.#end = writePublish(this.#packets, this.#end, message, id, this.#version, length);
  }

  /** Writes the added packets to the stream now, so that packets of others come after them. */
  flush(): void {
    const packets = this.#packets;
    const end = this.#end;
    const stream = this.#stream;
    if (end === 0) return;
    this.#packets = EMPTY;
    this.#end = 0;
    if (stream.writable) stream.write(end === packets.length ? packets : packets.subarray(0, end));
  }

  /** Most turns have one packet, and the buffer gets its size. If a further packet does not fit, the size is doubled. */
  #makeRoom(bytes: number): void {
    const before = this.#packets;
    const needed = this.#end + bytes;
    if (needed <= before.length) return;
    this.#packets = Buffer.allocUnsafe(Math.max(needed, 2 * before.length));
    before.copy(this.#packets, 0, 0, this.#end);
  }

  readonly #flush = (): void => this.flush();
}
