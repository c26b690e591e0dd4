import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import type { OutletContext } from '../../../src/charger/outlet.js';
import { webServer } from '../../../src/outlets/http/web-server.js';
import { FakeLink, FakeLog, fakeCharger } from '../../_fakes.js';
import { freePort } from '../../_ports.js';
import { openAccess } from './_page.js';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function bench(t: ExecutionContext, settings: Partial<typeof openAccess | object> = {}, count = 1) {
  const log = new FakeLog();
  const setups = Array.from({ length: count }, () => fakeCharger());
  const links = setups.map(() => new FakeLink());
  const chargers = setups.map(
    ({ charger, clock }, at): OutletContext => ({
      prefix: `c${at}`,
      name: undefined,
      charger,
      link: links[at] ?? new FakeLink(),
      clock,
      log,
      backend: 'http',
      page: undefined,
      version: '0',
      started: '',
    }),
  );
  const [first] = setups;
  if (!first) throw new Error('no charger');
  const port = await freePort();
  const close = await webServer(
    { chargers, clock: first.clock, log },
    { ...openAccess, 'http.port': port, ...settings },
  );
  t.teardown(async () => {
    for (const { stop } of setups) stop();
    await close();
  });
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', host = '127.0.0.1') =>
    new Promise<Answer>((resolve, reject) => {
      const question = request({ host, port, path, method, headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part) => {
          body += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      question.on('error', reject).end();
    });
  return { port, ask, log, setups, links, clock: first.clock };
}

const basic = (login: string) => ({ authorization: `Basic ${Buffer.from(login).toString('base64')}` });

test('what is served beside the page', async (t) => {
  const { ask } = await bench(t);
  t.deepEqual(JSON.parse((await ask('/livez')).body), { status: 'ok', program: 'evse-mqtt-bridge' });
  t.deepEqual(JSON.parse((await ask('/readyz')).body), { status: 'ok', ready: 1, of: 1 });
  t.regex((await ask('/metrics')).body, /evse_charger_up\{charger="c0"\} 1/);
  t.is((await ask('/livez?x=1')).status, 200);
  for (const path of ['/nonsense', '//', '/constructor', '/__proto__'])
    t.is((await ask(path)).status, 404, path);
  t.is((await ask('/livez')).headers['cache-control'], 'no-store');
});

test('ready is who has a broker, its subscriptions and a charger; a share may suffice', async (t) => {
  const { ask, links, setups } = await bench(t, { 'http.readyShare': 0.5 }, 2);
  const ready = async () => {
    const { status, body } = await ask('/readyz');
    return { code: status, ...JSON.parse(body) };
  };
  const [one, two] = links;
  if (!one || !two) return t.fail();
  one.disconnect();
  t.deepEqual(await ready(), {
    code: 200,
    status: 'ok',
    ready: 1,
    of: 2,
    reasons: ['c0: no connection to the broker'],
  });
  two.denied = ['c1/evse/external_current_update'];
  two.faults = ['the broker denies it'];
  t.like(await ready(), { code: 503, status: 'not ready', ready: 0 });
  t.true((await ready()).reasons?.includes('c1: the broker denies it'));
  two.denied = [];
  setups[1]?.backend.sink?.offline('it does not answer');
  t.deepEqual((await ready()).reasons, ['c0: no connection to the broker', 'c1: it does not answer']);
});

test('a charger that could not be made is not ready; where none is wanted, nothing is waited for', async (t) => {
  const { clock, stop } = fakeCharger();
  t.teardown(stop);
  const missing: string[] = [];
  const port = await freePort();
  const context = { chargers: [], missing, clock, log: new FakeLog() };
  const close = await webServer(context, { ...openAccess, 'http.port': port });
  t.teardown(async () => void (await close()));
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    return [answer.status, await answer.json()];
  };
  t.deepEqual(await ready(), [200, { status: 'ok', ready: 0, of: 0 }]);
  missing.push('garage: its file can’t be read');
  t.deepEqual(await ready(), [
    503,
    { status: 'not ready', ready: 0, of: 1, reasons: ['garage: its file can’t be read'] },
  ]);
});

test('without a login only this machine is served, whatever was set, and that is told', async (t) => {
  const { ask, log } = await bench(t, { 'http.host': '0.0.0.0' });
  t.is((await ask('/livez')).status, 200);
  t.regex(log.texts('warn').join(), /HTTP_HOST=0\.0\.0\.0 is not obeyed.*HTTP_USERNAME and HTTP_PASSWORD/);
  await t.throwsAsync(ask('/livez', {}, 'GET', '127.0.0.2'), { code: 'ECONNREFUSED' });
});

test('with a login others may be served, those who know it', async (t) => {
  const login = { 'http.username': 'ann', 'http.password': 'pässword' };
  const { ask, clock } = await bench(t, { 'http.host': '0.0.0.0', ...login });
  t.is((await ask('/livez', {}, 'GET', '127.0.0.2')).status, 200, 'alive is no secret');
  t.is((await ask('/readyz')).status, 200);
  const denied = await ask('/metrics');
  t.is(denied.status, 401);
  t.regex(String(denied.headers['www-authenticate']), /^Basic realm=/);
  t.is((await ask('/metrics', basic('ann:pässword'))).status, 200);
  const wrong = Promise.all(
    ['ann:password', 'ann:', 'bob:pässword', ':'].map((it) => ask('/metrics', basic(it))),
  );
  let answered = false;
  void wrong.then(() => {
    answered = true;
  });
  while (clock.waiting < 4) await clock.pass(0);
  t.false(answered, 'wrong ones are answered late');
  await clock.pass(500);
  t.deepEqual(
    (await wrong).map(({ status }) => status),
    [401, 401, 401, 401],
  );
});

test('under a name that nobody allowed /readyz tells whether, but not why; a kubelet asks by address', async (t) => {
  const { ask, links } = await bench(t, { 'http.allowedHosts': ['bridge.example'] });
  links[0]?.disconnect();
  const ready = async (host: string) => {
    const { status, body } = await ask('/readyz', { host });
    return { code: status, ...JSON.parse(body) };
  };
  const why = { reasons: ['c0: no connection to the broker'] };
  for (const host of ['evil.example', 'bridge.example.evil.example', '10.0.0.7.evil.example:8092'])
    t.deepEqual(await ready(host), { code: 503, status: 'not ready', ready: 0, of: 1 }, host);
  for (const host of ['10.0.0.7:8092', '[fd00::7]:8092', 'localhost', 'bridge.example:8092'])
    t.deepEqual(await ready(host), { code: 503, status: 'not ready', ready: 0, of: 1, ...why }, host);
});

test('a name that nobody allowed is not answered: a page of a stranger may have sent the browser', async (t) => {
  const { ask } = await bench(t, { 'http.allowedHosts': ['Charger.example'] });
  const status = async (host: string) => (await ask('/metrics', { host })).status;
  t.is(await status('evil.example'), 421);
  t.is(await status('localhost.evil.example'), 421);
  for (const host of ['localhost:8092', '127.0.0.1:8092', '[::1]:8092', '192.0.2.7', 'charger.example:80'])
    t.is(await status(host), 200, host);
  t.is((await ask('/livez', { host: 'evil.example' })).status, 200, 'probes come under any name');
});

test('a write through a proxy on this machine names the page as its visitors know it', async (t) => {
  const { ask } = await bench(t, { 'http.allowedHosts': ['charger.example'] });
  const from = async (origin: string) =>
    (await ask('/api/write', { 'content-type': 'application/json', origin }, 'POST')).status;
  t.is(await from('https://charger.example'), 400, 'let through, though empty');
  t.is(await from('https://evil.example'), 403);
  t.is(await from('http://192.0.2.7'), 403);
  t.is(await from('http://localhost:3000'), 403);
});

test('a proxy that has done the login is let in; on this machine its names still count', async (t) => {
  const login = { 'http.username': 'ann', 'http.password': 'secret' };
  const { ask } = await bench(t, { ...login, 'http.trustedProxies': ['127.0.0.0/8', 'fd00::/8'] });
  t.is((await ask('/metrics')).status, 200);
  t.is((await ask('/metrics', { host: 'evil.example' })).status, 421);
});

test('a busy port that was asked for is one sentence; 0 is none', async (t) => {
  const { port } = await bench(t);
  const log = new FakeLog();
  const { clock } = fakeCharger();
  const context = { chargers: [], clock, log };
  await t.throwsAsync(async () => webServer(context, { ...openAccess, 'http.port': port }), {
    name: 'CannotStart',
    message: `can't listen on 127.0.0.1:${port} for the page and health checks (the port is in use): change HTTP_HOST and HTTP_PORT`,
  });
  await webServer(context, { ...openAccess, 'http.port': 0 });
  t.deepEqual(log.lines, []);
});
