import test from 'ava';
import { ask, Line, Listener, until, world } from './_simulator.js';

test('the eleventh socket drops the one that was silent the longest', async (t) => {
  const { port } = await world(t);
  const listener = await Listener.open(t, port);
  const lines: Line[] = [];
  for (let at = 0; at < 9; at++) {
    const line = await Line.open(port);
    line.request('GET', '/evse/state');
    await line.reply();
    lines.push(line);
  }
  const [first, second] = lines;
  first?.request('GET', '/evse/state');
  await first?.reply();
  const pong = new Promise((resolve) => listener.ws.once('pong', resolve));
  listener.ws.ping();
  await pong;
  const eleventh = await Line.open(port);
  eleventh.request('GET', '/evse/state');
  t.is((await eleventh.reply()).status, 200);
  await until(() => listener.code !== undefined || lines.some(({ closed }) => closed));
  // The WebSocket has answered no ping of the server yet, so it is the oldest.
  t.is(listener.code, 1006);
  const twelfth = await Line.open(port);
  await until(() => second?.closed === true);
  t.deepEqual(
    lines.map(({ closed }) => closed),
    [false, true, ...Array.from({ length: 7 }, () => false)],
  );
  for (const line of [...lines, eleventh, twelfth]) line.end();
});

test('a WebSocket that answers pings outlives idle connections', async (t) => {
  const { port, clock } = await world(t);
  const listener = await Listener.open(t, port);
  const lines: Line[] = [];
  for (let at = 0; at < 9; at++) lines.push(await Line.open(port));
  const answered = new Promise((resolve) => listener.ws.once('ping', resolve));
  await clock.pass(1_000);
  await answered;
  await until(() => listener.pings === 1);
  // The pong is on its way before this request.
  await ask(port, 'GET', '/evse/state');
  await until(() => lines[0]?.closed === true);
  for (let at = 0; at < 20; at++) await ask(port, 'GET', '/evse/state');
  t.is(listener.code, undefined);
  for (const line of lines) line.end();
});

/** Bytes that are no request of any kind, or a strange one; and the status that comes back. */
const strange: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ['nonsense', 'hello\r\n\r\n', 501],
  ['binary', '\x00\x01\x02\xff'.repeat(100), 501],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 501],
  ['an unknown method', 'FETCH / HTTP/1.1\r\n\r\n', 501],
  ['an unknown version', 'GET / HTTP/3.7\r\n\r\n', 505],
  ['a length that is no number', 'PUT /evse/state HTTP/1.1\r\nContent-Length: x\r\n\r\n', 400],
  ['two lengths', 'PUT /evse/state HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
  ['a long path', `GET /${'x'.repeat(600)} HTTP/1.1\r\n\r\n`, 414],
  ['many headers', `GET /evse/state HTTP/1.1\r\nX: ${'x'.repeat(1_100)}\r\n\r\n`, 431],
  ['too many headers', `GET /evse/state HTTP/1.1\r\n${'X: y\r\n'.repeat(5_000)}\r\n`, 431],
  ['CONNECT', 'CONNECT example:80 HTTP/1.1\r\n\r\n', 501],
  ['no Host', 'GET /evse/state HTTP/1.1\r\n\r\n', 200],
  ['HTTP 1.0', 'GET /evse/state HTTP/1.0\r\n\r\n', 200],
  [
    'an expectation',
    'PUT /evse/external_current HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n16000',
    200,
  ],
  ['another expectation', 'GET /evse/state HTTP/1.1\r\nExpect: wonders\r\n\r\n', 200],
  [
    '50 000 brackets',
    `PUT /evse/external_current HTTP/1.1\r\nContent-Length: 50000\r\n\r\n${'['.repeat(50_000)}`,
    413,
  ],
  [
    '4000 brackets',
    `PUT /evse/user_calibration HTTP/1.1\r\nContent-Length: 4000\r\n\r\n${'['.repeat(4_000)}`,
    400,
  ],
  [
    'bytes that are no UTF-8',
    'PUT /evse/external_current HTTP/1.1\r\nContent-Length: 2\r\n\r\n\xff\xfe',
    400,
  ],
];

test('strange bytes get an answer and do no harm', async (t) => {
  const { port, log } = await world(t);
  for (const [what, bytes, status] of strange) {
    const line = await Line.open(port);
    line.send(Buffer.from(bytes, 'latin1'));
    t.is((await line.reply()).status, status, what);
    line.end();
  }
  t.is((await ask(port, 'GET', '/evse/state')).status, 200);
  t.deepEqual(log.texts('error'), []);
});

test('a body of a megabyte is not kept, and the connection can be used on', async (t) => {
  const { port } = await world(t);
  const line = await Line.open(port);
  line.request('PUT', '/evse/external_current', Buffer.alloc(1_048_576, '['));
  t.is((await line.reply()).status, 413);
  line.request('PUT', '/simulator/vehicle', Buffer.alloc(1_048_576, '['));
  t.is((await line.reply()).status, 413);
  line.request('GET', '/evse/state');
  t.is((await line.reply()).status, 200);
  line.end();
});

test('a body that does not come is 400 after five silent seconds', async (t) => {
  const { port, clock, writes } = await world(t);
  const line = await Line.open(port);
  line.send('PUT /evse/external_current HTTP/1.1\r\nContent-Length: 5\r\n\r\n1');
  // The server has read the head when it has answered somebody who came later.
  await ask(port, 'GET', '/evse/state');
  await clock.pass(4_000);
  line.send('6');
  await ask(port, 'GET', '/evse/state');
  await clock.pass(4_000);
  t.false(line.closed);
  await clock.pass(1_000);
  t.is((await line.reply()).status, 400);
  await line.untilClosed();
  t.deepEqual(writes, []);
});

test('a body that is cut off changes nothing', async (t) => {
  const { port, writes, clock } = await world(t);
  const line = await Line.open(port);
  line.send('PUT /evse/external_current HTTP/1.1\r\nContent-Length: 5\r\n\r\n16');
  await ask(port, 'GET', '/evse/state');
  line.end();
  await ask(port, 'GET', '/evse/state');
  await clock.pass(6_000);
  t.deepEqual(writes, []);
});

test('a chunked body counts as empty: an action runs, a setting is refused, and the connection ends', async (t) => {
  const { port, writes } = await world(t);
  const chunked = (path: string) =>
    `PUT ${path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n16000\r\n0\r\n\r\n`;
  const expected = [
    ['/evse/external_current', 400],
    ['/evse/stop_charging', 200],
  ] as const;
  for (const [path, status] of expected) {
    const line = await Line.open(port);
    line.send(chunked(path));
    t.is((await line.reply()).status, status);
    await line.untilClosed();
  }
  t.deepEqual(writes, [{ path: 'evse/stop_charging', value: null }]);
});

test('no 100 Continue is sent', async (t) => {
  const { port } = await world(t);
  const line = await Line.open(port);
  line.send('PUT /evse/external_current HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await ask(port, 'GET', '/evse/state');
  line.send('16000');
  const { status, headers } = await line.reply();
  t.is(status, 200);
  t.deepEqual(headers, ['Content-Type: text/plain; charset=utf-8', 'Content-Length: 0']);
  line.end();
});

test('requests in one packet are answered in order', async (t) => {
  const { port } = await world(t);
  const line = await Line.open(port);
  line.send(
    'GET /evse/external_current HTTP/1.1\r\n\r\nGET /evse/nothing HTTP/1.1\r\n\r\nGET /evse/user_enabled HTTP/1.1\r\n\r\n',
  );
  t.is((await line.reply()).body, '{"current":32000}');
  t.is((await line.reply()).status, 404);
  t.is((await line.reply()).body, '{"enabled":false}');
  line.end();
});

test('half a handshake, garbage frames and sudden ends do no harm', async (t) => {
  const { port, clock, log } = await world(t);
  const handshake =
    'GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  const half = await Line.open(port);
  half.send(handshake);
  const garbage = await Line.open(port);
  garbage.send(`${handshake}\r\n`);
  t.is((await garbage.reply()).status, 101);
  garbage.send(Buffer.alloc(300, 0xff));
  await garbage.untilClosed();
  const huge = await Line.open(port);
  huge.send(`${handshake}\r\n`);
  await huge.reply();
  huge.send(Buffer.from([0x81, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0]));
  await huge.untilClosed();
  const sudden = await Line.open(port);
  sudden.send(`${handshake}\r\n`);
  sudden.socket.resetAndDestroy();
  half.end();
  await clock.pass(2_000);
  t.is((await ask(port, 'GET', '/evse/state')).status, 200);
  t.deepEqual(log.texts('error'), []);
});

test('a port that is taken is a clear error', async (t) => {
  const { port, charger, clock, log } = await world(t);
  const { startSimulator } = await import('../../src/simulator/simulated-charger.js');
  const second = startSimulator({ charger, write: async () => {}, host: '127.0.0.1', port, clock, log });
  await t.throwsAsync(second, { message: /can't listen on 127\.0\.0\.1:\d+ .*in use.*SIMULATE_PORT/ });
});

test('closing leaves no timer behind', async (t) => {
  const at = await world(t);
  const before = at.clock.waiting;
  const { startSimulator } = await import('../../src/simulator/simulated-charger.js');
  const { charger, clock, log } = at;
  const second = await startSimulator({
    charger,
    write: async () => {},
    host: '127.0.0.1',
    port: 0,
    clock,
    log,
  });
  const listener = await Listener.open(t, second.port);
  await ask(second.port, 'PUT', '/simulator/fault', '{"mode":"stall"}');
  const waiting = await Line.open(second.port);
  waiting.request('GET', '/evse/state');
  await ask(second.port, 'GET', '/simulator/fault');
  await second.close();
  await until(() => listener.code !== undefined);
  await waiting.untilClosed();
  await clock.pass(0);
  t.is(clock.waiting, before);
});

test('a client that writes on and on does not fill the log', async (t) => {
  const { port, log } = await world(t);
  const written = () => log.lines.filter(({ text, level }) => level !== 'debug' && /^PUT /.test(text));
  for (let count = 0; count < 40; count++) {
    await ask(port, 'PUT', '/evse/external_current_update', '16000');
    await ask(port, 'PUT', '/evse/external_current_update', 'x');
    await ask(port, 'PUT', `/nothing/${count % 2}`, 'x');
  }
  t.is(written().length, 4 * 5, 'the first five of each kind');
});
