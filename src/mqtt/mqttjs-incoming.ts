import type { Duplex } from 'node:stream';
import type { IPublishPacket, Packet } from 'mqtt';
import { MAX_INCOMING_PACKET } from './broker-limits.js';
import { IncomingLimit } from './incoming-limit.js';
import type { Incoming } from './link.js';
import { PacketSizes } from './packet-sizes.js';

/**
 * Calls `fail` at a packet that is larger than the broker was told that we take (MQTT 5): MQTT.js would gather all of
 * it, up to 256 MB.
 */
export function refuseLargePackets(stream: Duplex, fail: (error: Error) => void): void {
  const sizes = new PacketSizes(MAX_INCOMING_PACKET);
  stream.on('data', (bytes: Buffer) => {
    if (sizes.accept(bytes)) return;
    fail(new Error(`it sent a packet of more than the ${MAX_INCOMING_PACKET} bytes that we take`));
  });
}

/**
 * Keeps packets that are too large from the parser, and acknowledges them: else the broker sends them again. Calls
 * `skipped` for each.
 */
export function skipLargePackets(
  stream: Duplex,
  skipped: (topic: string | undefined, bytes: number) => void,
): void {
  const limit = new IncomingLimit(MAX_INCOMING_PACKET, ({ bytes, topic, messageId }) => {
    if (messageId !== undefined) stream.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]));
    skipped(topic, bytes);
  });
  // MQTT.js has no place before its parser but the stream itself.
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding) =>
    push(Buffer.isBuffer(chunk) ? limit.pass(chunk) : chunk, encoding);
}

/** Packets that answer, or want an answer, by a number (MQTT 5, 2.2.1). */
const NUMBERED: readonly string[] = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback'];

/** Whether a packet lacks the number that it must have: nothing that a broker sends may end the process. */
export function isNumberless(packet: Packet): boolean {
  const isNumbered = NUMBERED.includes(packet.cmd) || (packet.cmd === 'publish' && packet.qos > 0);
  // The parser says -1 where the packet is too short for one.
  return isNumbered && (packet.messageId ?? 0) < 1;
}

/** A message as MQTT.js hands it over. */
export function incomingOf(topic: string, payload: Buffer, packet: IPublishPacket): Incoming {
  const { responseTopic, correlationData: correlation, messageExpiryInterval } = packet.properties ?? {};
  return {
    topic,
    payload,
    retained: packet.retain,
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlation === undefined ? {} : { correlation }),
    ...(messageExpiryInterval === undefined ? {} : { expirySeconds: messageExpiryInterval }),
  };
}
