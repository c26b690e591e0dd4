import test from 'ava';
import { Refused, Unavailable } from '../../../src/base/errors.js';
import type { Json } from '../../../src/base/json.js';
import { chargerTopics } from '../../../src/topics/index.js';
import { until } from '../../_until.js';
import { cert, key } from './_certificate.js';
import { audited, connected, passUntil, type Rig, someStates, start } from './_rig.js';
import type { ScriptedCharger } from './_server.js';

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
  await audited(rig);
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
  const rig = await pushed(t, { states: { ...someStates(), 'evse/odd': { a: 1 } } });
  await rig.backend.write('evse/odd', { a: 2 });
  t.deepEqual(sent(rig), ['evse/odd_update {"a":2}']);
});

test('a command that has no state is sent by its own name, and its password is not in the log', async (t) => {
  const path = 'evse/reset_dc_fault_current_state';
  const rig = await pushed(t, { topics: chargerTopics(), server: { commands: [...commands, path] } });
  await rig.backend.write(path, { password: 918_273 });
  t.deepEqual(sent(rig), [`${path} {"password":918273}`]);
  t.false(JSON.stringify(rig.log.lines).includes('918273'));
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
  [404, 'no such thing', Refused, /^this charger has no evse\/external_current \(no such thing\)$/],
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

test('who answers a write with a page is no charger, and has not taken it', async (t) => {
  const rig = await pushed(t);
  rig.server.fault = (_, response) => Boolean(response.end('<html><title>Router</title></html>'));
  const error = await t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
    instanceOf: Unavailable,
  });
  t.regex(error?.message ?? '', /is no WARP charger/);
});

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
  // While the end of a kept connection is not known a write goes over it, and nobody can say what became of it.
  await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
  const error = await t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
    instanceOf: Unavailable,
  });
  t.regex(error.message, /ECONNREFUSED/);
  t.false(error.message.includes('may or may not'));
});

/** Every connection that has carried a request breaks with its next write, as one that the charger forgot. */
function breakUsed(server: ScriptedCharger): void {
  const old = server.connections;
  server.fault = ({ method, connection }, response) =>
    method === 'PUT' && connection <= old && Boolean(response.socket?.resetAndDestroy());
}

test('over a connection that the charger forgot, a setting is sent again, and no action is sent', async (t) => {
  const rig = await pushed(t);
  await rig.backend.write(external, { current: 7000 });
  breakUsed(rig.server);
  await rig.backend.write(external, { current: 8000 });
  t.is(rig.server.states.get(external), '{"current":8000}');
  breakUsed(rig.server);
  await rig.backend.write('evse/start_charging', null);
  t.is(rig.server.asked('PUT').filter((path) => path === 'evse/start_charging').length, 1);
});

test('a setting that breaks with its connection and finds no other one may or may not have been taken', async (t) => {
  const rig = await pushed(t);
  await rig.backend.write(external, { current: 7000 });
  // It is carried out, and then the charger is gone.
  rig.server.fault = ({ method }) => {
    if (method !== 'PUT') return false;
    void rig.server.stop();
    return true;
  };
  await t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
    instanceOf: Unavailable,
    message: /ECONNREFUSED.*; the write may or may not have been taken$/,
  });
});

test('an action whose connection breaks may or may not have been taken', async (t) => {
  const rig = await pushed(t);
  rig.server.fault = ({ method }, response) =>
    method === 'PUT' && Boolean(response.socket?.resetAndDestroy());
  await t.throwsAsync(rig.backend.write('evse/start_charging', null), {
    instanceOf: Unavailable,
    message: /closed the connection before it had answered.*; the write may or may not have been taken/,
  });
  t.is(rig.server.asked('PUT').filter((path) => path === 'evse/start_charging').length, 1);
});

test('a setting whose connection breaks long after it was sent is not sent again: it may have been carried out', async (t) => {
  const rig = await pushed(t);
  await rig.backend.write(external, { current: 7000 });
  rig.server.fault = ({ method }, response) => {
    if (method !== 'PUT') return false;
    // As after a process was stopped and went on: the time has passed when the news comes.
    rig.clock.stall(2_000);
    response.socket?.resetAndDestroy();
    return true;
  };
  await t.throwsAsync(rig.backend.write(external, { current: 8000 }), {
    instanceOf: Unavailable,
    message: /the write may or may not have been taken/,
  });
  t.is(rig.server.asked('PUT').length, 2);
});

test('a read that hangs holds up no write', async (t) => {
  const rig = await pushed(t);
  rig.server.fault = ({ method }) => method === 'GET';
  void rig.backend.read(external);
  await until(() => looks(rig, external) === 1, 'the read');
  await rig.backend.write(external, { current: 8000 });
  await rig.backend.write(external, { current: 9000 });
  t.is(rig.server.asked('PUT').length, 2);
});

test('nothing is read because of a write: who wants to know its effect asks', async (t) => {
  const rig = await pushed(t);
  await rig.backend.write(external, { current: 8000 });
  await rig.backend.write('evse/start_charging', null);
  await rig.clock.pass(2_000);
  t.deepEqual(rig.server.asked('GET'), []);
});

test('a topic that is read anew is told before the read ends', async (t) => {
  const rig = await pushed(t);
  rig.server.states.set(external, '{"current":8000,"more":1}');
  t.true(await rig.backend.read(external));
  t.is(rig.sink.latest.get(external), '{"current":8000,"more":1}');
});

test('a topic that the charger does not have, or does not tell, was not read', async (t) => {
  const rig = await pushed(t);
  t.false(await rig.backend.read('evse/odd'));
  rig.server.fault = (_, response) => Boolean(response.socket?.resetAndDestroy());
  t.false(await rig.backend.read(external));
  await rig.server.stop();
  t.false(await rig.backend.read(external));
  await rig.stop();
  t.false(await rig.backend.read(external));
});

test('push news that comes during a read is newer than what was read', async (t) => {
  const rig = await pushed(t);
  let late: (() => void) | undefined;
  rig.server.fault = ({ method }, response) => {
    if (method !== 'GET' || late) return false;
    late = () => response.end('{"current":6000}');
    return true;
  };
  const read = rig.backend.read(external);
  await until(() => late !== undefined, 'the read');
  rig.server.set(external, '{"current":9000}');
  await until(() => rig.sink.latest.get(external) === '{"current":9000}', 'the news');
  late?.();
  t.true(await read, 'the charger has answered, and what the sink has is newer still');
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
  t.true(await taken.backend.read(external));
  t.true(taken.server.mostSockets <= 3);
});
