import test from 'ava';
import type { Incoming } from '../../src/mqtt/link.js';
import { ByteBroker, type ByteConnection, type Rule } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

/** SUBSCRIBE and UNSUBSCRIBE packets of a connection, in order. */
const asked = (connection: ByteConnection | undefined) =>
  (connection?.packets ?? []).flatMap((packet) => {
    if (packet.cmd === 'subscribe') return [`+ ${packet.subscriptions.map(({ topic }) => topic).join(' ')}`];
    return packet.cmd === 'unsubscribe' ? [`- ${packet.unsubscriptions.join(' ')}`] : [];
  });

function bridgeLike(setup: LinkSetup) {
  const heard: string[] = [];
  const hear =
    (who: string) =>
    ({ topic, payload }: Incoming) =>
      heard.push(`${who}: ${topic} ${Buffer.from(payload).toString()}`);
  setup.link.subscribe('warp/evse/x_update', hear('write'));
  setup.link.subscribe('ha/status', hear('status'));
  setup.link.subscribe('warp/evse/x', hear('guard'), { othersOnly: true });
  setup.link.subscribe('warp/#', hear('others'), { othersOnly: true });
  return heard;
}

const send = (broker: ByteBroker, topic: string, payload = '1', more: object = {}) =>
  broker.last?.send({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false, ...more });

test('with MQTT 5 one subscription below the prefix stays, once the exact ones have brought what is retained', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port);
  const heard = bridgeLike(setup);
  setup.start();
  await setup.isUp();
  t.deepEqual(asked(broker.last), ['+ warp/evse/x_update ha/status', '+ warp/#', '- warp/evse/x_update']);
  const [exact, wildcard] = broker.last?.of('subscribe').flatMap(({ subscriptions }) => subscriptions) ?? [];
  t.like(exact, { nl: false, rap: true, rh: 0 });
  t.like(broker.last?.of('subscribe')[1]?.subscriptions[0], { nl: true, rap: true, rh: 2 });
  t.truthy(wildcard);
  for (const topic of ['warp/evse/x_update', 'warp/evse/x', 'warp/evse/y', 'warp', 'ha/status', 'other'])
    send(broker, topic);
  await setup.passUntil(() => heard.length === 5, 'the messages', 1);
  await setup.pass(100);
  t.deepEqual(heard, [
    'write: warp/evse/x_update 1',
    'guard: warp/evse/x 1',
    'others: warp/evse/y 1',
    'others: warp 1',
    'status: ha/status 1',
  ]);
});

const withoutWildcards: readonly (readonly [name: string, rule: Rule])[] = [
  [
    'that has no wildcards',
    (packet, connection) => {
      if (packet.cmd !== 'connect') return false;
      const properties = { wildcardSubscriptionAvailable: false };
      connection.send({ cmd: 'connack', sessionPresent: false, reasonCode: 0, properties });
      return true;
    },
  ],
  [
    'whose rules deny the wildcard',
    (packet, connection) => {
      if (packet.cmd !== 'subscribe') return false;
      const { messageId = 0, subscriptions } = packet;
      const granted = subscriptions.map(({ topic }) => (topic.endsWith('#') ? 0x87 : 1));
      connection.send({ cmd: 'suback', messageId, granted });
      return true;
    },
  ],
];

for (const [name, rule] of withoutWildcards) {
  test(`a broker ${name} gets the exact subscriptions, and it is no fault`, async (t) => {
    const broker = await ByteBroker.start(t, rule);
    const setup = new LinkSetup(t, broker.port);
    const heard = bridgeLike(setup);
    setup.start();
    await setup.isUp();
    const open = new Set<string>();
    for (const line of asked(broker.last)) {
      for (const topic of line.slice(2).split(' '))
        if (line.startsWith('+')) open.add(topic);
        else open.delete(topic);
    }
    open.delete('warp/#');
    t.deepEqual([...open].sort(), ['ha/status', 'warp/evse/x', 'warp/evse/x_update']);
    send(broker, 'warp/evse/x_update');
    send(broker, 'warp/evse/x');
    await setup.passUntil(() => heard.length === 2, 'the messages', 1);
    await setup.pass(2_000);
    t.deepEqual(setup.link.denied, []);
    t.deepEqual(setup.log.texts('error'), []);
  });
}

test('with 3.1.1 there are exact subscriptions to what others write alone', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  const heard = bridgeLike(setup);
  setup.start();
  await setup.isUp();
  const [all, ...others] = asked(broker.last);
  t.is(all, '+ warp/evse/x_update ha/status');
  t.deepEqual(others, ['- evse-mqtt-bridge/none'], 'the broker is asked whether it is done');
  // A broker that hands over what nobody asked for causes no false alarm.
  send(broker, 'warp/evse/x');
  send(broker, 'warp/evse/x_update');
  await setup.passUntil(() => heard.length === 1, 'the write', 1);
  t.deepEqual(heard, ['write: warp/evse/x_update 1']);
});

test('what a broker that ignores "no local" hands back is not taken for somebody else', async (t) => {
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'publish') return false;
    const { topic, payload } = packet;
    connection.send({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false });
    return false;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port);
  const heard = bridgeLike(setup);
  setup.start();
  await setup.isUp();
  for (let at = 0; at < 5; at++) {
    for (const topic of ['warp/evse/x', 'warp/meter/values'])
      setup.link.publish({ topic, payload: `own ${at}`, retain: true, qos: 1 });
  }
  await setup.passUntil(() => broker.last?.of('publish').length === 10, 'the messages', 1);
  send(broker, 'warp/evse/x', 'foreign');
  await setup.passUntil(() => heard.length > 0, 'the foreign message', 1);
  t.deepEqual(heard, ['guard: warp/evse/x foreign']);
});

test('an old value of ours that somebody else publishes is not taken for an echo', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port);
  const heard = bridgeLike(setup);
  setup.start();
  await setup.isUp();
  for (const payload of ['old', 'new'])
    setup.link.publish({ topic: 'warp/evse/x', payload, retain: true, qos: 1 });
  // Also not after somebody has published the newest one, which looks like an echo.
  for (const payload of ['old', 'new', 'old']) send(broker, 'warp/evse/x', payload);
  await setup.passUntil(() => heard.length > 0, 'the old value', 1);
  t.deepEqual(heard, ['guard: warp/evse/x old']);
});

test("an old value of ours is somebody else's when nothing newer of ours comes back", async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port);
  const heard = bridgeLike(setup);
  setup.start();
  await setup.isUp();
  for (const payload of ['old', 'new'])
    setup.link.publish({ topic: 'warp/evse/x', payload, retain: true, qos: 1 });
  for (let n = 0; n < 3; n++) send(broker, 'warp/evse/x', 'old');
  send(broker, 'warp/evse/x_update');
  await setup.passUntil(() => heard.length > 0, 'the messages', 1);
  t.deepEqual(heard, ['write: warp/evse/x_update 1'], 'it may be an echo');
  await setup.pass(2_000);
  t.deepEqual(heard.slice(1), ['guard: warp/evse/x old']);
});

test('subscriptions have the QoS of the settings', async (t) => {
  for (const qos of [0, 1] as const) {
    const broker = await ByteBroker.start(t);
    const setup = new LinkSetup(t, broker.port, { qos });
    bridgeLike(setup);
    void setup.link.readRetained('a');
    setup.start();
    await setup.isUp();
    const all = broker.last?.of('subscribe').flatMap(({ subscriptions }) => subscriptions) ?? [];
    t.deepEqual([...new Set(all.map((one) => one.qos))], [qos]);
  }
});

test('a topic that comes later is asked for what is retained, and then comes by the wildcard', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port);
  bridgeLike(setup);
  setup.start();
  await setup.isUp();
  const before = asked(broker.last).length;
  const cancel = setup.link.subscribe('warp/evse/new_update', () => {});
  setup.link.subscribe('warp/evse/new', () => {}, { othersOnly: true });
  await setup.passUntil(() => asked(broker.last).length === before + 2, 'both', 1);
  cancel();
  await setup.pass(100);
  t.deepEqual(asked(broker.last).slice(before), ['+ warp/evse/new_update', '- warp/evse/new_update']);
});

for (const version of [4, 5] as const) {
  test(`a part of a value is heard once, with MQTT ${version === 5 ? '5' : '3.1.1'}`, async (t) => {
    const broker = await ByteBroker.start(t);
    const setup = new LinkSetup(t, broker.port, { protocolVersion: version });
    const heard = bridgeLike(setup);
    const part = ({ topic }: Incoming) => heard.push(`part: ${topic}`);
    setup.link.subscribe('warp/evse/x_update/+', part, { insteadOfOthersOnly: true });
    setup.start();
    await setup.isUp();
    const filters = (broker.last?.of('subscribe') ?? []).flatMap(({ subscriptions }) =>
      subscriptions.map(({ topic }) => topic),
    );
    t.is(filters.includes('warp/evse/x_update/+'), version === 4);
    for (const topic of ['warp/evse/x_update/a', 'warp/evse/x_update', 'ha/status']) send(broker, topic);
    await setup.passUntil(() => heard.length === 3, 'the messages', 1);
    t.deepEqual(heard, [
      version === 4 ? 'part: warp/evse/x_update/a' : 'others: warp/evse/x_update/a 1',
      'write: warp/evse/x_update 1',
      'status: ha/status 1',
    ]);
  });
}

for (const isLate of [false, true]) {
  const when = isLate ? 'later on' : 'at the beginning';
  test(`what comes together with a subscription ${when} is of unknown age, if the broker forgets the flag`, async (t) => {
    let unsubscribed: () => void = () => {};
    const broker = await ByteBroker.start(t, (packet, connection) => {
      if (packet.cmd !== 'unsubscribe') return false;
      unsubscribed = () =>
        connection.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [] });
      return true;
    });
    const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
    const heard: (readonly [payload: string, retained: boolean])[] = [];
    const subscribe = () =>
      setup.link.subscribe('warp/evse/x_update', ({ payload, retained }) =>
        heard.push([Buffer.from(payload).toString(), retained]),
      );
    if (isLate) setup.link.subscribe('ha/status', () => {});
    else subscribe();
    setup.start();
    await setup.passUntil(() => asked(broker.last).length === 2, 'the question', 1);
    t.false(setup.link.up, 'nobody is told that it is online before');
    if (isLate) {
      unsubscribed();
      await setup.isUp();
      subscribe();
      await setup.passUntil(() => asked(broker.last).length === 4, 'the question', 1);
    }
    send(broker, 'warp/evse/x_update', 'old');
    send(broker, 'warp/evse/x_update', '');
    await setup.passUntil(() => heard.length === 2, 'the old write', 1);
    unsubscribed();
    await setup.isUp();
    await setup.pass(1);
    send(broker, 'warp/evse/x_update', 'new');
    await setup.passUntil(() => heard.length === 3, 'the new write', 1);
    t.deepEqual(heard, [
      ['old', true],
      ['', false],
      ['new', false],
    ]);
  });
}

test('a broker that does not say whether it is done is waited for no longer than two seconds', async (t) => {
  const broker = await ByteBroker.start(t, (packet) => packet.cmd === 'unsubscribe');
  const setup = new LinkSetup(t, broker.port, { protocolVersion: 4 });
  bridgeLike(setup);
  setup.start();
  await setup.passUntil(() => asked(broker.last).length === 2, 'the question', 1);
  await setup.pass(1_900);
  t.false(setup.link.up);
  await setup.pass(200);
  t.true(setup.link.up);
});
