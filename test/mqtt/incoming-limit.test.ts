import test from 'ava';
import { generate, type IPublishPacket } from 'mqtt-packet';
import { IncomingLimit, type Skipped } from '../../src/mqtt/incoming-limit.js';
import { ByteBroker } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

const LIMIT = 1_000;

const publish = (topic: string, size: number, qos: 0 | 1 = 0, messageId = 7): IPublishPacket => ({
  cmd: 'publish',
  topic,
  payload: 'x'.repeat(size),
  qos,
  retain: false,
  dup: false,
  messageId,
});

for (const piece of [1, 2, 3, 7, 100, 1_000, 1_000_000]) {
  test(`packets up to the limit pass as they are, larger ones do not: in pieces of ${piece} bytes`, (t) => {
    const small = [
      generate({ cmd: 'pingresp' }),
      generate(publish('a', 10)),
      generate({ cmd: 'puback', messageId: 3 }),
      generate(publish('b', LIMIT - 6)),
    ];
    const large = [generate(publish('c', LIMIT - 5)), generate(publish('large/d', 70_000, 1, 0x1234))];
    const [ping, a, ack, b] = small;
    const [c, d] = large;
    t.is(b?.length, LIMIT);
    const order = [ping, c, a, d, d, ack, b].filter((bytes) => bytes !== undefined);
    const skipped: Skipped[] = [];
    const limit = new IncomingLimit(LIMIT, (packet) => skipped.push(packet));
    const all = Buffer.concat(order);
    const passed: Buffer[] = [];
    for (let at = 0; at < all.length; at += piece) passed.push(limit.pass(all.subarray(at, at + piece)));
    t.deepEqual(Buffer.concat(passed), Buffer.concat(small));
    const one = { bytes: d?.length ?? 0, topic: 'large/d', messageId: 0x1234 };
    t.deepEqual(skipped, [{ bytes: LIMIT + 1, topic: 'c' }, one, one]);
  });
}

test('bytes that pass as a whole are not copied', (t) => {
  const bytes = Buffer.concat([generate(publish('a', 10)), generate(publish('b', 10))]);
  const limit = new IncomingLimit(LIMIT, () => {});
  t.is(limit.pass(bytes).buffer, bytes.buffer);
  t.deepEqual(limit.pass(bytes), bytes);
});

test('a broker that speaks 3.1.1 and hands on 300 kB keeps the bridge from nothing', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  const heard: number[] = [];
  setup.link.subscribe('a', ({ payload }) => heard.push(payload.byteLength));
  setup.start();
  await setup.isUp();
  for (let n = 1; n <= 30; n++) broker.last?.send(publish('a', 300_000, 1, n));
  broker.last?.send(publish('a', 5, 1, 31));
  await setup.passUntil(() => heard.length > 0, 'the small message', 1);
  t.deepEqual(heard, [5]);
  await setup.passUntil(() => broker.last?.of('puback').length === 31, 'the acknowledgements', 1);
  t.is(broker.connections.length, 1);
  await setup.pass(60_000);
  t.regex(setup.log.texts('warn')[0] ?? '', /a message of 3000\d\d bytes on a .* larger than 131072 bytes/);
  t.true(setup.log.texts('warn').length < 10);
});
