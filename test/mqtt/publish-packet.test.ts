import { PassThrough } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import type { Message } from '../../src/mqtt/link.js';
import { publishSize, publishSizeBound, writePublish } from '../../src/mqtt/publish-packet.js';
import { PublishWriter } from '../../src/mqtt/publish-writer.js';
import { anyCharacter } from '../_code-points.js';

/** What the library that MQTT.js reads with makes of `bytes`. */
function read(bytes: Uint8Array, protocolVersion: 4 | 5): IPublishPacket[] {
  const packets: IPublishPacket[] = [];
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet: Packet) => {
    if (packet.cmd === 'publish') packets.push(packet);
  });
  reader.on('error', (error: Error) => {
    throw error;
  });
  const left = reader.parse(Buffer.from(bytes));
  if (left > 0) throw new Error(`${left} bytes are left`);
  return packets;
}

function written(message: Message, id: number, version: 4 | 5): Buffer {
  const bytes = Buffer.alloc(publishSize(message, version));
  const end = writePublish(bytes, 0, message, id, version);
  if (end !== bytes.length) throw new Error(`${end} bytes written, ${bytes.length} told`);
  return bytes;
}

/** What of a packet that was read is the message. */
function messageOf({ topic, payload, retain, qos, properties }: IPublishPacket): object {
  const { correlationData, messageExpiryInterval } = properties ?? {};
  return {
    topic,
    payload: payload.toString(),
    retain,
    qos,
    ...(correlationData === undefined ? {} : { correlation: [...correlationData] }),
    ...(messageExpiryInterval === undefined ? {} : { expirySeconds: messageExpiryInterval }),
  };
}

const asRead = ({ correlation, expirySeconds, ...message }: Message, version: 4 | 5): object => ({
  ...message,
  ...(version === 4 || correlation === undefined ? {} : { correlation: [...correlation] }),
  ...(version === 4 || expirySeconds === undefined ? {} : { expirySeconds }),
});

const text = (maxLength: number) => fc.string({ unit: anyCharacter, maxLength });

const messages: fc.Arbitrary<Message> = fc
  .record(
    {
      topic: fc.string({ unit: anyCharacter, minLength: 1, maxLength: 40 }),
      payload: fc.oneof(
        text(300),
        fc.nat(20_000).map((length) => 'ä'.repeat(length)),
      ),
      retain: fc.boolean(),
      qos: fc.constantFrom(0 as const, 1 as const),
      correlation: fc.uint8Array({ maxLength: 256 }),
      expirySeconds: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    },
    { requiredKeys: ['topic', 'payload', 'retain', 'qos'] },
  )
  // Wildcards are no topics, and the null character stands in no text of MQTT.
  .map((message) => ({ ...message, topic: message.topic.replace(/[+#\0]/gu, '-') }));

const versions = fc.constantFrom(4 as const, 5 as const);
const ids = fc.integer({ min: 1, max: 65_535 });

test('what is written is read back the same by another library', (t) => {
  fc.assert(
    fc.property(messages, ids, versions, (message, id, version) => {
      const bytes = written(message, id, version);
      const [packet] = read(bytes, version);
      if (!packet) return false;
      t.deepEqual(messageOf(packet), asRead(message, version));
      return (message.qos === 0 || packet.messageId === id) && publishSizeBound(message) >= bytes.byteLength;
    }),
    { numRuns: 2_000 },
  );
});

for (const length of [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 3_000_000]) {
  test(`a payload of about ${length} bytes, around which the length takes another byte`, (t) => {
    for (const more of [-30, -20, 0]) {
      const payload = 'x'.repeat(Math.max(0, length + more));
      for (const version of [4, 5] as const) {
        const message: Message = { topic: 'warp/evse/state', payload, retain: true, qos: 1 };
        const [packet] = read(written(message, 7, version), version);
        t.is(packet?.payload.length, payload.length);
      }
    }
  });
}

test('what is published in one turn goes out in one piece, and nothing waits for a stream that has ended', async (t) => {
  const stream = new PassThrough();
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  const writer = new PublishWriter(stream, 5);
  const message = (payload: string): Message => ({ topic: 'a', payload, retain: false, qos: 0 });
  for (const payload of ['1', '2', '3']) writer.add(message(payload), 0);
  t.is(stream.readableLength, 0);
  await new Promise((done) => stream.once('data', done));
  t.is(pieces.length, 1);
  t.deepEqual(
    read(pieces[0] ?? Buffer.of(), 5).map(({ payload }) => payload.toString()),
    ['1', '2', '3'],
  );
  writer.add(message('4'), 0);
  stream.destroy();
  t.notThrows(() => writer.flush());
});
