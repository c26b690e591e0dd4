import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { listen } from '../../../src/base/listen.js';
import { limitWaiting } from '../../../src/outlets/http/waiting-connections.js';
import { until } from '../../_until.js';

/** How many may wait. */
const LIMIT = 250;

/** A server that has no times of its own, so that only the limit cuts. What it is asked waits for the test. */
async function start(t: ExecutionContext) {
  const waiting: ServerResponse[] = [];
  const server = createServer({ headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 }, (_, response) =>
    waiting.push(response),
  );
  limitWaiting(server);
  const port = await listen(server, { host: '127.0.0.1', port: 0, what: 'a test', settings: 'PORT' });
  const sockets: Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  let accepted = 0;
  server.on('connection', () => {
    accepted += 1;
  });
  return {
    waiting,
    /** Another connection, once the server has it. */
    async open(): Promise<Socket> {
      const before = accepted;
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      sockets.push(socket.resume());
      await until(() => accepted > before, 'the connection');
      return socket;
    },
  };
}

const closed = (sockets: readonly Socket[]) => sockets.filter(({ destroyed }) => destroyed).length;

test('beyond the limit the connection that has waited longest is cut, and no other', async (t) => {
  const server = await start(t);
  const sockets: Socket[] = [];
  for (let number = 0; number < LIMIT + 10; number++) sockets.push(await server.open());
  await until(() => closed(sockets) === 10, 'the oldest to be cut');
  t.is(closed(sockets.slice(0, 10)), 10);
});

test('who has asked waits no more; afterwards it waits behind the others', async (t) => {
  const server = await start(t);
  const asking = await server.open();
  asking.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => server.waiting.length === 1, 'the request');
  const idle: Socket[] = [];
  for (let number = 0; number < LIMIT + 1; number++) idle.push(await server.open());
  await until(() => closed(idle) === 1, 'the oldest to be cut');
  t.false(asking.destroyed);
  server.waiting[0]?.end('done');
  await until(() => closed(idle) === 2, 'the next one to be cut');
  t.false(asking.destroyed);
});

test('a request whose body does not come counts as waiting', async (t) => {
  const server = await start(t);
  const half = await server.open();
  half.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n');
  await until(() => server.waiting.length === 1, 'the request');
  for (let number = 0; number < LIMIT; number++) await server.open();
  await until(() => half.destroyed, 'it to be cut');
  t.pass();
});
