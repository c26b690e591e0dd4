import { createHash } from 'node:crypto';
import test from 'ava';
import { WebSocket } from 'ws';
import { ask, Line, type Reply, until, world } from './_simulator.js';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const login = { username: 'otto', password: 'p"ss,w:rd' };

interface Answering {
  readonly method?: string;
  readonly uri?: string;
  readonly nonce?: string;
  readonly nc?: string;
  readonly password?: string;
  readonly realm?: string;
  readonly username?: string;
}

/** An Authorization header as RFC 7616 has it, with MD5 and qop=auth. */
function authorization(options: Answering = {}): string {
  const { method = 'GET', uri = '/evse/state', nonce = 'ab'.repeat(16), nc = '00000001' } = options;
  const { password = login.password, realm = 'esp32-lib', username = login.username } = options;
  const response = md5(
    `${md5(`${username}:${realm}:${password}`)}:${nonce}:${nc}:cafe:auth:${md5(`${method}:${uri}`)}`,
  );
  return `Authorization: Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="cafe", response="${response}"`;
}

const challengeOf = ({ headers }: Reply) =>
  headers.find((header) => header.startsWith('WWW-Authenticate: ')) ?? '';

test('without a login everything is 401 with a challenge, except two pages', async (t) => {
  const { port } = await world(t, login);
  const requests: readonly (readonly [string, string])[] = [
    ['GET', '/evse/state'],
    ['GET', '/evse/nothing'],
    ['PUT', '/evse/stop_charging'],
    ['GET', '/info/name'],
    ['GET', '/credential_check'],
    ['GET', '/simulator/vehicle'],
    ['GET', '/ws'],
    ['PUT', '/'],
    ['DELETE', '/evse/state'],
  ];
  for (const [method, path] of requests) {
    const reply = await ask(port, method, path);
    t.deepEqual([reply.status, reply.body], [401, ''], path);
    t.regex(
      challengeOf(reply),
      /^WWW-Authenticate: Digest realm="esp32-lib", qop="auth", nonce="[0-9a-f]{32}", opaque="[0-9a-f]{32}"$/,
    );
  }
  t.is((await ask(port, 'GET', '/')).status, 200);
  t.deepEqual((await ask(port, 'GET', '/login_state')).body, 'Not logged in');
});

test('challenges differ', async (t) => {
  const { port } = await world(t, login);
  t.not(
    challengeOf(await ask(port, 'GET', '/evse/state')),
    challengeOf(await ask(port, 'GET', '/evse/state')),
  );
});

test('curl’s two steps on one connection', async (t) => {
  const { port, writes } = await world(t, login);
  const line = await Line.open(port);
  line.request('PUT', '/evse/external_current', '', ['User-Agent: curl/7.88.1', 'Accept: */*']);
  const nonce = /nonce="([^"]+)"/.exec(challengeOf(await line.reply()))?.[1] ?? '';
  const header = authorization({ method: 'PUT', uri: '/evse/external_current', nonce });
  line.request('PUT', '/evse/external_current', '16000', [header, 'User-Agent: curl/7.88.1', 'Accept: */*']);
  t.is((await line.reply()).status, 200);
  line.end();
  t.deepEqual(writes, [{ path: 'evse/external_current', value: { current: 16000 } }]);
});

const accepted: Readonly<Record<string, Answering>> = {
  'a nonce of the client’s own': { nonce: 'mine' },
  'the same nonce and count again': { nonce: 'mine' },
  'another uri than the path': { uri: '/something/else' },
};

test('neither nonce, count nor uri is compared with anything', async (t) => {
  const { port } = await world(t, login);
  for (const [what, options] of Object.entries(accepted)) {
    t.is((await ask(port, 'GET', '/evse/state', undefined, [authorization(options)])).status, 200, what);
  }
  t.is((await ask(port, 'GET', '/login_state', undefined, [authorization()])).body, 'Logged in');
});

const good = authorization();

/** Headers that do not log in, with GET. */
const denied: Readonly<Record<string, string>> = {
  'wrong password': authorization({ password: 'x' }),
  'wrong user': authorization({ username: 'anna' }),
  'wrong realm': authorization({ realm: 'charger' }),
  'the hash of another method': authorization({ method: 'PUT' }),
  'no qop': good.replace('qop=auth, ', ''),
  'no nc': good.replace('nc=00000001, ', ''),
  'no cnonce': good.replace('cnonce="cafe", ', ''),
  'lower case scheme': good.replace('Digest', 'digest'),
  'a comma inside a value': authorization({ nonce: 'a,b' }),
  Basic: `Authorization: Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`,
  Bearer: 'Authorization: Bearer x',
  empty: 'Authorization: Digest ',
};

for (const [what, header] of Object.entries(denied)) {
  test(`${what} is 401`, async (t) => {
    const { port } = await world(t, login);
    t.is((await ask(port, 'GET', '/evse/state', undefined, [header])).status, 401);
  });
}

test('methods other than GET, PUT and POST never log in', async (t) => {
  const { port } = await world(t, login);
  for (const method of ['DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
    t.is(
      (await ask(port, method, '/evse/state', undefined, [authorization({ method })])).status,
      401,
      method,
    );
  }
});

test('a WebSocket needs the login too', async (t) => {
  const { port } = await world(t, login);
  const denial = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const status = await new Promise((resolve) => {
    denial.on('unexpected-response', (_, response) =>
      resolve([response.statusCode, response.headers['www-authenticate']]),
    );
  });
  t.is((status as unknown[])[0], 401);
  t.regex(String((status as unknown[])[1]), /^Digest realm="esp32-lib"/);
  const header = authorization({ uri: '/ws' }).slice('Authorization: '.length);
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers: { Authorization: header } });
  t.teardown(() => client.terminate());
  await until(() => client.readyState === WebSocket.OPEN);
  t.pass();
});

test('users/config says that a login is needed, and hides the hash', async (t) => {
  const { port } = await world(t, login);
  const uri = '/users/config';
  const { body } = await ask(port, 'GET', uri, undefined, [authorization({ uri })]);
  t.like(JSON.parse(body), {
    http_auth_enabled: true,
    users: { 1: { username: 'otto', digest_hash: null } },
  });
});
