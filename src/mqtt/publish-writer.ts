import type { Writable } from 'node:stream';
import type { Message } from './link.js';
import { publishSize, writePublish } from './publish-packet.js';

interface Packet {
  readonly message: Message;
  readonly id: number;
}

const DONE = Promise.resolve();

/** Bytes that may wait to be written: enough for a burst, and little where a broker stands still. */
const MAX_WAITING_BYTES = 262_144;

/**
 * Writes PUBLISH packets to the stream of a connection. MQTT.js writes each in six pieces and makes a promise, an
 * entry in a store and a callback of it; here all packets of one turn of the event loop go out in one piece.
 */
export class PublishWriter {
  readonly #stream: Writable;
  readonly #version: 4 | 5;
  #packets: Packet[] = [];
  #bytes = 0;

  constructor(stream: Writable, version: 4 | 5) {
    this.#stream = stream;
    this.#version = version;
  }

  /** Whether the socket keeps up; if not, the stream says `drain` when it does again. */
  get hasRoom(): boolean {
    // What was gathered may fit into the socket at once.
    if (this.#bytes >= MAX_WAITING_BYTES) this.flush();
    return this.#stream.writableLength < MAX_WAITING_BYTES;
  }

  add(message: Message, id: number): void {
    // Of all ways to come back at the end of a turn a promise is the cheapest.
    if (this.#packets.length === 0) void DONE.then(this.#flush);
    this.#packets.push({ message, id });
    this.#bytes += publishSize(message, this.#version);
  }

  /** Hands over what was added. What is written to the stream by others comes after it. */
  flush(): void {
    const packets = this.#packets;
    const stream = this.#stream;
    if (packets.length === 0) return;
    this.#packets = [];
    const buffer = Buffer.allocUnsafe(this.#bytes);
    this.#bytes = 0;
    let end = 0;
    for (const { message, id } of packets) end = writePublish(buffer, end, message, id, this.#version);
    if (stream.writable) stream.write(buffer);
  }

  readonly #flush = (): void => this.flush();
}
