import type { Duplex } from 'node:stream';
import type { IPublishPacket, Packet } from 'mqtt';
import { MAX_INCOMING_PACKET } from './broker-limits.js';
import { IncomingLimit } from './incoming-limit.js';
import type { Incoming } from './link.js';
import { PacketSizes } from './packet-sizes.js';

/**
 * Calls `fail` if a packet is larger than the limit that we have told the broker (MQTT 5): MQTT.js would keep all of it
 * in memory, up to 256 MB.
 */
export function refuseLargePackets(stream: Duplex, fail: (error: Error) => void): void {
  const sizes = new PacketSizes(MAX_INCOMING_PACKET);
  stream.on('data', (bytes: Buffer) => {
    if (sizes.accept(bytes)) return;
    fail(new Error(`it sent a packet of more than the ${MAX_INCOMING_PACKET} bytes that we take`));
  });
}

/**
 * Keeps packets that are too large away from the parser, and acknowledges them, so that the broker does not send them
 * again. Calls `skipped` for each, with its topic if that could be read, and its size in bytes.
 */
export function skipLargePackets(
  stream: Duplex,
  skipped: (topic: string | undefined, bytes: number) => void,
): void {
  const limit = new IncomingLimit(MAX_INCOMING_PACKET, ({ bytes, topic, messageId }) => {
    if (messageId !== undefined) stream.write(Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]));
    skipped(topic, bytes);
  });
  // MQTT.js offers no hook before its parser, so the stream itself is changed.
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding) =>
    push(Buffer.isBuffer(chunk) ? limit.pass(chunk) : chunk, encoding);
}

/** Packets that must have a packet identifier (MQTT 5, 2.2.1), besides PUBLISH with QoS 1 or 2. */
const NUMBERED: readonly string[] = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback'];

/** Whether a packet lacks its packet identifier. MQTT.js would throw, and nothing from a broker may end the process. */
export function isNumberless(packet: Packet): boolean {
  const isNumbered = NUMBERED.includes(packet.cmd) || (packet.cmd === 'publish' && packet.qos > 0);
  // The parser sets -1 if the packet is too short for one.
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
