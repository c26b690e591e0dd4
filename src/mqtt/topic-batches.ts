/** The most bytes of SUBSCRIBE and UNSUBSCRIBE besides the topics: type, length, packet id, properties (MQTT 5, 3.8). */
const HEADER_BYTES = 8;

/** Bytes that a topic takes besides its text: its length and its options (MQTT 5, 3.8.3). */
const TOPIC_OVERHEAD_BYTES = 3;

/** Items that fit into one packet together, and items that are too long for any packet. */
export interface TopicBatches<T> {
  readonly batches: readonly (readonly T[])[];
  readonly tooLong: readonly T[];
}

/** Puts `items` together so that each SUBSCRIBE or UNSUBSCRIBE has at most `maximumPacketSize` bytes. */
export function topicBatches<T extends { readonly topic: string }>(
  items: readonly T[],
  maximumPacketSize: number,
): TopicBatches<T> {
  const batches: T[][] = [];
  const tooLong: T[] = [];
  let left = 0;
  for (const item of items) {
    const size = Buffer.byteLength(item.topic) + TOPIC_OVERHEAD_BYTES;
    if (HEADER_BYTES + size > maximumPacketSize) {
      tooLong.push(item);
      continue;
    }
    if (size > left) {
      batches.push([]);
      left = maximumPacketSize - HEADER_BYTES;
    }
    batches.at(-1)?.push(item);
    left -= size;
  }
  return { batches, tooLong };
}
