import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type Answer, decode, encode } from 'dns-packet';
import { findBoxes } from '../../src/commands/discover.js';
import { FakeClock } from '../_fakes.js';
import { until } from '../_until.js';

const LOOPBACK = '127.0.0.1';
const CHARGERS = '_tf-warp-cm._udp.local';
const WEB = '_http._tcp.local';

const pointer = (service: string, instance: string): Answer => ({
  name: service,
  type: 'PTR',
  data: `${instance}.${service}`,
});

/** Answers questions of multicast DNS on the loopback interface; returns its port and what it was asked. */
async function responder(t: ExecutionContext, answers: readonly Answer[], raw?: Uint8Array) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const asked: string[][] = [];
  socket.on('message', (bytes, { port, address }) => {
    const { questions = [], type } = decode(bytes);
    if (type !== 'query') return;
    asked.push(questions.map(({ name }) => name));
    socket.send(raw ?? encode({ type: 'response', answers: [...answers] }), port, address);
  });
  socket.bind(0, () => socket.addMembership('224.0.0.251', LOOPBACK));
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return { port: socket.address().port, asked };
}

/** A web interface that answers `pages`; returns its port and what it was asked. */
async function web(
  t: ExecutionContext,
  pages: Readonly<Record<string, string>>,
  status = 200,
  hangs = false,
) {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    if (hangs) return;
    const page = pages[url];
    response.writeHead(page === undefined && status === 200 ? 404 : status).end(page);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { httpPort: (server.address() as AddressInfo).port, asked };
}

const PAGES = {
  '/info/name': '{"name":"warp2-AbCd","type":"warp2","display_type":"WARP2 Charger Pro 22kW","uid":"AbCd"}',
  '/info/version': '{"firmware":"2.8.9+1","config":"2.8.9"}',
};

interface House {
  readonly answers: readonly Answer[];
  readonly pages?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly raw?: Uint8Array;
  /** Its web interface takes the questions and never answers. */
  readonly hangs?: boolean;
  /** Whether it is to be asked over HTTP. */
  readonly isAsked?: boolean;
}

async function search(t: ExecutionContext, house: House) {
  const { answers, pages = PAGES, status, raw, isAsked = true, hangs = false } = house;
  const { port, asked } = await responder(t, answers, raw);
  const { httpPort, asked: pagesAsked } = await web(t, pages, status, hangs);
  const clock = new FakeClock();
  const faults: string[] = [];
  const found = findBoxes({
    clock,
    signal: new AbortController().signal,
    interfaces: [LOOPBACK],
    port,
    httpPort,
    onFault: (text) => faults.push(text),
  });
  await until(() => asked.length > 0, 'the question');
  // An answer that leads to nothing has no trace: the next question comes after it.
  if (!isAsked) {
    await clock.pass(2_000);
    await until(() => asked.length > 1, 'the next question');
  } else await until(() => pagesAsked.length >= 2, 'the questions over HTTP');
  await clock.pass(4_000);
  if (hangs) await clock.pass(1_000);
  const lines = await found;
  t.deepEqual(faults, []);
  return { lines, asked, pagesAsked, url: `http://${LOOPBACK}:${httpPort}` };
}

test('a charger is found by the service of chargers, and says what it is', async (t) => {
  const { lines, asked, url } = await search(t, { answers: [pointer(CHARGERS, 'anything')] });
  t.deepEqual(asked[0], [CHARGERS, WEB]);
  t.deepEqual(lines, [`${url}  warp2-AbCd  WARP2 Charger Pro 22kW  firmware 2.8.9+1`]);
});

test('an energy manager is found by the name of its web interface', async (t) => {
  const pages = { '/info/name': '{"name":"wem-XYZ","type":"wem","uid":"XYZ"}' };
  const { lines, url } = await search(t, { answers: [pointer(WEB, 'wem-XYZ')], pages });
  t.deepEqual(lines, [`${url}  wem-XYZ  of unknown type  firmware unknown`]);
});

test('one that asks for a login is listed by what it announces', async (t) => {
  const { lines, url } = await search(t, { answers: [pointer(WEB, 'warp3-22x')], status: 401 });
  t.deepEqual(lines, [`${url}  warp3-22x  asks for a login: set CHARGER_USERNAME and CHARGER_PASSWORD`]);
});

test('nobody else is asked, and nobody who turns out to be something else is listed', async (t) => {
  const printer = await search(t, { answers: [pointer(WEB, 'Printer')], isAsked: false });
  t.deepEqual([printer.lines, printer.pagesAsked], [[], []]);
  const other = await search(t, { answers: [pointer(WEB, 'warp-core')], pages: {} });
  t.deepEqual(other.lines, []);
});

test('what is no answer is not looked at', async (t) => {
  for (const raw of [Buffer.from('x'), Buffer.alloc(1_400, 0xc0), encode({ type: 'query' })]) {
    const { lines, pagesAsked } = await search(t, { answers: [], raw, isAsked: false });
    t.deepEqual([lines, pagesAsked], [[], []]);
  }
});

test('a name steers no terminal, and no long answer is read to its end', async (t) => {
  const name = JSON.stringify({ name: `warp-\u001b[2J${'A'.repeat(300)}` });
  const long = await search(t, { answers: [pointer(CHARGERS, 'x')], pages: { '/info/name': name } });
  t.regex(long.lines.join(), /^http:\S+ {2}warp-\[2JA{80,95} {2}of unknown type/);
  const endless = { '/info/name': `{"name":"${'A'.repeat(100_000)}"}` };
  const { lines } = await search(t, { answers: [pointer(CHARGERS, 'x')], pages: endless });
  t.deepEqual(lines, []);
});

test('one that announces itself and never answers is listed too', async (t) => {
  const { lines, url } = await search(t, { answers: [pointer(CHARGERS, 'warp-x1')], hangs: true });
  t.deepEqual(lines, [
    `${url}  warp-x1  announces itself, but does not answer over HTTP: it may take only https://`,
  ]);
});
