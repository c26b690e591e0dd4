import test from 'ava';
import type { Packet } from 'mqtt-packet';
import type { Message } from '../../src/mqtt/link.js';
import { ByteBroker, type Rule } from './_byte-broker.js';
import { LinkSetup, WILL } from './_link.js';

const state = (payload: string, topic = 'warp/evse/state'): Message => ({
  topic,
  payload,
  retain: true,
  qos: 1,
});

const MINUTE = 60_000;

test('the link is up after the SUBACK, not before', async (t) => {
  let messageId = 0;
  const rule: Rule = (packet) => {
    if (packet.cmd !== 'subscribe') return false;
    messageId = packet.messageId ?? 0;
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port);
  setup.link.subscribe('a', () => {});
  setup.start();
  await setup.passUntil(() => messageId > 0, 'the SUBSCRIBE', 1);
  await setup.pass(1_000);
  t.false(setup.link.up);
  broker.last?.send({ cmd: 'suback', messageId, granted: [1] });
  await setup.isUp();
  t.is(setup.ups, 1);
});

for (const [lost, seconds] of [
  ['subscribe', 10],
  ['publish', 30],
] as const) {
  test(`a broker that answers pings but no ${lost} is left after ${seconds} s`, async (t) => {
    const broker = await ByteBroker.start(
      t,
      (packet) => packet.cmd === lost && broker.connections.length === 1,
    );
    const setup = new LinkSetup(t, broker.port, { keepalive: 10 });
    setup.link.subscribe('a', () => {});
    setup.link.onUp(() => setup.link.publish(state('x')));
    setup.start();
    await setup.passUntil(() => broker.last?.of(lost).length === 1, lost, 1);
    const before = setup.clock.now();
    await setup.passUntil(() => setup.failures.length > 0, 'the failure', 1_000);
    t.is(setup.failures[0]?.reason, 'unacknowledged');
    const waited = (setup.clock.now() - before) / 1_000;
    t.true(waited >= seconds - 1 && waited < seconds + 2, `${waited} s`);
    t.true(seconds === 10 || (broker.connections[0]?.of('pingreq').length ?? 0) >= 1);
    await setup.passUntil(() => setup.link.up, 'the next connection');
    await setup.passUntil(() => broker.last?.published('warp/evse/state').length === 1, 'all again', 1);
    t.is(broker.connections.length, 2);
  });
}

test('a broker that is behind with what others publish is waited for', async (t) => {
  const late: Packet[] = [];
  const broker = await ByteBroker.start(t, ({ cmd, messageId = 0 }) => {
    if (cmd === 'subscribe') late.push({ cmd: 'suback', messageId, granted: [1] });
    else if (cmd === 'pingreq') late.push({ cmd: 'pingresp' });
    return cmd === 'subscribe' || cmd === 'pingreq';
  });
  const setup = new LinkSetup(t, broker.port);
  setup.link.subscribe('a', () => {});
  setup.start();
  await setup.passUntil(() => late.length === 1, 'the subscription', 1);
  for (let second = 0; second < 25; second++) {
    broker.last?.send({ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, retain: false, dup: false });
    await setup.pass(1_000);
  }
  t.deepEqual(
    late.map(({ cmd }) => cmd),
    ['suback', 'pingresp'],
  );
  t.deepEqual(setup.failures, []);
  for (const packet of late) broker.last?.send(packet);
  await setup.passUntil(() => setup.link.up, 'the link', 1);
  await setup.pass(5_000);
  t.is(broker.connections.length, 1);
});

test('one that says nothing at all any more is not', async (t) => {
  const broker = await ByteBroker.start(t, ({ cmd }) => cmd === 'subscribe' || cmd === 'pingreq');
  const setup = new LinkSetup(t, broker.port);
  setup.link.subscribe('a', () => {});
  setup.start();
  await setup.passUntil(() => broker.last?.of('subscribe').length === 1, 'the subscription', 1);
  const before = setup.clock.now();
  await setup.passUntil(() => setup.failures.length > 0, 'the failure', 1_000);
  t.is(setup.failures[0]?.reason, 'unacknowledged');
  t.true(setup.clock.now() - before <= 22_000);
});

test('a publish that is denied is told once, tried again every few minutes, and then told to be well', async (t) => {
  let deny = true;
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'publish' || !deny) return false;
    connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0x87 });
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port);
  let faults = 0;
  setup.link.onFaults(() => {
    faults += 1;
  });
  setup.link.onUp(() => {
    for (let at = 0; at < 5; at++) setup.link.publish(state('x', `warp/evse/t${at}`));
  });
  setup.start();
  await setup.passUntil(() => setup.link.denied.length === 5, 'the denials', 1);
  await setup.pass(10 * MINUTE);
  const told = [
    "the broker does not take what is published on warp/evse/t0, warp/evse/t1, warp/evse/t2 and 2 more (not authorized): check the broker's access rules",
  ];
  t.deepEqual(setup.log.texts('error'), told);
  t.deepEqual(setup.link.faults, told);
  t.is(faults, 1);
  deny = false;
  await setup.passUntil(() => setup.link.faults.length === 0, 'the next try', 1_000);
  await setup.pass(1_000);
  t.deepEqual(setup.link.denied, []);
  t.is(setup.log.texts('info').at(-1), 'the broker takes everything again');
  t.is(broker.connections.length, 1);
});

test('a subscription that is denied leaves the link up, and is tried again', async (t) => {
  let deny = true;
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'subscribe' || !deny) return false;
    const { messageId = 0, subscriptions } = packet;
    connection.send({
      cmd: 'suback',
      messageId,
      granted: subscriptions.map(({ topic }) => (topic === 'a' ? 0x87 : 1)),
    });
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port);
  setup.link.subscribe('a', () => {});
  setup.link.subscribe('b', () => {});
  setup.start();
  await setup.isUp();
  t.deepEqual(setup.link.denied, ['a']);
  await setup.pass(MINUTE);
  t.deepEqual(setup.log.texts('error'), ['the broker denies subscribing to a: check its access rules']);
  deny = false;
  await setup.passUntil(() => setup.link.denied.length === 0, 'the next try', 1_000);
  t.is(setup.ups, 1, 'what was published is not published again for that');
});

test('a denial on a new connection is tried again soon, however often there was no connection', async (t) => {
  let subscribes = 0;
  let accept = false;
  const rule: Rule = (packet, connection) => {
    if (packet.cmd === 'connect' && !accept) {
      connection.socket.end();
      return true;
    }
    if (packet.cmd !== 'subscribe') return false;
    subscribes += 1;
    connection.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [0x87] });
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port);
  setup.link.subscribe('a', () => {});
  setup.start();
  await setup.pass(2 * MINUTE);
  accept = true;
  await setup.passUntil(() => setup.link.up, 'the connection', 1_000);
  const before = subscribes;
  await setup.pass(5_000);
  t.true(subscribes > before);
});

test('whether an answer is taken on a topic that a stranger named is not our affair', async (t) => {
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'publish') return false;
    connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0x87 });
    return true;
  };
  const broker = await ByteBroker.start(t, rule);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  setup.link.publish({
    ...state('x', 'not/ours'),
    retain: false,
    answer: { share: 'x', folded: () => 'x', toStranger: true },
  });
  await setup.passUntil(() => broker.last?.of('publish').length === 1, 'the answer', 1);
  await setup.pass(MINUTE);
  t.deepEqual(setup.link.denied, []);
  t.deepEqual(setup.log.texts('error'), []);
});

test('why the broker ended the connection is told in its words', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port).start();
  for (const [reasonCode, reasonString, text] of [
    [0x8b, undefined, 'it ended the connection: it is shutting down'],
    [0x98, 'see you', 'it ended the connection: its administrator ended the connection ("see you")'],
    [0x97, undefined, "it ended the connection: quota exceeded; raise the broker's limits"],
  ] as const) {
    const before = setup.failures.length;
    await setup.passUntil(() => setup.link.up, 'the connection');
    broker.last?.send({
      cmd: 'disconnect',
      reasonCode,
      ...(reasonString ? { properties: { reasonString } } : {}),
    });
    broker.last?.socket.end();
    await setup.passUntil(() => setup.failures.length > before, 'the failure', 1);
    t.is(setup.failures.at(-1)?.text, text);
  }
});

test('a stop between CONNECT and CONNACK ends at once, whatever comes then', async (t) => {
  for (const late of [false, true]) {
    const broker = await ByteBroker.start(t, (packet) => packet.cmd === 'connect');
    const setup = new LinkSetup(t, broker.port);
    setup.link.onUp(() => setup.link.publish(state('x')));
    setup.start();
    await setup.passUntil(() => broker.last?.of('connect').length === 1, 'the CONNECT', 1);
    if (late) broker.last?.send({ cmd: 'connack', sessionPresent: false, reasonCode: 0 });
    setup.abort();
    await setup.passUntil(() => setup.ended, 'the end', 0);
    t.is(setup.clock.now() < 100, true);
    t.is(setup.ups, 0);
    t.deepEqual(broker.last?.of('publish'), []);
  }
});

test('a stop says farewell after everything else, and nothing after it', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  setup.link.publish(state('before'));
  setup.abort();
  // An answer to a write that is given up.
  setup.link.publish(state('during', 'warp/bridge/response'));
  await setup.passUntil(() => (broker.last?.published(WILL.topic).length ?? 0) > 0, 'the farewell', 0);
  setup.link.publish(state('after'));
  await setup.stop();
  await setup.passUntil(() => broker.last?.closed === true, 'the close', 0);
  t.deepEqual(
    broker.last?.of('publish').map(({ payload }) => payload.toString()),
    ['before', 'during', 'offline'],
  );
  t.is(broker.last?.of('disconnect').length, 1);
});

test('a farewell that the broker does not take is left to the last will', async (t) => {
  for (const code of [0, 0x10, 0x87]) {
    const broker = await ByteBroker.start(t, (packet, connection) => {
      if (packet.cmd !== 'publish' || packet.qos !== 1) return false;
      const isFarewell = packet.payload.toString() === 'offline';
      connection.send({
        cmd: 'puback',
        messageId: packet.messageId ?? 0,
        // A denial of something else says nothing about it.
        reasonCode: isFarewell ? code : 0x87,
      });
      return true;
    });
    const setup = new LinkSetup(t, broker.port).start();
    await setup.isUp();
    setup.link.publish(state('x'));
    await setup.stop();
    await setup.passUntil(() => broker.last?.of('disconnect').length === 1, 'the DISCONNECT', 0);
    t.is(broker.last?.of('disconnect')[0]?.reasonCode ?? 0, code === 0x87 ? 4 : 0, String(code));
  }
});

test('a stop ends although the broker acknowledges nothing', async (t) => {
  for (const lost of ['publish', 'subscribe', 'unsubscribe'] as const) {
    const broker = await ByteBroker.start(t, (packet) => packet.cmd === lost);
    const setup = new LinkSetup(t, broker.port).start();
    await setup.isUp();
    setup.link.subscribe('a', () => {})();
    setup.link.publish(state('x'));
    await setup.pass(1);
    const before = setup.clock.now();
    setup.abort();
    await setup.passUntil(() => setup.ended, `the end without ${lost}`);
    t.true(setup.clock.now() - before <= 2_100, lost);
  }
});

for (const first of [0x40, 0x50, 0x62, 0x70, 0x90, 0xb0]) {
  test(`an answer without its number (0x${first.toString(16)}) ends the connection, and nothing else`, async (t) => {
    const broker = await ByteBroker.start(t);
    const setup = new LinkSetup(t, broker.port);
    setup.link.subscribe('a', () => {});
    setup.start();
    await setup.isUp();
    broker.last?.socket.write(Buffer.from([first, 0x00]));
    await setup.passUntil(() => setup.failures.length > 0, 'the end of the connection', 1);
    await setup.passUntil(() => setup.link.up, 'the next connection');
    t.is(broker.connections.length, 2);
  });
}

test('a stop ends as soon as the last acknowledgement has come, and nothing is taken any more', async (t) => {
  let late = 0;
  const broker = await ByteBroker.start(t, (packet) => {
    if (packet.cmd !== 'subscribe' || packet.subscriptions[0]?.topic !== 'late') return false;
    late = packet.messageId ?? 0;
    return true;
  });
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  let taken = 0;
  setup.link.subscribe('late', () => {
    taken += 1;
  });
  await setup.passUntil(() => late > 0, 'the SUBSCRIBE', 1);
  const before = setup.clock.now();
  setup.abort();
  await setup.passUntil(() => broker.last?.published(WILL.topic).length === 1, 'the farewell', 1);
  t.false(setup.ended);
  broker.last?.send({ cmd: 'publish', topic: 'late', payload: 'x', qos: 0, retain: false, dup: false });
  broker.last?.send({ cmd: 'suback', messageId: late, granted: [1] });
  await setup.passUntil(() => setup.ended, 'the end', 1);
  t.true(setup.clock.now() - before < 1_000, 'it did not wait for the time limit');
  t.is(broker.last?.of('disconnect').length, 1);
  t.is(taken, 0);
});

test('what is sent with QoS 0 says nothing about a denial', async (t) => {
  const denies: Rule = (packet, connection) => {
    if (packet.cmd !== 'publish' || packet.qos !== 1) return false;
    connection.send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0x87 });
    return true;
  };
  const broker = await ByteBroker.start(t, denies);
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  setup.link.publish(state('x'));
  await setup.passUntil(() => setup.link.denied.length === 1, 'the denial', 1);
  setup.link.publish({ ...state('y'), qos: 0 });
  await setup.passUntil(() => broker.last?.published('warp/evse/state').includes('y') === true, 'y', 1);
  t.deepEqual(setup.link.denied, ['warp/evse/state']);
});

for (const version of [5, 4] as const) {
  test(`a probe asks for an acknowledgement in MQTT 5 only: ${version}`, async (t) => {
    const broker = await ByteBroker.start(t);
    const setup = new LinkSetup(t, broker.port, { protocolVersion: version }).start();
    await setup.isUp();
    setup.link.publish({ ...state('x'), qos: 0, isProbe: true });
    await setup.passUntil(() => broker.last?.of('publish').length === 1, 'the message', 1);
    t.is(broker.last?.of('publish')[0]?.qos, version === 5 ? 1 : 0);
  });
}
