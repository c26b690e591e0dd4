import type { Message } from './link.js';

/** PUBLISH, without its flags (MQTT 5, 3.3.1). */
const PUBLISH = 0x30;

const CORRELATION_DATA = 0x09;
const MESSAGE_EXPIRY_INTERVAL = 0x02;

/** The size of the PUBLISH packet of `message`, bytes (MQTT 5, 3.3). */
export function publishSize(message: Message, version: 4 | 5): number {
  return sizeOfPacket(remainingLength(message, version));
}

/** The size of a packet whose Remaining Length is `length`, bytes (MQTT 5, 2.1.4). */
export const sizeOfPacket = (length: number): number => 1 + sizeOfLength(length) + length;

/** An upper bound of the packet's size, bytes, which is cheap: it does not look at every character. */
export function publishSizeBound({ topic, payload, correlation }: Message): number {
  // A character takes at most three bytes of UTF-8; everything else takes less than 32.
  return 32 + 3 * (topic.length + payload.length) + (correlation?.byteLength ?? 0);
}

/**
 * Writes the PUBLISH packet of `message`, whose `remainingLength` is `length`, into `target` from the offset `at` on.
 * Returns the offset of its end. `id`, the packet identifier, is used only with QoS 1.
 */
export function writePublish(
  target: Buffer,
  at: number,
  message: Message,
  id: number,
  version: 4 | 5,
  length = remainingLength(message, version),
): number {
  const { topic, payload, qos, retain, correlation, expirySeconds } = message;
  target[at] = PUBLISH | (qos << 1) | (retain ? 1 : 0);
  let end = writeLength(target, at + 1, length);
  const topicAt = end + 2;
  end = topicAt + target.write(topic, topicAt);
  target.writeUInt16BE(end - topicAt, topicAt - 2);
  if (qos > 0) end = target.writeUInt16BE(id, end);
  if (version === 5) {
    end = writeLength(target, end, propertiesLength(message));
    if (expirySeconds !== undefined) {
      target[end] = MESSAGE_EXPIRY_INTERVAL;
      end = target.writeUInt32BE(expirySeconds, end + 1);
    }
    if (correlation !== undefined) {
      target[end] = CORRELATION_DATA;
      end = target.writeUInt16BE(correlation.byteLength, end + 1);
      target.set(correlation, end);
      end += correlation.byteLength;
    }
  }
  return end + target.write(payload, end);
}

/** The Remaining Length of the PUBLISH packet of `message`, bytes (MQTT 5, 2.1.4). */
export function remainingLength(message: Message, version: 4 | 5): number {
  const properties = version === 5 ? propertiesLength(message) : 0;
  return (
    2 +
    Buffer.byteLength(message.topic) +
    (message.qos > 0 ? 2 : 0) +
    (version === 5 ? sizeOfLength(properties) + properties : 0) +
    Buffer.byteLength(message.payload)
  );
}

function propertiesLength({ correlation, expirySeconds }: Message): number {
  return (correlation === undefined ? 0 : 3 + correlation.byteLength) + (expirySeconds === undefined ? 0 : 5);
}

/** How many bytes the encoded `length` takes (MQTT 5, 1.5.5). */
function sizeOfLength(length: number): number {
  if (length < 128) return 1;
  if (length < 16_384) return 2;
  return length < 2_097_152 ? 3 : 4;
}

/** Writes `length` with seven bits per byte, the lowest first; returns the offset of its end. */
function writeLength(target: Buffer, at: number, length: number): number {
  let rest = length;
  let end = at;
  while (rest > 127) {
    target[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[end++] = rest;
  return end;
}
