import test from 'ava';
import { Refused, Unavailable } from '../../../src/base/errors.js';
import type { Json } from '../../../src/base/json.js';
import { until } from '../../_until.js';
import { cert, key } from './_certificate.js';
import { connected, passUntil, type Rig, start, turns } from './_rig.js';

const external = 'evse/external_current';
const commands = ['evse/start_charging'];

const sent = ({ server }: Rig) =>
  server.requests.filter(({ method }) => method === 'PUT').map(({ path, body }) => `${path} ${body}`);
const looks = ({ server }: Rig, path: string) => server.asked('GET').filter((one) => one === path).length;

/** A backend with push up, so that every GET is a read-back. */
async function pushed(
  t: Parameters<typeof start>[0],
  options: Parameters<typeof start>[1] = {},
): Promise<Rig> {
  const rig = await start(t, { ...options, server: { commands, ...options.server } });
  await connected(rig, 'online websocket');
  return rig;
}

const writes: readonly [path: string, value: Json, expected: string][] = [
  [external, { current: 8000 }, 'evse/external_current_update {"current":8000}'],
  [
    'evse/external_defaults',
    { current: 0, clear_on_disconnect: true },
    'evse/external_defaults_update {"current":0,"clear_on_disconnect":true}',
  ],
  ['evse/start_charging', null, 'evse/start_charging null'],
  ['evse/start_charging', {}, 'evse/start_charging {}'],
];

for (const [path, value, expected] of writes) {
  test(`sent: ${expected}`, async (t) => {
    const rig = await pushed(t);
    await rig.backend.write(path, value);
    t.deepEqual(sent(rig), [expected]);
  });
}

test('a topic without a row is written through its _update', async (t) => {
  const rig = await pushed(t, { states: { 'evse/odd': { a: 1 } } });
  await rig.backend.write('evse/odd', { a: 2 });
  t.deepEqual(sent(rig), ['evse/odd_update {"a":2}']);
  await until(() => rig.sink.latest.get('evse/odd') === '{"a":2}', 'the read-back');
});

for (const path of ['evse/a?b', 'evse/%41', 'evse/../x y', '/evse/a', 'evse//a', 'evse/ä', '']) {
  test(`never sent as a URL: ${JSON.stringify(path)}`, async (t) => {
    const rig = await pushed(t);
    await t.throwsAsync(rig.backend.write(path, 1), { instanceOf: Refused });
    t.deepEqual(rig.server.requests, []);
  });
}

test('where only the bare name is known it is tried once, and remembered', async (t) => {
  const rig = await pushed(t);
  rig.server.fault = ({ method, path, body }, response) => {
    if (method !== 'PUT') return false;
    if (path === external) rig.server.set(path, body);
    return Boolean(response.writeHead(path === external ? 200 : 404, { 'Content-Length': 0 }).end());
  };
  await rig.backend.write(external, { current: 7000 });
  await rig.backend.write(external, { current: 8000 });
  t.deepEqual(rig.server.asked('PUT'), [`${external}_update`, external, external]);
  rig.server.fault = undefined;
  await rig.backend.write(external, { current: 9000 });
  await rig.backend.write(external, { current: 10000 });
  t.deepEqual(rig.server.asked('PUT').slice(3), [external, `${external}_update`, `${external}_update`]);
});

const answers: readonly [
  status: number,
  text: string,
  error: typeof Refused | typeof Unavailable,
  message: RegExp,
][] = [
  [400, ' ["current"] expected an integer\n', Refused, /^\["current"\] expected an integer$/],
  [400, 'line one\nline two', Refused, /^line one\nline two$/],
  [400, '', Refused, /^HTTP 400$/],
  [400, 'x'.repeat(2_000), Refused, /^x{500}$/],
  [413, '', Refused, /^HTTP 413$/],
  [404, 'no such thing', Refused, /^no such thing$/],
  [401, '', Unavailable, /asks for a login \(HTTP 401\); set CHARGER_USERNAME/],
  [403, 'https only', Unavailable, /forbids access \(HTTP 403\); it takes only HTTPS/],
  [500, 'main loop', Unavailable, /answered HTTP 500; the write may or may not have been taken$/],
  [503, '', Unavailable, /answered HTTP 503; the write may or may not have been taken$/],
  [302, '', Unavailable, /answered HTTP 302; the write may/],
];

for (const [status, text, error, message] of answers) {
  test(`the charger answers ${status} ${JSON.stringify(text.slice(0, 40))}`, async (t) => {
    const rig = await pushed(t);
    rig.server.fault = (_, response) =>
      Boolean(response.writeHead(status, { 'Content-Length': text.length }).end(text));
    const thrown = await t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
      instanceOf: error,
      message,
    });
    if (thrown instanceof Refused) t.is(thrown.code, 'rejected');
    await rig.clock.pass(3_000);
    t.deepEqual(rig.server.asked('GET'), [], 'nothing to read back');
  });
}

test('a write without an answer may have been taken, and is not sent again', async (t) => {
  const rig = await pushed(t);
  rig.server.fault = () => true;
  const write = t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
    instanceOf: Unavailable,
    message: /did not answer within 5 s.*; the write may or may not have been taken$/,
  });
  await until(() => rig.server.requests.length === 1, 'the write');
  await rig.clock.pass(5_000);
  await write;
  t.is(rig.server.asked('PUT').length, 1);
});

test('a write that never got a connection was not taken', async (t) => {
  const rig = await pushed(t);
  await rig.server.stop();
  const error = await t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
    instanceOf: Unavailable,
  });
  t.regex(error.message, /ECONNREFUSED/);
  t.false(error.message.includes('may or may not'));
});

test('over a connection that the charger forgot, a setting is sent again, an action is not', async (t) => {
  const rig = await pushed(t);
  await rig.backend.write(external, { current: 7000 });
  const old = rig.server.connections;
  rig.server.fault = ({ method, connection }, response) =>
    method === 'PUT' && connection <= old && Boolean(response.socket?.resetAndDestroy());
  await rig.backend.write(external, { current: 8000 });
  t.is(rig.server.states.get(external), '{"current":8000}');
  const now = rig.server.connections;
  rig.server.fault = ({ method, connection }, response) =>
    method === 'PUT' && connection <= now && Boolean(response.socket?.resetAndDestroy());
  await t.throwsAsync(rig.backend.write('evse/start_charging', null), {
    instanceOf: Unavailable,
    message: /closed the connection before it had answered.*; the write may or may not have been taken/,
  });
  t.is(rig.server.asked('PUT').filter((path) => path === 'evse/start_charging').length, 1);
});

test('the write is answered before it is read back', async (t) => {
  const rig = await pushed(t);
  rig.server.fault = ({ method }) => method === 'GET';
  await rig.backend.write(external, { current: 8000 });
  await rig.backend.write(external, { current: 9000 });
  t.is(rig.server.asked('PUT').length, 2, 'a hanging read-back holds up no write');
});

test('what was written is read once when it is there at once', async (t) => {
  const rig = await pushed(t);
  rig.server.take = (path, body) => void rig.server.states.set(path, body);
  await rig.backend.write(external, { current: 8000 });
  await until(() => rig.sink.latest.get(external) === '{"current":8000}', 'the read-back');
  await rig.clock.pass(5_000);
  t.is(looks(rig, external), 1);
});

test('and again until it shows, because the controller takes its time', async (t) => {
  const rig = await pushed(t);
  rig.server.take = () => {};
  await rig.backend.write(external, { current: 8000 });
  await until(() => looks(rig, external) === 1, 'the first look');
  t.not(rig.sink.latest.get(external), '{"current":8000}');
  rig.server.states.set(external, '{"current":8000,"more":1}');
  await passUntil(
    rig,
    () => rig.sink.latest.get(external) === '{"current":8000,"more":1}',
    'the second look',
  );
  t.true(rig.clock.now() <= 350, `after ${rig.clock.now()} ms`);
  await rig.clock.pass(5_000);
  t.is(looks(rig, external), 2);
});

test('a value that the charger ignores is looked for three times', async (t) => {
  const rig = await pushed(t);
  rig.server.take = () => {};
  await rig.backend.write(external, { current: 8000 });
  for (let step = 0; step < 40; step++) {
    await rig.clock.pass(100);
    rig.server.ping();
    await turns();
  }
  t.is(looks(rig, external), 3);
});

test('an action is followed by the slots and the state', async (t) => {
  const rig = await pushed(t);
  rig.server.take = () => {
    rig.server.states.set('evse/slots', '["started"]');
    rig.server.states.set('evse/state', '{"started":true}');
  };
  await rig.backend.write('evse/start_charging', null);
  await until(() => rig.sink.latest.get('evse/state') === '{"started":true}', 'the state');
  await until(() => rig.sink.latest.get('evse/slots') === '["started"]', 'the slots');
  t.deepEqual(rig.server.asked('GET').slice(0, 2).sort(), ['evse/slots', 'evse/state']);
});

test('push news that comes during a read-back is newer than the read-back', async (t) => {
  const rig = await pushed(t);
  let late: (() => void) | undefined;
  rig.server.fault = ({ method }, response) => {
    if (method !== 'GET' || late) return false;
    late = () => response.end('{"current":6000}');
    return true;
  };
  await rig.backend.write(external, { current: 8000 });
  await until(() => late !== undefined, 'the read-back');
  rig.server.set(external, '{"current":9000}');
  await until(() => rig.sink.latest.get(external) === '{"current":9000}', 'the news');
  late?.();
  await turns();
  await turns();
  t.is(rig.sink.latest.get(external), '{"current":9000}');
  t.false(rig.sink.told(external).includes('{"current":6000}'));
});

test('writes wait for one another, and polls do not hold them up', async (t) => {
  const rig = await start(t, { transport: 'poll', server: { commands } });
  await connected(rig, 'online polling');
  rig.server.fault = ({ method }) => method === 'GET';
  const currents = [6000, 7000, 8000];
  await Promise.all(currents.map((current) => rig.backend.write(external, { current })));
  t.deepEqual(
    sent(rig),
    currents.map((current) => `${external}_update {"current":${current}}`),
  );
  t.true(rig.server.mostSockets <= 2);
});

test('https: a self-signed certificate is refused, with the remedy, and taken when allowed', async (t) => {
  const refused = await start(t, { server: { tls: { key, cert } } });
  await connected(refused, 'offline');
  t.regex(
    refused.sink.connection ?? '',
    /^offline https:\/\/127\.0\.0\.1:\d+ has a certificate that is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\).*CHARGER_REJECT_UNAUTHORIZED=false/,
  );
  const login = { username: 'owner', password: 'secret' };
  const taken = await start(t, {
    server: { tls: { key, cert }, login },
    ...login,
    rejectUnauthorized: false,
  });
  await connected(taken, 'online websocket');
  await taken.backend.write(external, { current: 8000 });
  t.is(taken.server.states.get(external), '{"current":8000}');
  await until(() => looks(taken, external) === 1, 'the read-back');
  t.true(taken.server.mostSockets <= 3);
});
