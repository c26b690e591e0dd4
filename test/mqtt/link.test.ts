import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/base/clock.js';
import type { Failure } from '../../src/mqtt/link.js';
import type { MqttOptions } from '../../src/mqtt/mqtt-options.js';
import { testLink } from '../_bridge.js';
import { FakeClock, FakeLog } from '../_fakes.js';
import { freePort } from '../_ports.js';
import { until } from '../_until.js';
import { type BrokerKind, brokerFor, brokers, Onlooker } from './_brokers.js';
import { ByteBroker } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

/** A link that runs until the test ends. */
function linked(t: ExecutionContext, port: number, options: Partial<MqttOptions> = {}) {
  const log = new FakeLog();
  const link = testLink(port, systemClock, log, { clientId: `link-${port}`, ...options });
  const stop = new AbortController();
  const failures: Failure[] = [];
  link.onDown((failure) => failures.push(failure));
  return {
    link,
    log,
    failures,
    /** Connects. */
    start() {
      const ended = link.run(stop.signal);
      t.teardown(async () => {
        stop.abort();
        if (options.clock instanceof FakeClock) await options.clock.pass(2_000);
        await ended;
      });
    },
  };
}

const text = (message: { readonly payload: Uint8Array } | undefined) =>
  message && Buffer.from(message.payload).toString();

async function homeAt(t: ExecutionContext, kind: BrokerKind) {
  const broker = await brokerFor(t, kind);
  return { broker, home: await Onlooker.at(t, broker.port) };
}

for (const kind of brokers) {
  test(`${kind.name}: several handlers share a topic, and the last that leaves unsubscribes`, async (t) => {
    const { broker, home } = await homeAt(t, kind);
    const { link, start } = linked(t, broker.port);
    const heard: string[] = [];
    const first = link.subscribe('a/b', (message) => heard.push(`first ${text(message)}`));
    const second = link.subscribe('a/b', (message) => heard.push(`second ${text(message)}`));
    start();
    await until(() => link.up, 'the connection');
    await home.client.publishAsync('a/b', '1', { qos: 1 });
    await until(() => heard.length === 2, 'both');
    first();
    first();
    await home.client.publishAsync('a/b', '2', { qos: 1 });
    await until(() => heard.length === 3, 'the second alone');
    second();
    const late = link.subscribe('a/c', (message) => heard.push(`late ${text(message)}`));
    await home.client.publishAsync('a/b', '3', { qos: 1 });
    await until(async () => {
      await home.client.publishAsync('a/c', 'end', { qos: 1 });
      return heard.includes('late end');
    }, 'the message after it');
    t.deepEqual(heard.slice(0, 3), ['first 1', 'second 1', 'second 2']);
    t.false(heard.some((line) => line.endsWith(' 3')));
    late();
  });

  test(`${kind.name}: what is retained is read once, also what was there before the connection`, async (t) => {
    const { broker, home } = await homeAt(t, kind);
    await home.client.publishAsync('a/b', 'old', { qos: 1, retain: true });
    const { link, start } = linked(t, broker.port);
    const early = link.readRetained('a/b');
    link.onUp(() => link.publish({ topic: 'a/b', payload: 'new', retain: true, qos: 1 }));
    start();
    t.is(text(await early), 'old');
    await home.sees('a/b', 'new');
    t.is(text(await link.readRetained('a/b')), 'new');
  });

  test(`${kind.name}: what is read is not taken for what somebody else publishes`, async (t) => {
    const { broker, home } = await homeAt(t, kind);
    await home.client.publishAsync('a/b', 'old', { qos: 1, retain: true });
    const { link, start } = linked(t, broker.port);
    const heard: string[] = [];
    link.subscribe('a/#', (message) => heard.push(text(message) ?? ''), { othersOnly: true });
    // With MQTT 3.1.1 nobody can be asked for what only others publish.
    link.subscribe('a/end', (message) => heard.push(text(message) ?? ''));
    const read = link.readRetained('a/b');
    start();
    t.is(text(await read), 'old');
    await home.client.publishAsync('a/end', 'end', { qos: 1 });
    await until(() => heard.includes('end'), 'the message after it');
    t.deepEqual(heard, ['end']);
  });

  test(`${kind.name}: where nothing is retained, reading ends after 2 s`, async (t) => {
    const { broker } = await homeAt(t, kind);
    const clock = new FakeClock();
    const { link, start } = linked(t, broker.port, { clock });
    start();
    await until(() => link.up, 'the connection');
    let read: unknown = 'nothing yet';
    void link.readRetained('a/b').then((message) => {
      read = message;
    });
    await until(async () => {
      await clock.pass(100);
      return read === undefined;
    }, 'the end of reading');
    t.true(clock.now() >= 2_000);
  });
}

test('every try that fails is told to those who ask, with its reason', async (t) => {
  const { link, failures, start, log } = linked(t, await freePort(), { chance: () => 0 });
  start();
  await until(() => failures.length === 2, 'two failures');
  t.deepEqual(
    failures.map(({ reason }) => reason),
    ['unreachable', 'unreachable'],
  );
  t.regex(failures[0]?.text ?? '', /nothing listens there/);
  t.is(log.texts('error').length, 1, 'a lasting fault is logged once');
  t.false(link.up);
});

test('the bytes can be carried by any stream, and all waiting is on the clock', async (t) => {
  const [kind] = brokers;
  if (!kind) throw new Error('there is no broker to test with');
  const { broker } = await homeAt(t, kind);
  const clock = new FakeClock();
  let opened = 0;
  const { link, failures, start } = linked(t, 1, {
    clock,
    chance: () => 0,
    openStream() {
      opened += 1;
      return connect({ host: '127.0.0.1', port: broker.port });
    },
  });
  start();
  await until(() => link.up, 'the connection');
  const before = opened;
  t.true(clock.waiting > 0, 'the keep-alive waits on the clock');
  clock.jump(45_000);
  await until(() => !link.up, 'the keep-alive to give up');
  t.is(failures[0]?.reason, 'lost');
  t.is(opened, before);
  await until(async () => {
    await clock.pass(100);
    return link.up;
  }, 'the next connection');
});

test('a broker that ends connections again and again without a word is asked about the client id', async (t) => {
  const broker = await ByteBroker.start(t);
  const setup = new LinkSetup(t, broker.port).start();
  for (let n = 1; n <= 3; n++) {
    await setup.passUntil(() => setup.ups === n, 'the connection', 100);
    broker.last?.socket.end();
    await setup.passUntil(() => setup.failures.length === n, 'its end', 1);
  }
  const texts = setup.failures.map(({ text }) => /does another client use the client id/.test(text));
  t.deepEqual(texts, [false, false, true]);
});

test('a broker that refuses each time in other words does not flood the log', async (t) => {
  let tries = 0;
  const broker = await ByteBroker.start(t, ({ cmd }, connection) => {
    if (cmd !== 'connect') return false;
    tries += 1;
    const properties = { reasonString: `busy until ${tries}` };
    connection.send({ cmd: 'connack', sessionPresent: false, reasonCode: 137, properties });
    return true;
  });
  const setup = new LinkSetup(t, broker.port).start();
  await setup.passUntil(() => tries >= 30, 'thirty tries', 5_000);
  t.is(setup.log.texts('error').length, 20);
});
