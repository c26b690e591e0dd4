import test from 'ava';
import type { Message } from '../../src/mqtt/link.js';
import { PacketLimit } from '../../src/mqtt/packet-limit.js';
import { publishSize } from '../../src/mqtt/publish-packet.js';
import { ByteBroker, type ByteConnection, type Rule } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

/** A broker whose CONNACK has these properties. */
function limited(properties: object, more: Rule = () => false): Rule {
  return (packet, connection) => {
    if (packet.cmd !== 'connect') return more(packet, connection);
    connection.send({ cmd: 'connack', sessionPresent: false, reasonCode: 0, properties });
    return true;
  };
}

const message = (payload: string, more: Partial<Message> = {}): Message => ({
  topic: 'warp/evse/state',
  payload,
  retain: true,
  qos: 1,
  ...more,
});

const answer = (payload: string, share: string): Message => ({
  ...message(payload, { topic: 'warp/bridge/response', retain: false }),
  answer: { share, folded: (count) => `${payload}, folded ${count}`, toStranger: false },
});

const size = (connection: ByteConnection | undefined) => connection?.of('publish').length ?? 0;

test('the size of a packet is what goes over the wire', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  const messages = [
    message('x'),
    message('ä'.repeat(20_000), { qos: 0 }),
    message('y'.repeat(200), { correlation: Buffer.alloc(100), expirySeconds: 30, retain: false }),
  ];
  for (const one of messages) setup.link.publish(one);
  await setup.passUntil(() => size(broker.last) === messages.length, 'the messages', 1);
  for (const [at, packet] of (broker.last?.of('publish') ?? []).entries()) {
    const { length = 0 } = packet;
    const header = length < 128 ? 2 : length < 16_384 ? 3 : 4;
    t.is(publishSize(messages[at] ?? message(''), 5), header + length);
  }
});

test('we announce what we take ourselves: 128 kB', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  t.is(broker.last?.of('connect')[0]?.properties?.maximumPacketSize, 131_072);
});

test('what is larger than the broker takes is not sent, and told once', async (t) => {
  const broker = await ByteBroker.start(t, limited({ maximumPacketSize: 1_000 }));
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  t.is(setup.link.maximumPacketSize, 1_000);
  for (let time = 0; time < 100; time++) {
    setup.link.publish(message('x'.repeat(2_000)));
    setup.link.publish(message('small', { topic: 'warp/evse/slots' }));
  }
  await setup.passUntil(() => setup.link.faults.length === 1, 'the fault');
  await setup.pass(60_000);
  t.deepEqual(broker.last?.published('warp/evse/state'), []);
  t.true((broker.last?.published('warp/evse/slots').length ?? 0) > 0);
  t.deepEqual(setup.log.texts('error'), [
    'too large for the broker: warp/evse/state (2023 of 1000 bytes); raise its maximum packet size',
  ]);
  t.deepEqual(setup.link.denied, [], 'it is no fault of ours that ends readiness');
});

test('what is subscribed to goes out in packets that the broker takes, and is given up likewise', async (t) => {
  const broker = await ByteBroker.start(t, limited({ maximumPacketSize: 200 }));
  const setup = new LinkSetup(t, broker.port);
  const topics = Array.from({ length: 60 }, (_, n) => `warp/evse/topic_${n}_update`);
  const cancels = [...topics, `warp/${'x'.repeat(300)}`].map((topic) =>
    setup.link.subscribe(topic, () => {}),
  );
  setup.start();
  await setup.isUp();
  const [connection] = broker.connections;
  const subscribed = connection?.of('subscribe') ?? [];
  t.true(subscribed.length > 5);
  t.true(subscribed.every(({ length = 0 }) => length + 2 <= 200));
  t.deepEqual(
    subscribed.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic)).sort(),
    topics.sort(),
  );
  t.deepEqual(
    setup.link.denied,
    [`warp/${'x'.repeat(300)}`],
    'what can never go out is told as what is denied',
  );
  for (const cancel of cancels) cancel();
  const left = () => (connection?.of('unsubscribe') ?? []).flatMap(({ unsubscriptions }) => unsubscriptions);
  await setup.passUntil(() => left().length === topics.length, 'the end of the subscriptions');
  t.true(connection?.of('unsubscribe').every(({ length = 0 }) => length + 2 <= 200));
  t.is(broker.connections.length, 1);
});

test('an answer that is too large is dropped, and does not flood the log', async (t) => {
  const broker = await ByteBroker.start(t, limited({ maximumPacketSize: 1_000 }));
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  for (let time = 0; time < 1_000; time++) setup.link.publish(answer('x'.repeat(2_000), 'a'));
  t.is(setup.log.texts('warn').length, 5);
  t.is(size(broker.last), 0);
  t.true(setup.link.up);
});

test('no more is on its way than the broker takes at once; QoS 0 is not counted', async (t) => {
  const held: number[] = [];
  const rule = limited({ receiveMaximum: 3 }, (packet) => {
    if (packet.cmd !== 'publish' || packet.qos === 0) return false;
    held.push(packet.messageId ?? 0);
    return true;
  });
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  for (let at = 0; at < 10; at++) setup.link.publish(message(String(at), { topic: `warp/evse/t${at}` }));
  setup.link.publish(message('not counted', { topic: 'other', qos: 0 }));
  await setup.passUntil(() => held.length === 3, 'the first three', 1);
  await setup.pass(1_000);
  t.is(held.length, 3);
  for (let acknowledged = 0; acknowledged < 10; ) {
    const messageId = held.shift();
    if (messageId === undefined) await setup.pass(1);
    else {
      t.true(held.length <= 3);
      acknowledged += 1;
      broker.last?.send({ cmd: 'puback', messageId });
    }
  }
  await setup.passUntil(() => size(broker.last) === 11, 'everything', 1);
});

test('a broker without QoS 1 gets QoS 0, and the last will with it', async (t) => {
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'connect') return false;
    const refused = packet.will?.qos !== 0;
    connection.send({
      cmd: 'connack',
      sessionPresent: false,
      reasonCode: refused ? 0x9b : 0,
      properties: refused ? {} : { maximumQoS: 0 },
    });
    if (refused) connection.socket.end();
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  setup.link.publish(message('x'));
  await setup.passUntil(() => size(broker.last) === 1, 'the message', 1);
  t.is(broker.last?.of('publish')[0]?.qos, 0);
  t.is(broker.connections.length, 2);
});

test('a broker without retained messages gets none, and it is told what that means', async (t) => {
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'connect') return false;
    const refused = packet.will?.retain === true;
    connection.send({
      cmd: 'connack',
      sessionPresent: false,
      reasonCode: refused ? 0x9a : 0,
      properties: { retainAvailable: false },
    });
    if (refused) connection.socket.end();
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  setup.link.publish(message('x'));
  await setup.passUntil(() => size(broker.last) === 1, 'the message', 1);
  t.false(broker.last?.of('publish')[0]?.retain);
  t.regex(setup.log.texts('warn').join(), /keeps no retained messages/);
});

test('under a slow broker each line of answers has its turn, and what finds no room is counted', async (t) => {
  let slow = true;
  const held: number[] = [];
  const rule = limited({ receiveMaximum: 1 }, (packet) => {
    if (packet.cmd !== 'publish' || !slow) return false;
    held.push(packet.messageId ?? 0);
    return true;
  });
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  for (let at = 0; at < 2_000; at++) setup.link.publish(answer(`flood ${at}`, 'flood'));
  setup.link.publish(answer('polite', 'polite'));
  setup.link.publish(message('state'));
  setup.link.publish(message('newer state'));
  await setup.passUntil(() => held.length === 1, 'the first', 1);
  slow = false;
  for (const messageId of held) broker.last?.send({ cmd: 'puback', messageId });
  await setup.passUntil(() => size(broker.last) === 503, 'everything', 1);
  const payloads = broker.last?.of('publish').map(({ payload }) => payload.toString()) ?? [];
  t.deepEqual(payloads.slice(0, 5), ['flood 0', 'newer state', 'flood 1', 'polite', 'flood 2']);
  t.is(payloads.at(-1), 'flood 1999, folded 1499');
});

test('a limit that a broker does not tell is found out by the connections that it ends', async (t) => {
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'publish' || (packet.length ?? 0) < 8_000) return false;
    connection.socket.destroy();
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  setup.link.onUp(() => {
    setup.link.publish(message('x'.repeat(30_000)));
    setup.link.publish(message('small', { topic: 'warp/evse/slots' }));
  });
  setup.start();
  await setup.passUntil(() => setup.link.faults.length === 1, 'the limit', 500);
  t.true(setup.link.up);
  t.is(broker.connections.length, 3);
  await setup.passUntil(() => size(broker.last) === 1, 'what is small enough', 1);
  t.deepEqual(broker.last?.published('warp/evse/slots'), ['small']);
  t.true(setup.link.maximumPacketSize < 16_000);
});

test('connections that end for another reason set no limit', (t) => {
  const limit = new PacketLimit();
  for (let time = 0; time < 10; time++) {
    t.false(limit.ended(30_000, false));
    t.false(limit.ended(200, false));
  }
  t.is(limit.bytes, Number.POSITIVE_INFINITY);
  t.true(limit.ended(30_000, true));
  t.is(limit.bytes, 8_000);
});

test('the first limit is what nearly all brokers take, and then one ending is enough for half', (t) => {
  const limit = new PacketLimit();
  t.false(limit.ended(38_000, false));
  t.true(limit.ended(38_000, false));
  t.is(limit.bytes, 8_000);
  t.true(limit.ended(7_900, false));
  t.is(limit.bytes, 3_950);
});
