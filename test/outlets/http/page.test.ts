import { connect, type Socket } from 'node:net';
import test from 'ava';
import { until } from '../../_until.js';
import { ask, openEvents, testPage } from './_page.js';

const state = (charger_state: number) => ({
  iec61851_state: charger_state === 3 ? 2 : 0,
  charger_state,
  contactor_state: 1,
  contactor_error: 0,
  allowed_charging_current: 16_000,
  error_state: 0,
  lock_state: 0,
});

const write = (payload: string, prefix = 'warp') =>
  JSON.stringify({ prefix, path: 'evse/external_current', payload });

test('an open page gets everything at first, then what changes', async (t) => {
  const page = await testPage(t);
  const [one] = page.chargers;
  one?.backend.reports('evse/state', state(0));
  const events = await openEvents(t, page);
  const first = await events.next();
  t.is(first.event, 'snapshot');
  t.like(first.data, { prefix: 'warp', version: '1.2.3', simulated: false });
  t.deepEqual(first.data.diagnosis, {
    kind: 'idle',
    text: ['No car is connected.', 'Kein Auto ist angesteckt.'],
  });
  one?.backend.reports('evse/state', state(3));
  await one?.clock.pass(250);
  const { event, data } = await events.next();
  t.is(event, 'update');
  t.deepEqual(data.states, { 'evse/state': JSON.stringify(state(3)) });
  t.is((data.diagnosis as { kind: string }).kind, 'charging');
});

test('changes in quick succession come as one, with the newest value', async (t) => {
  const page = await testPage(t);
  const [one] = page.chargers;
  const events = await openEvents(t, page);
  await events.next();
  for (const current of [6_000, 7_000, 8_000]) one?.backend.reports('evse/external_current', { current });
  await one?.clock.pass(250);
  t.deepEqual((await events.next()).data.states, { 'evse/external_current': '{"current":8000}' });
});

test('a broker that goes is told with the reason, and when it is back', async (t) => {
  const page = await testPage(t);
  const [one] = page.chargers;
  const events = await openEvents(t, page);
  await events.next();
  one?.link.disconnect({ reason: 'lost', text: 'the cable is out' });
  await one?.clock.pass(250);
  const away = (await events.next()).data;
  t.like(away.broker, { up: false, detail: 'the cable is out' });
  t.truthy(away.notice);
  one?.link.connect();
  await one?.clock.pass(250);
  const back = (await events.next()).data;
  t.like(back.broker, { up: true });
  t.is(back.notice, undefined);
});

test('a write goes through the one door, and everybody sees the answer', async (t) => {
  const page = await testPage(t);
  const [one] = page.chargers;
  const events = await openEvents(t, page);
  await events.next();
  const good = await ask(page, 'POST', '/api/write', write('10000'));
  t.like(JSON.parse(good.text), { status: 'ok', value: { current: 10_000 } });
  t.deepEqual(one?.backend.writes, [{ path: 'evse/external_current', value: { current: 10_000 } }]);
  const bad = await ask(page, 'POST', '/api/write', write('3000'));
  t.like(JSON.parse(bad.text), { status: 'error', code: 'invalid' });
  await one?.clock.pass(250);
  const { writes } = (await events.next()).data as { writes: { outcome: string }[] };
  t.deepEqual(
    writes.map(({ outcome }) => outcome),
    ['invalid', 'ok'],
  );
});

test('a body that is no write is refused', async (t) => {
  const page = await testPage(t);
  for (const body of ['', '{', '[]', '{"prefix":"warp"}', write('0', 'other')]) {
    t.is((await ask(page, 'POST', '/api/write', body)).status, 400, body);
  }
  t.is((await ask(page, 'POST', '/api/write', `"${'x'.repeat(70_000)}"`)).status, 413);
  t.deepEqual(page.chargers[0]?.backend.writes, []);
});

test('a name that was rebound to this machine is refused', async (t) => {
  const page = await testPage(t);
  for (const host of [
    'evil.example',
    'evil.example:8092',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ]) {
    const { status, text } = await ask(page, 'GET', '/', undefined, { host });
    t.is(status, 421, host);
    t.regex(text, /HTTP_ALLOWED_HOSTS/);
  }
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8092', '[::1]:8092']) {
    t.not((await ask(page, 'GET', '/', undefined, { host })).status, 421, host);
  }
});

test('another site can’t write', async (t) => {
  const page = await testPage(t);
  const own = `http://127.0.0.1:${page.port}`;
  const cases: [headers: Record<string, string | undefined>, status: number][] = [
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: `${own}.evil.example` }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: undefined }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': undefined }, 415],
  ];
  for (const [headers, status] of cases) {
    const answer = await ask(page, 'POST', '/api/write', write('10000'), headers);
    t.is(answer.status, status, JSON.stringify(headers));
  }
  t.deepEqual(page.chargers[0]?.backend.writes, []);
  t.is(
    (await ask(page, 'POST', '/api/write', write('10000'), { 'sec-fetch-site': 'same-origin' })).status,
    200,
  );
});

test('every answer of the page forbids foreign code and frames', async (t) => {
  const page = await testPage(t);
  for (const path of ['/', '/api/topics', '/nothing']) {
    const { headers } = await ask(page, 'GET', path);
    const policy = String(headers['content-security-policy']);
    t.regex(policy, /default-src 'none'/);
    t.regex(policy, /frame-ancestors 'none'/);
    t.notRegex(policy, /unsafe/);
    t.is(headers['x-content-type-options'], 'nosniff');
  }
});

test('of several chargers one is shown, and all are listed', async (t) => {
  const page = await testPage(t, ['garage/left', 'garage/right']);
  const events = await openEvents(t, page, '?charger=garage%2Fright');
  const { data } = await events.next();
  t.is(data.prefix, 'garage/right');
  t.deepEqual(
    (data.chargers as { prefix: string }[]).map(({ prefix }) => prefix),
    ['garage/left', 'garage/right'],
  );
  t.is((await ask(page, 'GET', '/api/events?charger=other')).status, 404);
});

test('at most 20 pages are open; one that closes makes room', async (t) => {
  const page = await testPage(t);
  const open = [];
  for (let count = 0; count < 20; count++) open.push(await openEvents(t, page));
  t.true(open.every(({ status }) => status === 200));
  t.is((await openEvents(t, page)).status, 503);
  open[0]?.close();
  let again = await openEvents(t, page);
  while (again.status === 503) again = await openEvents(t, page);
  t.is(again.status, 200);
});

test('a charger that comes is in the list; the page of one that goes ends, and asks in vain', async (t) => {
  const page = await testPage(t, ['a', 'b']);
  const [one, other] = page.chargers;
  const [a, b] = page.contexts;
  if (!a || !b) return t.fail();
  page.contexts.splice(1, 1);
  const events = await openEvents(t, page);
  t.like((await events.next()).data, { prefix: 'a', chargers: { length: 1 } });
  page.contexts.splice(0, 2, b);
  one?.backend.reports('evse/state', state(3));
  await one?.clock.pass(250);
  await t.throwsAsync(events.next(), { message: 'the events ended' });
  t.is((await openEvents(t, page, '?charger=a')).status, 404);
  other?.backend.reports('evse/state', state(3));
  t.like((await (await openEvents(t, page)).next()).data, { prefix: 'b', chargers: { length: 1 } });
});

test('the list tells of another charger, and of one that comes, although nothing happens at the one that is shown', async (t) => {
  const page = await testPage(t, ['a', 'b', 'c']);
  const [one, other] = page.chargers;
  const [, , c] = page.contexts;
  if (!c) return t.fail();
  page.contexts.splice(2, 1);
  const events = await openEvents(t, page);
  const list = async () => {
    await one?.clock.pass(2_250);
    const { chargers } = (await events.next()).data as { chargers: { prefix: string; kind: string }[] };
    return chargers.map(({ prefix, kind }) => `${prefix} ${kind}`);
  };
  await events.next();
  other?.backend.reports('evse/state', state(3));
  t.deepEqual(await list(), ['a waiting', 'b charging']);
  other?.backend.sink?.offline('it is gone');
  t.deepEqual(await list(), ['a waiting', 'b fault']);
  page.contexts.push(c);
  t.deepEqual(await list(), ['a waiting', 'b fault', 'c waiting']);
});

test('the history is half an hour of samples, whatever happens', async (t) => {
  const page = await testPage(t);
  const [one] = page.chargers;
  one?.backend.reports('evse/state', state(3));
  one?.backend.reports('meter/values', { power: 7_000, energy_rel: 0, energy_abs: 1 });
  one?.clock.jump(3 * 60 * 60_000);
  const { data } = await (await openEvents(t, page)).next();
  const { power, allowed } = data.history as { power: number[]; allowed: number[] };
  t.deepEqual([power.length, power.at(-1), allowed.length, allowed.at(-1)], [360, 7_000, 360, 16]);
});

test('the last 100 writes are kept, the newest first', async (t) => {
  const page = await testPage(t);
  for (let count = 0; count < 130; count++) await ask(page, 'POST', '/api/write', write(`[${count}]`));
  const { data } = await (await openEvents(t, page)).next();
  const writes = data.writes as { detail: string }[];
  t.is(writes.length, 100);
  t.regex(writes[0]?.detail ?? '', /129/);
});

test('every topic is listed with its meaning', async (t) => {
  const page = await testPage(t);
  const topics = JSON.parse((await ask(page, 'GET', '/api/topics')).text) as {
    path: string;
    doc: string;
    writable: boolean;
  }[];
  const current = topics.find(({ path }) => path === 'evse/external_current');
  t.is(current?.writable, true);
  t.true(topics.every(({ doc }) => doc !== ''));
});

test('no path ends the server', async (t) => {
  const page = await testPage(t);
  for (const path of [
    '//',
    '//[',
    '/%00',
    '/?charger=%',
    '/api/events?charger=%ff',
    '/../etc/passwd',
    '/page.js/',
  ]) {
    const { status } = await ask(page, 'GET', path);
    t.true(status === 404 || status === 200, `${path}: ${status}`);
  }
  t.is((await ask(page, 'DELETE', '/api/write')).status, 415);
  t.is((await ask(page, 'GET', '/livez')).status, 200);
});

test('a page that does not read costs no memory, and sees the newest when it reads on', async (t) => {
  const page = await testPage(t);
  const [one] = page.chargers;
  if (!one) return t.fail();
  const socket = connect(page.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write(`GET /api/events HTTP/1.1\r\nhost: 127.0.0.1:${page.port}\r\n\r\n`);
  await new Promise((done) => socket.once('data', done));
  socket.pause();
  const filling = 'x'.repeat(30_000);
  // 60 MB, of which the machine itself keeps some for a reader that is slow.
  for (let number = 1; number <= 2_000; number++) {
    one.backend.reports('evse/more', { number, filling });
    await one.clock.pass(250);
  }
  let [received, rest] = [0, ''];
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    rest = (rest + chunk.toString()).slice(-100_000);
  });
  socket.resume();
  await until(
    async () => {
      await one.clock.pass(250);
      return rest.includes('\\"number\\":2000,');
    },
    () => `the newest value; ${received} bytes, ${rest.slice(0, 300)}…${rest.slice(-300)}`,
  );
  t.true(received < 30_000_000, `${received} bytes were kept`);
});

/** Half a request: without the end of its header lines, or without its body. */
const HALVES = [
  'POST /api/write HTTP/1.1\r\nhost: ',
  'POST /api/write HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: http://127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n',
  '',
];

test('10 000 clients that say half a request hold up nobody', async (t) => {
  const page = await testPage(t);
  const open = new Set<Socket>();
  t.teardown(() => {
    for (const socket of open) socket.destroy();
  });
  const half = (index: number) =>
    new Promise<void>((done) => {
      const socket = connect(page.port, '127.0.0.1').resume();
      open.add(socket);
      socket.on('error', done);
      socket.on('close', () => {
        open.delete(socket);
        done();
      });
      socket.on('connect', () => socket.write(HALVES[index % HALVES.length] ?? '', () => done()));
    });
  for (let begun = 0; begun < 10_000; begun += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, index) => half(begun + index)));
    t.is((await ask(page, 'GET', '/livez')).status, 200);
  }
});
