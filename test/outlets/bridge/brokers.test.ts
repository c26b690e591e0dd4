import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../src/base/clock.js';
import { failureOf, SaidByBroker } from '../../../src/mqtt/connect-errors.js';
import type { Failure, FailureReason } from '../../../src/mqtt/link.js';
import type { MqttOptions } from '../../../src/mqtt/mqtt-options.js';
import { testBridge, testLink } from '../../_bridge.js';
import { type FakeLog, fakeCharger } from '../../_fakes.js';
import { freePort } from '../../_ports.js';
import { until } from '../../_until.js';
import { brokerFor, brokers, Onlooker, requireMosquitto } from '../../mqtt/_brokers.js';

test('Mosquitto takes part', requireMosquitto);

/** A charger on a fake backend, joined to a real broker. */
function joined(t: ExecutionContext, port: number, options: Partial<MqttOptions> = {}) {
  const setup = fakeCharger();
  const link = testLink(port, systemClock, setup.log, {
    will: { topic: 'warp/bridge/state', payload: 'offline', retain: true, qos: 1 },
    ...options,
  });
  const about = { version: '1', backend: 'http', started: 'now' };
  const { charger, clock, log } = setup;
  testBridge({ charger, link, clock, log, about });
  const stop = new AbortController();
  const ended = link.run(stop.signal);
  t.teardown(() => stop.abort());
  return {
    ...setup,
    link,
    async leave() {
      stop.abort();
      await ended;
    },
  };
}

const logged = (log: FakeLog, pattern: RegExp) => log.lines.some(({ text }) => pattern.test(text));

for (const kind of brokers) {
  const { name } = kind;

  test(`${name}: states are retained, availability follows, a clean stop says offline`, async (t) => {
    const broker = await brokerFor(t, kind);
    const { backend, leave, log } = joined(t, broker.port);
    backend.reports('evse/external_current', { current: 16000 });
    const early = await Onlooker.at(t, broker.port);
    await early.sees('warp/bridge/state', 'online');
    backend.reports('evse/external_current', { current: 10000 });
    await early.sees('warp/evse/external_current', '{"current":10000}');
    const late = await Onlooker.at(t, broker.port);
    await late.sees('warp/evse/external_current', '{"current":10000}');
    await late.sees('warp/bridge/charger', 'online');
    t.true(late.seen.every(({ retain }) => retain));
    t.true(logged(log, kind.speaks5 ? /\(MQTT 5\)/ : /\(MQTT 3\.1\.1, the broker does not speak MQTT 5\)/));
    await leave();
    await late.sees('warp/bridge/state', 'offline');
    await broker.stop();
  });

  test(`${name}: writes are taken and answered, also when they come in a flood`, async (t) => {
    const broker = await brokerFor(t, kind);
    const { backend, leave } = joined(t, broker.port);
    const home = await Onlooker.at(t, broker.port);
    await home.sees('warp/bridge/state', 'online');
    for (let current = 6000; current < 6200; current++) {
      home.client.publish('warp/evse/external_current_update', String(current), { qos: 1 });
    }
    await until(() => home.all('warp/bridge/response').length === 200, '200 answers');
    t.deepEqual(backend.writes.at(-1), { path: 'evse/external_current', value: { current: 6199 } });
    await leave();
    await broker.stop();
  });

  test(`${name}: what is retained on an update topic is refused at connect, with the remedy`, async (t) => {
    const broker = await brokerFor(t, kind);
    const home = await Onlooker.at(t, broker.port);
    await home.client.publishAsync('warp/evse/external_current_update', '16000', { retain: true, qos: 1 });
    await home.client.publishAsync('warp/evse/start_charging', 'null', { retain: true, qos: 1 });
    const { backend, leave } = joined(t, broker.port);
    await until(() => home.all('warp/bridge/response').length === 2, 'two answers');
    for (const answer of home.all('warp/bridge/response'))
      t.like(answer, { status: 'error', code: 'retained' });
    t.deepEqual(backend.writes, []);
    await leave();
    await broker.stop();
  });

  test(`${name}: nasty payloads are answered and the connection lives on`, async (t) => {
    const broker = await brokerFor(t, kind);
    const { backend, leave, link } = joined(t, broker.port);
    const home = await Onlooker.at(t, broker.port);
    await home.sees('warp/bridge/state', 'online');
    if (kind.speaks5) {
      // More than we ask the broker to send: it does not reach us.
      const huge = Buffer.alloc(1_000_000, '[');
      await home.client.publishAsync('warp/evse/external_current_update', huge, { qos: 1 });
    }
    const nasty = [
      Buffer.alloc(100_000, '['),
      Buffer.from('['.repeat(50_000)),
      Buffer.from([0xff, 0, 0xfe]),
      Buffer.from('{"a":'),
    ];
    for (const payload of nasty)
      await home.client.publishAsync('warp/evse/external_current_update', payload, { qos: 1 });
    await until(() => home.all('warp/bridge/response').length === nasty.length, 'an answer each');
    t.true(
      home.all('warp/bridge/response').every((answer) => (answer as { status: string }).status === 'error'),
    );
    await home.client.publishAsync('warp/evse/external_current_update', '6000', { qos: 1 });
    await until(() => backend.writes.length === 1, 'the good write');
    t.true(link.up);
    await leave();
    await broker.stop();
  });

  test(`${name}: the broker restarts empty and is told everything again, the newest value`, async (t) => {
    const port = await freePort();
    let broker = await brokerFor(t, kind, { port });
    const { backend, leave, link, log } = joined(t, port);
    backend.reports('evse/external_current', { current: 16000 });
    await until(() => link.up, 'the connection');
    await broker.stop();
    await until(() => !link.up, 'the loss of the connection');
    backend.reports('evse/external_current', { current: 7000 });
    broker = await brokerFor(t, kind, { port });
    const home = await Onlooker.at(t, port);
    await home.sees('warp/evse/external_current', '{"current":7000}');
    await home.sees('warp/bridge/state', 'online');
    t.false(
      home.seen.some(({ payload }) => payload === '{"current":16000}'),
      'nothing old comes back',
    );
    t.true(log.texts('error').length <= 2, 'a lasting loss is told once');
    await leave();
    await broker.stop();
  });

  test(`${name}: when the bridge vanishes the broker says offline`, async (t) => {
    const broker = await brokerFor(t, kind);
    const sockets: Socket[] = [];
    const proxy = createServer((socket) => {
      sockets.push(socket);
      import('node:net').then(({ connect }) => {
        const onward = connect(broker.port, '127.0.0.1');
        socket.pipe(onward).pipe(socket);
        socket.on('error', () => onward.destroy());
        socket.on('close', () => onward.destroy());
        onward.on('error', () => socket.destroy());
      });
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const address = proxy.address();
    const { leave } = joined(t, typeof address === 'object' && address ? address.port : 0);
    const home = await Onlooker.at(t, broker.port);
    await home.sees('warp/bridge/state', 'online');
    for (const socket of sockets) socket.resetAndDestroy();
    await home.sees('warp/bridge/state', 'offline');
    await home.sees('warp/bridge/state', 'online');
    t.pass();
    await leave();
    proxy.close();
    await broker.stop();
  });

  test(`${name}: a refused login is said once, with what to check`, async (t) => {
    const broker = await brokerFor(t, kind, { login: { username: 'bridge', password: 'right' } });
    const wrong = joined(t, broker.port, { username: 'bridge', password: 'wrong' });
    await until(
      () => logged(wrong.log, /refused the login; check MQTT_USERNAME and MQTT_PASSWORD/),
      'the line',
    );
    t.is(wrong.log.texts('error').length, 1);
    await wrong.leave();
    const right = joined(t, broker.port, { username: 'bridge', password: 'right' });
    await until(() => right.link.up, 'the connection');
    await right.leave();
    await broker.stop();
  });
}

test('no broker: one line that says where and what to check', async (t) => {
  const port = await freePort();
  const { log, leave } = joined(t, port);
  await until(() => log.texts('error').length > 0, 'the line');
  t.deepEqual(log.texts('error'), [
    `no connection to the broker at mqtt://127.0.0.1:${port}: nothing listens there; is the broker running, and is MQTT_URL right?; trying again`,
  ]);
  await leave();
});

for (const kind of brokers.filter(({ speaks5 }) => speaks5)) {
  test(`${kind.name}: MQTT 5 requests are answered on their response topic`, async (t) => {
    const broker = await brokerFor(t, kind);
    const { leave } = joined(t, broker.port);
    const home = await Onlooker.at(t, broker.port, { protocolVersion: 5 });
    await home.sees('warp/bridge/state', 'online');
    const properties = { responseTopic: 'home/answers', correlationData: Buffer.from('42') };
    await home.client.publishAsync('warp/evse/external_current_update', '3000', { qos: 1, properties });
    await home.sees('home/answers', /"code":"invalid"/);
    t.is(home.seen.find(({ topic }) => topic === 'home/answers')?.correlation, '42');
    await leave();
    await broker.stop();
  });

  test(`${kind.name}: a live message with the retain flag is refused like a replayed one`, async (t) => {
    const broker = await brokerFor(t, kind);
    const { backend, leave } = joined(t, broker.port);
    const home = await Onlooker.at(t, broker.port);
    await home.sees('warp/bridge/state', 'online');
    await home.client.publishAsync('warp/evse/external_current_update', '6000', { qos: 1, retain: true });
    await home.sees('warp/bridge/response', /"code":"retained"/);
    t.deepEqual(backend.writes, []);
    await leave();
    await broker.stop();
  });

  test(`${kind.name}: a publish on a state topic is noticed and undone; our own is not`, async (t) => {
    const broker = await brokerFor(t, kind);
    const { backend, leave, log } = joined(t, broker.port);
    backend.reports('evse/external_current', { current: 16000 });
    const home = await Onlooker.at(t, broker.port);
    await home.sees('warp/bridge/state', 'online');
    t.is(log.texts('warn').length, 0);
    await home.client.publishAsync('warp/evse/external_current', '8000', { retain: true, qos: 1 });
    await home.sees('warp/bridge/response', /warp\/evse\/external_current_update/);
    await home.sees('warp/evse/external_current', '{"current":16000}');
    const late = await Onlooker.at(t, broker.port);
    await late.sees('warp/evse/external_current', '{"current":16000}');
    await leave();
    await broker.stop();
  });
}

test('a subscription that the broker denies is told', async (t) => {
  const aedes = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, done) => {
      done(null, subscription.topic.endsWith('external_current_update') ? null : subscription);
    },
  });
  const server = createServer((socket) => aedes.handle(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const { leave, log } = joined(t, port);
  await until(() => log.texts('error').length > 0, 'the line');
  t.deepEqual(log.texts('error'), [
    'the broker denies subscribing to warp/evse/external_current_update: check its access rules',
  ]);
  await leave();
  aedes.close();
  server.close();
});

test('why there is no connection, in words and by reason', (t) => {
  const because = (error: Error | undefined, accepted: boolean) =>
    failureOf(
      { accepted, lasted: 30, awaitedSubscription: false, secured: false, error },
      { protocol: 'mqtts', host: 'h' },
    );
  const why = (error: object | undefined, accepted = false) =>
    because(error && Object.assign(new Error('raw'), error), accepted);
  const said = (code: number, accepted = false) => because(new SaidByBroker(code), accepted);
  const says = (failure: Failure, reason: FailureReason, text: RegExp) => {
    t.is(failure.reason, reason);
    t.regex(failure.text, text);
  };
  says(why({ code: 'ENOTFOUND' }), 'unreachable', /name is not known/);
  says(why({ code: 'EHOSTUNREACH' }), 'unreachable', /does not answer/);
  says(said(0x86), 'login', /MQTT_USERNAME/);
  says(said(5), 'login', /MQTT_USERNAME/);
  says(said(0x88), 'refused', /refused the connection: it is not available/);
  says(said(0x84), 'version', /MQTT_PROTOCOL_VERSION/);
  const tls = { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' };
  says(why(tls), 'tls', /MQTT_CA_FILE/);
  says(said(0x8e, true), 'taken_over', /same client id took over; .*MQTT_CLIENT_ID/);
  says(said(0x95, true), 'too_large', /maximum packet size/);
  says(said(0x8b, true), 'lost', /it is shutting down/);
  says(said(0xf0, true), 'lost', /reason code 0xf0/);
  says(why(undefined, true), 'lost', /^connection lost$/);
  says(why({ code: 'EPROTO' }), 'refused', /raw/);
  says(why(undefined), 'tls', /does not speak TLS/);
});
