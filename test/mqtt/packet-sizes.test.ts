import { connect } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { PacketSizes } from '../../src/mqtt/packet-sizes.js';
import { until } from '../_until.js';
import { brokerFor, brokers, Onlooker } from './_brokers.js';
import { ByteBroker } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

const publish = (bytes: number) =>
  generate({ cmd: 'publish', topic: 'a', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false });

/** `bytes` cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

test('packets up to the limit pass however they are cut, the first larger one does not', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }),
      fc.array(fc.nat(3_000), { maxLength: 8 }),
      fc.boolean(),
      (payloads, places, withLarge) => {
        const sizes = new PacketSizes(publish(300).length);
        const packets = payloads.map(publish);
        if (withLarge) packets.push(publish(301));
        const accepted = cut(Buffer.concat(packets), places).map((bytes) => sizes.accept(bytes));
        return accepted.includes(false) === withLarge;
      },
    ),
  );
  t.pass();
});

test('a length that does not end is none', (t) => {
  t.false(new PacketSizes(1_000_000).accept(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])));
});

test('the embedded broker cuts off who begins a packet that is too large, and nobody else', async (t) => {
  const [embedded] = brokers;
  if (!embedded) throw new Error('there is always the embedded broker');
  const broker = await brokerFor(t, embedded);
  const home = await Onlooker.at(t, broker.port);
  await home.client.publishAsync('a/b', Buffer.alloc(100_000, 'x'), { qos: 1, retain: true });
  await home.sees('a/b');
  let closed = false;
  const evil = connect({ host: '127.0.0.1', port: broker.port });
  t.teardown(() => evil.destroy());
  evil.on('error', () => {});
  evil.on('close', () => {
    closed = true;
  });
  evil.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId: 'evil',
      clean: true,
      keepalive: 0,
    }),
  );
  // PUBLISH, and a length of 256 MB of which nothing follows.
  evil.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
  await until(() => closed, 'the end of the connection');
  await home.client.publishAsync('a/c', 'still here', { qos: 1 });
  await home.sees('a/c', 'still here');
  t.true(home.client.connected);
});

test('a broker that sends more than it was told loses the connection, before all of it has come', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  // The beginning of a PUBLISH of 256 MB.
  broker.last?.socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x01, 0x61]));
  await setup.passUntil(() => setup.failures.length === 1, 'the end of the connection');
  t.regex(setup.log.texts('error').join(), /it sent a packet of more than the 131072 bytes that we take/);
});
