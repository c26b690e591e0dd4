import test from 'ava';
import { ByteBroker, type ByteConnection, type Rule } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

// A cluster that speaks 3.1.1 stores each subscription with QoS 1, which it may be unable to after the loss of a node.

/** The QoS of what a connection subscribed to. */
const qosOf = (connection: ByteConnection | undefined) =>
  connection?.of('subscribe').flatMap(({ subscriptions }) => subscriptions.map(({ qos }) => qos));

const wantsQos1 = (packet: Parameters<Rule>[0]): boolean =>
  packet.cmd === 'subscribe' && packet.subscriptions.some(({ qos }) => qos > 0);

/** NATS: answers nothing more, no ping either, while it tries to store a subscription. */
const blocked: Rule = (packet, connection) =>
  wantsQos1(packet) || (packet.cmd === 'pingreq' && connection.packets.some(wantsQos1));

/** RabbitMQ: ends the connection. */
const endsIt: Rule = (packet, connection) => {
  if (wantsQos1(packet)) connection.socket.destroy();
  return wantsQos1(packet);
};

for (const [name, rule, connections] of [
  ['does not answer', blocked, 2],
  ['ends the connection', endsIt, 3],
] as const) {
  test(`where the broker ${name} at subscriptions with QoS 1, the next one is with QoS 0`, async (t) => {
    const broker = await ByteBroker.start(t, rule);
    const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
    setup.link.subscribe('warp/evse/x_update', () => {});
    setup.start();
    await setup.passUntil(() => setup.link.up, 'the link', 50);
    t.true(setup.clock.now() < 8_000);
    t.is(broker.connections.length, connections);
    t.deepEqual(qosOf(broker.last), [0]);
    t.regex(
      setup.log.texts('warn').join('; '),
      /does not answer subscriptions with QoS 1: subscribing with QoS 0/,
    );
    setup.link.subscribe('warp/evse/y_update', () => {});
    await setup.passUntil(() => qosOf(broker.last)?.length === 2, 'the other subscription', 1);
    t.deepEqual(qosOf(broker.last), [0, 0], 'as long as the connection lasts');
    await setup.pass(20_000);
    broker.last?.socket.destroy();
    await setup.passUntil(() => broker.connections.length === connections + 1, 'the next connection', 50);
    await setup.passUntil(() => qosOf(broker.last)?.length === 2, 'its subscriptions', 1);
    t.deepEqual(qosOf(broker.last), [1, 1], 'the node may be back');
  });
}

test('a broker that is slow, but says something, keeps its subscriptions with QoS 1', async (t) => {
  let answer: () => void = () => {};
  const broker = await ByteBroker.start(t, (packet, connection) => {
    if (packet.cmd !== 'subscribe') return false;
    const { messageId = 0 } = packet;
    answer = () => connection.send({ cmd: 'suback', messageId, granted: [1] });
    return true;
  });
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  setup.link.subscribe('warp/evse/x_update', () => {});
  setup.start();
  await setup.passUntil(() => qosOf(broker.last)?.length === 1, 'the subscription', 1);
  await setup.pass(2_900);
  answer();
  await setup.isUp();
  t.is(broker.connections.length, 1);
  t.deepEqual(qosOf(broker.last), [1]);
});

test('one connection that is lost while it subscribes changes nothing', async (t) => {
  const broker = await ByteBroker.start(t, (packet, connection) => {
    if (packet.cmd === 'subscribe' && broker.connections.length === 1) connection.socket.destroy();
    return packet.cmd === 'subscribe' && broker.connections.length === 1;
  });
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  setup.link.subscribe('warp/evse/x_update', () => {});
  setup.start();
  await setup.passUntil(() => setup.link.up, 'the link', 50);
  t.deepEqual(qosOf(broker.last), [1]);
});

test('with MQTT 5 the QoS stays that of the settings', async (t) => {
  const broker = await ByteBroker.start(t, blocked);
  const setup = new LinkSetup(t, broker.port);
  setup.link.subscribe('warp/evse/x_update', () => {});
  setup.start();
  await setup.passUntil(() => broker.connections.length === 4, 'the tries', 500);
  t.true(broker.connections.every((one) => qosOf(one)?.every((qos) => qos === 1)));
});

test('what the broker denies with QoS 1 it is asked for with QoS 0', async (t) => {
  const most = 2;
  const broker = await ByteBroker.start(t, (packet, connection) => {
    if (packet.cmd !== 'subscribe') return false;
    const { messageId = 0, subscriptions } = packet;
    const granted = subscriptions.map(({ topic, qos }, at) =>
      (qos === 1 && at >= most) || topic.startsWith('secret') ? 0x80 : qos,
    );
    connection.send({ cmd: 'suback', messageId, granted });
    return true;
  });
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  for (const topic of ['a', 'b', 'c', 'secret', 'd']) setup.link.subscribe(topic, () => {});
  setup.start();
  await setup.isUp();
  t.deepEqual(qosOf(broker.last), [1, 1, 1, 1, 1, 0, 0, 0]);
  t.deepEqual(setup.link.denied, ['secret'], 'only what is denied with QoS 0 too');
  t.is(broker.connections.length, 1);
});
