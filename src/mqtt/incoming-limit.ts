/** The most bytes that the length of a packet takes (MQTT 5, 1.5.5). */
const MAX_LENGTH_BYTES = 4;

/** The first byte of a PUBLISH packet, without its flags, and its QoS (MQTT 5, 3.3.1). */
const PUBLISH = 0x30;

/** Bytes of a PUBLISH packet that hold its packet identifier in any case: it follows the topic, here the longest. */
const MAX_HEAD = 2 + 65_535 + 2;

/** A packet that was left out. */
export interface Skipped {
  readonly bytes: number;
  /** Packet identifier of a message with QoS 1, which the broker expects to be acknowledged. */
  readonly messageId?: number;
  readonly topic?: string;
}

interface Skipping {
  readonly first: number;
  readonly bytes: number;
  /** The beginning of the packet, after its length. */
  head: Buffer;
}

const NOTHING = Buffer.alloc(0);

/**
 * Takes packets that are too large out of the bytes of a broker. Over MQTT 5 we tell the broker our limit. Over 3.1.1
 * it sends whatever others publish, and a parser would keep all of it in memory.
 */
export class IncomingLimit {
  readonly #limit: number;
  readonly #skipped: (packet: Skipped) => void;
  /** The first bytes of the next packet, while its length has not come as a whole. */
  #start: Buffer = NOTHING;
  /** Bytes of the present packet that have yet to come. */
  #left = 0;
  /** The present packet, if it is left out. */
  #skipping: Skipping | undefined;

  /** `limit`: the largest packet that passes, bytes. */
  constructor(limit: number, skipped: (packet: Skipped) => void) {
    this.#limit = limit;
    this.#skipped = skipped;
  }

  /** The next bytes, without those of packets that are too large; the start of a packet may be kept back. */
  pass(bytes: Buffer): Buffer {
    const passed: Buffer[] = [];
    /** Where the bytes begin that will pass but are not yet in `passed`. */
    let from = 0;
    let at = 0;
    const cut = (next: number) => {
      if (at > from) passed.push(bytes.subarray(from, at));
      at = next;
      from = next;
    };
    while (at < bytes.length) {
      if (this.#left > 0) {
        const end = at + Math.min(this.#left, bytes.length - at);
        this.#left -= end - at;
        if (!this.#skipping) at = end;
        else {
          this.#keep(this.#skipping, bytes.subarray(at, end));
          from = end;
          at = end;
        }
        continue;
      }
      const held = this.#start.length;
      const start = held === 0 ? bytes : Buffer.concat([this.#start, bytes.subarray(0, MAX_LENGTH_BYTES)]);
      const first = held === 0 ? at : 0;
      const length = lengthOf(start, first);
      if (length === undefined) {
        this.#start = Buffer.from(start.subarray(first));
        cut(bytes.length);
        continue;
      }
      this.#left = length.value;
      this.#start = NOTHING;
      const next = at + length.startBytes - held;
      if (length.startBytes + length.value > this.#limit) {
        cut(next);
        this.#skipping = { first: start[first] ?? 0, bytes: length.startBytes + length.value, head: NOTHING };
      } else if (held > 0) {
        cut(next);
        passed.push(start.subarray(0, length.startBytes));
      } else at = next;
    }
    cut(at);
    return passed.length === 1 && passed[0] ? passed[0] : Buffer.concat(passed);
  }

  #keep(packet: Skipping, bytes: Buffer): void {
    if (packet.head.length < MAX_HEAD) {
      packet.head = Buffer.concat([packet.head, bytes.subarray(0, MAX_HEAD - packet.head.length)]);
    }
    if (this.#left > 0) return;
    this.#skipping = undefined;
    const about = (packet.first & 0xf0) === PUBLISH ? messageOf(packet.first, packet.head) : {};
    this.#skipped({ bytes: packet.bytes, ...about });
  }
}

/** The length of a packet by its first bytes; undefined while they have not all come. */
function lengthOf(
  start: Buffer,
  first: number,
): { readonly value: number; readonly startBytes: number } | undefined {
  let value = 0;
  for (let at = 1; at <= MAX_LENGTH_BYTES; at++) {
    const byte = start[first + at];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** (at - 1);
    // A length that has too many bytes is left to the parser, which refuses it.
    if ((byte & 0x80) === 0 || at === MAX_LENGTH_BYTES) return { value, startBytes: 1 + at };
  }
  return undefined;
}

function messageOf(first: number, head: Buffer): Omit<Skipped, 'bytes'> {
  const length = head.length < 2 ? 0 : head.readUInt16BE(0);
  if (head.length < 2 + length + 2) return {};
  const topic = head.toString('utf8', 2, 2 + length);
  const qos = (first >> 1) & 3;
  return qos === 1 ? { topic, messageId: head.readUInt16BE(2 + length) } : { topic };
}
