import { getEventListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Client } from '../../../src/backend/http/client.js';
import { connectSocket } from '../../../src/backend/http/connect.js';
import { DigestLogin } from '../../../src/backend/http/digest.js';
import { type FailureKind, RequestFailed } from '../../../src/backend/http/request-failed.js';
import { FakeClock } from '../../_fakes.js';
import { until } from '../../_until.js';
import { cert, key } from './_certificate.js';
import { ScriptedCharger, type ServerOptions } from './_server.js';
import { testTarget } from './_target.js';

const login = { username: 'owner', password: 'secret' };

interface Bench {
  readonly server: ScriptedCharger;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly ending: AbortController;
  readonly strays: () => number;
}

function clientOf(t: ExecutionContext, url: string, more: { username?: string; password?: string } = {}) {
  const clock = new FakeClock();
  const ending = new AbortController();
  const target = testTarget(url, { rejectUnauthorized: false, ...more });
  const digest = target.login && new DigestLogin(target.login.username, target.login.password);
  let strays = 0;
  const client = new Client({
    target,
    connect: connectSocket,
    digest,
    clock,
    signal: ending.signal,
    onStray: () => {
      strays += 1;
    },
  });
  t.teardown(() => {
    ending.abort();
    client.close();
  });
  return { client, clock, ending, strays: () => strays };
}

async function bench(t: ExecutionContext, options: ServerOptions = {}, more: object = {}): Promise<Bench> {
  const server = await new ScriptedCharger({ 'evse/a': 1, 'evse/b': 2 }, options).start();
  t.teardown(() => server.stop());
  return { server, ...clientOf(t, server.url, more) };
}

/** A server that speaks bytes: each connection is handed to `talk`. */
async function raw(t: ExecutionContext, talk: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    talk(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

async function failing(
  t: ExecutionContext,
  answer: Promise<unknown>,
  kind: FailureKind,
): Promise<RequestFailed> {
  const error = await t.throwsAsync(answer, { instanceOf: RequestFailed });
  t.is(error.kind, kind, error.message);
  return error;
}

test('a hundred reads in a row use one connection', async (t) => {
  const { server, client } = await bench(t);
  for (let n = 0; n < 100; n++) t.deepEqual((await client.get('evse/a')).text, '1');
  t.is(server.connections, 1);
});

test('however much is asked at once, there are two connections: one for reads, one for writes', async (t) => {
  const { server, client } = await bench(t);
  const reads = Array.from({ length: 20 }, () => client.get('evse/a'));
  const writes = Array.from({ length: 20 }, () => client.put('evse/b_update', '5', true));
  await Promise.all([...reads, ...writes]);
  t.is(server.connections, 2);
  const used = (method: string) =>
    new Set(server.requests.filter((r) => r.method === method).map((r) => r.connection));
  t.is(used('GET').size, 1);
  t.is(used('PUT').size, 1);
});

test('a write has a length, no chunks, and no more headers than it needs', async (t) => {
  const { server, client } = await bench(t, { login }, login);
  await client.put('evse/b_update', '{"name":"ä"}', true);
  const { headers, body } = server.requests.at(-1) ?? t.fail();
  t.is(body, '{"name":"ä"}');
  t.deepEqual(Object.keys(headers).sort(), ['authorization', 'connection', 'content-length', 'host']);
  t.is(headers['content-length'], '13');
  const size = Object.entries(headers).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 4,
    0,
  );
  t.true(size < 480, `${size} bytes; the oldest chargers take 512`);
});

test('an idle connection is given back after 15 s', async (t) => {
  const { server, client, clock } = await bench(t);
  await client.get('evse/a');
  await clock.pass(14_000);
  await client.get('evse/a');
  await clock.pass(14_999);
  t.is(server.sockets.size, 1);
  await clock.pass(1);
  await until(() => server.sockets.size === 0, 'the connection to be closed');
  t.is(clock.waiting, 0);
});

test('with a login there is one 401 at the beginning, and none after it', async (t) => {
  const { server, client } = await bench(t, { login }, login);
  for (let n = 0; n < 10; n++) t.is((await client.get('evse/a')).status, 200);
  t.is((await client.put('evse/b_update', '3', true)).status, 200);
  t.is(server.refusals, 1);
  t.is(server.states.get('evse/b'), '3');
});

test('reads and writes that begin together share what one of them learns', async (t) => {
  const { server, client } = await bench(t, { login }, login);
  const answers = await Promise.all([client.get('evse/a'), client.put('evse/b_update', '3', true)]);
  t.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  t.true(server.refusals <= 2);
});

test('a charger that wants a new nonce every time gets it', async (t) => {
  const { server, client } = await bench(t, { login, nonce: 'each' }, login);
  for (let n = 0; n < 5; n++) t.is((await client.get('evse/a')).status, 200);
  t.is(server.refusals, 5);
});

test('a wrong password is one more request, then the 401 itself', async (t) => {
  const { server, client } = await bench(t, { login }, { ...login, password: 'wrong' });
  t.is((await client.get('evse/a')).status, 401);
  t.is(server.requests.length, 2);
  t.is((await client.get('evse/a')).status, 401);
  t.is(server.requests.length, 3);
});

test('without a login the 401 is told', async (t) => {
  const { server, client } = await bench(t, { login });
  t.is((await client.get('evse/a')).status, 401);
  t.is(server.requests.length, 1);
});

test('a login may stand in the URL', async (t) => {
  const { server } = await bench(t, { login });
  const { client } = clientOf(t, server.url.replace('//', '//owner:secret@'));
  t.is((await client.get('evse/a')).status, 200);
});

test('a read over a connection that the charger has forgotten is repeated on a new one', async (t) => {
  const { server, client } = await bench(t);
  await client.get('evse/a');
  breakReused(server);
  t.is((await client.get('evse/a')).text, '1');
  t.is(server.connections, 2);
});

test('but only once', async (t) => {
  const { server, client } = await bench(t);
  await client.get('evse/a');
  server.fault = (_, response) => Boolean(response.socket?.destroy());
  await failing(t, client.get('evse/a'), 'disconnected');
  t.is(server.asked('GET').length, 3);
});

test('a repeatable write over a connection that the charger has forgotten is repeated on a new one', async (t) => {
  const { server, client } = await bench(t);
  await client.put('evse/b_update', '3', true);
  breakReused(server);
  t.is((await client.put('evse/b_update', '4', true)).status, 200);
  t.is(server.states.get('evse/b'), '4');
  t.deepEqual(server.asked('PUT'), ['evse/b_update', 'evse/b_update', 'evse/b_update']);
});

test('what must not be done twice never goes over a connection that the charger may have forgotten', async (t) => {
  const { server, client } = await bench(t, { commands: ['evse/go'] });
  await client.put('evse/b_update', '3', true);
  await client.get('evse/a');
  breakReused(server);
  t.is((await client.put('evse/go', 'null', false)).status, 200);
  t.deepEqual(server.asked('PUT'), ['evse/b_update', 'evse/go']);
});

test('what must not be done twice is not, whatever breaks', async (t) => {
  const { server, client } = await bench(t, { commands: ['evse/go'] });
  await client.get('evse/a');
  server.fault = (_, response) => Boolean(response.socket?.resetAndDestroy());
  const error = await failing(t, client.put('evse/go', 'null', false), 'disconnected');
  t.true(error.sent);
  t.deepEqual(server.asked('PUT'), ['evse/go']);
});

test('a new connection that breaks is not tried again', async (t) => {
  const { server, client } = await bench(t);
  server.fault = (_, response) => Boolean(response.socket?.destroy());
  await failing(t, client.get('evse/a'), 'disconnected');
  t.is(server.requests.length, 1);
});

test('no answer in time', async (t) => {
  const { server, client, clock } = await bench(t);
  server.fault = () => true;
  const answer = failing(t, client.get('evse/a'), 'timeout');
  await until(() => server.requests.length === 1, 'the request');
  await clock.pass(4_999);
  t.is(server.sockets.size, 1);
  await clock.pass(1);
  t.regex((await answer).message, /^http:\/\/127\.0\.0\.1:\d+ did not answer within 5 s/);
  await until(() => server.sockets.size === 0, 'the connection to be closed');
  t.is(clock.waiting, 0);
});

test('an answer that drips in slowly is not waited for either', async (t) => {
  const { server, client, clock } = await bench(t);
  server.fault = (_, response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('{"a":');
    return true;
  };
  const answer = failing(t, client.get('evse/a'), 'timeout');
  await until(() => server.requests.length === 1, 'the request');
  await clock.pass(5_000);
  await answer;
});

test('an answer that is cut in the middle counts as none', async (t) => {
  const { server, client } = await bench(t);
  server.fault = (_, response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('{"a":1', () => response.socket?.destroy());
    return true;
  };
  await failing(t, client.get('evse/a'), 'disconnected');
});

test('more than 256 kB are not read', async (t) => {
  const { server, client } = await bench(t);
  server.fault = (_, response) => {
    for (let n = 0; n < 30; n++) response.write('x'.repeat(10_000));
    return true;
  };
  const error = await failing(t, client.get('evse/a'), 'invalid_response');
  t.regex(error.message, /more than 262144 bytes/);
  await until(() => server.sockets.size === 0, 'the connection to be dropped');
});

test('a state that is not UTF-8 is no answer; an error text may be anything', async (t) => {
  const { server, client } = await bench(t);
  let status = 200;
  server.fault = (_, response) => Boolean(response.writeHead(status).end(Buffer.from([0x22, 0xff, 0x22])));
  await failing(t, client.get('evse/a'), 'invalid_response');
  status = 400;
  t.is((await client.get('evse/a')).text, '"\ufffd"');
});

test('what is not JSON is handed over as it is', async (t) => {
  const { server, client } = await bench(t);
  server.states.set('evse/a', '<html>');
  t.deepEqual(await client.get('evse/a').then(({ status, text }) => [status, text]), [200, '<html>']);
});

test('what is not HTTP', async (t) => {
  const url = await raw(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await failing(t, clientOf(t, url).client.get('evse/a'), 'invalid_response');
});

test('nothing listens there', async (t) => {
  const server = await new ScriptedCharger({}).start();
  await server.stop();
  const error = await failing(t, clientOf(t, server.url).client.get('evse/a'), 'refused');
  t.false(error.sent);
  t.regex(error.message, /refused the connection \(ECONNREFUSED\); check address and port in CHARGER_URL/);
  const secure = clientOf(t, server.url.replace('http:', 'https:')).client.get('evse/a');
  t.regex((await failing(t, secure, 'refused')).message, /most chargers have only http:\/\//);
});

test('a name that nobody knows', async (t) => {
  const { client } = clientOf(t, 'http://no-such-charger.invalid');
  const error = await failing(t, client.get('evse/a'), 'dns');
  t.regex(error.message, /^http:\/\/no-such-charger\.invalid can't be found: its name is not known/);
});

test('https where there is only http', async (t) => {
  const { server } = await bench(t);
  const { client } = clientOf(t, server.url.replace('http:', 'https:'));
  t.true((await failing(t, client.get('evse/a'), 'tls')).permanent);
});

test('an answer that nobody asked for closes its connection, and is told', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n';
  let requests = 0;
  let sayMore = () => {};
  const url = await raw(t, (socket) => {
    sayMore = () => socket.write(`${answer}9`);
    socket.on('data', () => {
      requests += 1;
      socket.write(`${answer}${requests}`);
    });
  });
  const { client, strays } = clientOf(t, url);
  t.is((await client.get('evse/a')).text, '1');
  sayMore();
  await until(() => strays() === 1, 'the stray answer');
  t.is((await client.get('evse/b')).text, '2');
});

for (const options of [{}, { tls: { key, cert } }]) {
  test(`a connection that ends while idle is no stray answer: ${options.tls ? 'https' : 'http'}`, async (t) => {
    const { server, client, strays } = await bench(t, options);
    await client.get('evse/a');
    await client.get('evse/a');
    const [socket] = server.sockets;
    socket?.end();
    await until(() => server.sockets.size === 0, 'the end');
    t.is((await client.get('evse/a')).status, 200);
    t.deepEqual([server.connections, strays()], [2, 0]);
  });
}

test('the signal ends what is going on, and what waits', async (t) => {
  const { server, client, clock, ending } = await bench(t);
  server.fault = () => true;
  const answers = [client.get('evse/a'), client.get('evse/b'), client.put('evse/b_update', '1', true)];
  await until(() => server.requests.length === 2, 'a read and a write');
  ending.abort();
  for (const answer of answers) await failing(t, answer, 'stopped');
  client.close();
  await until(() => server.sockets.size === 0, 'all connections to be closed');
  t.is(clock.waiting, 0);
  t.is(getEventListeners(ending.signal, 'abort').length, 0);
});

test('requests leave nothing behind', async (t) => {
  const { client, clock, ending } = await bench(t);
  for (let n = 0; n < 300; n++) await client.get('evse/a');
  t.is(getEventListeners(ending.signal, 'abort').length, 1, 'that of the client itself');
  t.is(clock.waiting, 1, 'the watch over the idle connection');
});

/** Every connection that has been used before breaks with its next request, as one that the charger forgot. */
function breakReused(server: ScriptedCharger): void {
  const old = server.connections;
  server.fault = ({ connection }, response) =>
    connection <= old && Boolean(response.socket?.resetAndDestroy());
}
