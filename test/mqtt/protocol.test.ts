import test from 'ava';
import type { Rule } from './_byte-broker.js';
import { ByteBroker, code } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

/** Lets a broker treat the connections one after the other: what comes after the last is served well. */
function inTurn(...kinds: ('closes' | 'silent' | 'refuses 5' | 'serves')[]): Rule {
  let next = 0;
  return (packet, connection) => {
    if (packet.cmd !== 'connect') return false;
    const kind = kinds[next++] ?? 'serves';
    if (kind === 'closes') connection.socket.end();
    if (kind === 'refuses 5' && connection.version === 5) {
      connection.send({ cmd: 'connack', sessionPresent: false, ...code(connection, 0x84) });
      connection.socket.end();
      return true;
    }
    return kind === 'closes' || kind === 'silent';
  };
}

const versions = (broker: ByteBroker) => broker.connections.map(({ version }) => version);

test('a broker that refuses MQTT 5 in words is spoken to in 3.1.1 at once, and asked again at each connection', async (t) => {
  const broker = await ByteBroker.start(t, inTurn('refuses 5', 'serves', 'refuses 5', 'serves'));
  const setup = new LinkSetup(t, broker.port).start();
  await setup.isUp();
  t.deepEqual(versions(broker), [5, 4]);
  t.regex(setup.log.texts('info')[0] ?? '', /MQTT 3\.1\.1, the broker does not speak MQTT 5/);
  broker.last?.socket.destroy();
  await setup.passUntil(() => setup.ups === 2, 'the next connection');
  t.deepEqual(versions(broker), [5, 4, 5, 4]);
});

for (const hiccup of ['closes', 'silent'] as const) {
  test(`one connection that ${hiccup === 'closes' ? 'is closed' : 'stays silent'} is no reason to give MQTT 5 up`, async (t) => {
    const broker = await ByteBroker.start(t, inTurn(hiccup, 'serves'));
    const setup = new LinkSetup(t, broker.port).start();
    await setup.passUntil(() => setup.link.up, 'the connection', 1_000);
    t.deepEqual(versions(broker), [5, 5]);
    t.is(setup.failures[0]?.reason, 'silent');
  });

  test(`a broker that never answered MQTT 5 but ${hiccup} is spoken to in 3.1.1, when it was asked for 5 again`, async (t) => {
    const broker = await ByteBroker.start(
      t,
      inTurn(hiccup, hiccup, 'serves', hiccup, 'serves', hiccup, 'serves'),
    );
    const setup = new LinkSetup(t, broker.port).start();
    await setup.passUntil(() => setup.link.up, 'the connection', 1_000);
    t.deepEqual(versions(broker), [5, 5, 4, 5, 4]);
    t.regex(setup.log.texts('info').at(-1) ?? '', /MQTT 3\.1\.1, the broker did not answer MQTT 5/);
    t.deepEqual(broker.connections[2]?.of('publish'), [], 'it goes without its last will');
    broker.last?.socket.destroy();
    await setup.passUntil(() => setup.ups === 2, 'the next connection', 1_000);
    t.deepEqual(versions(broker), [5, 5, 4, 5, 4, 5, 4], '5 is tried once at each connection');
  });

  test(`a broker that only starts (${hiccup} twice) is spoken to in MQTT 5`, async (t) => {
    const broker = await ByteBroker.start(t, inTurn(hiccup, hiccup, 'serves'));
    const setup = new LinkSetup(t, broker.port).start();
    await setup.passUntil(() => setup.link.up, 'the connection', 1_000);
    t.deepEqual(versions(broker), [5, 5, 4, 5]);
    t.deepEqual(setup.log.texts('warn'), []);
  });

  test(`once MQTT 5 has worked nothing makes it speak 3.1.1: ${hiccup}`, async (t) => {
    const turns = ['serves', ...Array(5).fill(hiccup), 'refuses 5', 'serves'] as const;
    const broker = await ByteBroker.start(t, inTurn(...turns));
    const setup = new LinkSetup(t, broker.port).start();
    await setup.isUp();
    broker.last?.socket.destroy();
    await setup.passUntil(() => setup.ups === 2, 'the next connection', 1_000);
    t.deepEqual(new Set(versions(broker)), new Set([5]));
    t.true(setup.failures.some(({ reason }) => reason === 'version'));
  });
}

test('a broker that is not there says nothing about the version', async (t) => {
  const broker = await ByteBroker.start(t, inTurn('closes'));
  const setup = new LinkSetup(t, broker.port, {}).start();
  await setup.passUntil(() => setup.failures.length === 1, 'the first failure', 1);
  await broker.stop();
  await setup.passUntil(() => setup.failures.length === 4, 'more failures', 1_000);
  t.deepEqual(
    setup.failures.map(({ reason }) => reason),
    ['silent', 'unreachable', 'unreachable', 'unreachable'],
  );
  t.deepEqual(versions(broker), [5]);
});
