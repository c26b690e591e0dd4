/** The most bytes that the length of a packet takes (MQTT 5, 1.5.5). */
const MAX_LENGTH_BYTES = 4;

/**
 * Reads only the lengths of the packets in a stream of MQTT. So it finds a packet that is too large when only its first
 * bytes have come, before a parser keeps all of it in memory.
 */
export class PacketSizes {
  readonly #limit: number;
  /** Bytes of the present packet that have yet to come; 0 between packets. */
  #left = 0;
  /** The length of the present packet as far as it has come; undefined while no length is being read. */
  #length: { value: number; bytes: number } | undefined;

  /** `limit`: the largest packet, bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Reads the next bytes; returns false if a packet has begun that is too large, or whose length is malformed. */
  accept(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
      } else if (!this.#length) {
        this.#length = { value: 0, bytes: 0 };
        at += 1;
      } else if (!this.#readLength(bytes[at++] ?? 0, this.#length)) return false;
    }
    return true;
  }

  #readLength(byte: number, length: { value: number; bytes: number }): boolean {
    length.value += (byte & 0x7f) * 128 ** length.bytes;
    length.bytes += 1;
    if ((byte & 0x80) !== 0) return length.bytes < MAX_LENGTH_BYTES;
    this.#length = undefined;
    this.#left = length.value;
    return 1 + length.bytes + length.value <= this.#limit;
  }
}
