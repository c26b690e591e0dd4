import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, connect as dial, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { FailureReason } from '../../src/mqtt/link.js';
import type { MqttOptions } from '../../src/mqtt/mqtt-options.js';
import { testLink } from '../_bridge.js';
import { FakeClock, FakeLog } from '../_fakes.js';
import { freePort } from '../_ports.js';
import { until } from '../_until.js';
import { cert as foreignCert, key as foreignKey } from '../backend/http/_certificate.js';
import { brokerFor, brokers } from './_brokers.js';
import { authority, client, early, expired, good, other } from './_certificates.js';

// What somebody reads who has mixed up ports, protocols and certificates: the true cause, and what to do.

type Start = (t: ExecutionContext) => Promise<number>;

const listening = async (t: ExecutionContext, server: Server): Promise<number> => {
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  t.teardown(() => server.close());
  return port;
};

/** A broker on a plain port: the embedded one, or Mosquitto. */
const plain =
  (name: string): Start =>
  async (t) => {
    const kind = brokers.find((one) => one.name === name);
    if (!kind) throw new Error(`there is no ${name}`);
    return (await brokerFor(t, kind)).port;
  };

/** A broker behind TLS. */
const tls =
  (options: TlsOptions): Start =>
  async (t) => {
    const behind = await plain('embedded')(t);
    const server = createTlsServer(options, (socket) => {
      const broker = dial(behind, '127.0.0.1');
      for (const end of [socket, broker]) end.on('error', () => end.destroy());
      socket.on('close', () => broker.destroy());
      socket.pipe(broker).pipe(socket);
    });
    server.on('tlsClientError', () => {});
    return listening(t, server);
  };

const answers404: Parameters<typeof createHttpServer>[1] = (_, response) => {
  response.writeHead(404).end('no');
};
const web: Start = (t) => listening(t, createHttpServer(answers404));
const secureWeb: Start = (t) => listening(t, createHttpsServer(good, answers404));

/** Says nothing, and closes when it was spoken to. */
const silent: Start = (t) =>
  listening(
    t,
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.destroy());
    }),
  );

interface Case {
  readonly what: string;
  readonly start: Start;
  readonly options: Partial<MqttOptions> & Pick<MqttOptions, 'protocol'>;
  readonly reason: FailureReason;
  readonly says: RegExp;
  readonly needs?: 'mosquitto';
}

const ca = authority;
const foreign = { cert: foreignCert, key: foreignKey };
const wantsClient: TlsOptions = { ...good, requestCert: true, rejectUnauthorized: true, ca };

const cases: readonly Case[] = [
  {
    what: 'no authority is set',
    start: tls(good),
    options: { protocol: 'mqtts' },
    reason: 'tls',
    says: /signed by an authority that this machine does not know: set MQTT_CA_FILE/,
  },
  {
    what: 'another authority is set',
    start: tls(foreign),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /signed by another authority than the one in MQTT_CA_FILE/,
  },
  {
    what: 'the certificate has expired',
    start: tls(expired),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /its certificate has expired: renew it at the broker, or check the clock/,
  },
  {
    what: 'the certificate is not valid yet',
    start: tls(early),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /not valid yet: check this machine's clock/,
  },
  {
    what: 'the certificate is for another name',
    start: tls(other),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /its certificate is not for 127\.0\.0\.1 but for broker\.example: use such a name in MQTT_URL/,
  },
  {
    what: 'a client certificate is wanted',
    start: tls(wantsClient),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /it asks for a client certificate: set MQTT_CERT_FILE and MQTT_KEY_FILE/,
  },
  {
    what: 'a client certificate is wanted, with TLS 1.2',
    start: tls({ ...wantsClient, maxVersion: 'TLSv1.2' }),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /may ask for a client certificate \(MQTT_CERT_FILE, MQTT_KEY_FILE\)/,
  },
  {
    what: 'the client certificate is of a foreign authority',
    start: tls(wantsClient),
    options: { protocol: 'mqtts', ca, ...foreign },
    reason: 'silent',
    says: /it may refuse our certificate/,
  },
  {
    what: 'only old versions of TLS are offered',
    start: tls({ ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /needs TLS 1\.2 or newer/,
  },
  {
    what: 'mqtts at a port without TLS',
    start: plain('embedded'),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /that port does not speak TLS: without it the URL begins with mqtt:\/\/; .* 8883/,
  },
  {
    what: 'mqtts at a port of Mosquitto without TLS',
    start: plain('mosquitto'),
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /that port does not speak TLS/,
    needs: 'mosquitto',
  },
  {
    what: 'mqtts at a web server',
    start: web,
    options: { protocol: 'mqtts', ca },
    reason: 'tls',
    says: /that port does not speak TLS/,
  },
  {
    what: 'mqtts at a web server with TLS',
    start: secureWeb,
    options: { protocol: 'mqtts', ca },
    reason: 'silent',
    says: /what answers there does not speak MQTT: .* wss:\/\//,
  },
  {
    what: 'mqtt at a port with TLS',
    start: tls(good),
    options: { protocol: 'mqtt' },
    reason: 'silent',
    says: /closed the connection without an answer: .* with TLS the URL begins with mqtts:\/\//,
  },
  {
    what: 'mqtt at a web server',
    start: web,
    options: { protocol: 'mqtt' },
    reason: 'silent',
    says: /what answers there does not speak MQTT: .* over WebSocket with ws:\/\//,
  },
  {
    what: 'mqtt at somebody who closes',
    start: silent,
    options: { protocol: 'mqtt' },
    reason: 'silent',
    says: /closed the connection without an answer: .* port 1883.*max_connections/,
  },
  {
    what: 'ws at a port without WebSocket',
    start: plain('embedded'),
    options: { protocol: 'ws', path: '/' },
    reason: 'silent',
    says: /without WebSocket the URL begins with mqtt:\/\//,
  },
  {
    what: 'ws at a web server that knows no MQTT',
    start: web,
    options: { protocol: 'ws', path: '/' },
    reason: 'silent',
    says: /often has the path \/mqtt/,
  },
  {
    what: 'wss at a port without TLS',
    start: web,
    options: { protocol: 'wss', path: '/' },
    reason: 'tls',
    says: /that port does not speak TLS: without it the URL begins with ws:\/\//,
  },
  {
    what: 'wss at an expired certificate',
    start: tls(expired),
    options: { protocol: 'wss', path: '/', ca },
    reason: 'tls',
    says: /its certificate has expired/,
  },
];

for (const { what, start, options, reason, says, needs } of cases) {
  if (needs && !brokers.some(({ name }) => name === needs)) continue;
  test(`no connection: ${what}`, async (t) => {
    const port = await start(t);
    const log = new FakeLog();
    const link = testLink(port, new FakeClock(), log, {
      clientId: 'connect-errors',
      protocolVersion: 4,
      ...options,
    });
    const failures: { reason: FailureReason; text: string }[] = [];
    link.onDown((failure) => failures.push(failure));
    const stop = new AbortController();
    const running = link.run(stop.signal);
    await until(() => failures.length > 0, 'the failure');
    stop.abort();
    await running;
    t.regex(failures[0]?.text ?? '', says);
    t.is(failures[0]?.reason, reason);
    t.false(/[\r\n]|error:0A/.test(log.texts('error').join()), 'one line, and nothing raw of OpenSSL');
  });
}

test('with the right certificates it connects', async (t) => {
  const port = await tls(wantsClient)(t);
  const clock = new FakeClock();
  const link = testLink(port, clock, new FakeLog(), {
    protocol: 'mqtts',
    clientId: 'connect-errors',
    protocolVersion: 4,
    ca,
    ...client,
  });
  const stop = new AbortController();
  const running = link.run(stop.signal);
  await until(() => link.up, 'the connection');
  stop.abort();
  // The farewell waits for a turn of the clock.
  await clock.pass(0);
  await running;
  t.deepEqual(link.faults, []);
});
