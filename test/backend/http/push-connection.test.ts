import test from 'ava';
import { until } from '../../_until.js';
import { audited, connected, passUntil, type Rig, start, turns } from './_rig.js';
import { line } from './_server.js';

const keepAlive = `${line('info/keep_alive', '{"uptime":5000}')}\n`;

/** Lets the charger ping each second, as it does, for `ms`. */
async function live({ server, clock }: Rig, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    const before = server.pushes.size;
    server.beat();
    await turns();
    await clock.pass(1_000);
    if (server.pushes.size !== before) return;
  }
}

for (const dump of ['frames', 'single'] as const) {
  test(`the dump brings every state as it is: ${dump}`, async (t) => {
    const rig = await start(t, { server: { dump } });
    if (dump === 'single') {
      await until(() => rig.sink.latest.size === rig.server.states.size, 'the dump');
      t.deepEqual(rig.sink.connections, []);
      rig.server.push(keepAlive);
    }
    await connected(rig, 'online websocket');
    t.deepEqual(Object.fromEntries(rig.sink.latest), Object.fromEntries(rig.server.states));
    await audited(rig);
    await live(rig, 15_000);
    t.true(rig.server.requests.length <= 2, 'one topic is read again every 10 s');
    t.is(rig.server.mostSockets, 2);
    t.deepEqual(rig.sink.connections, ['online websocket']);
  });
}

test('what is pushed is handed over as it came; signs of life and log lines are not', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  const before = rig.sink.states.length;
  rig.server.push(`${line('meter/values', '{"power":230.1000061,"x":1e-7}')}\n`);
  rig.server.push(`${line('unknown/topic', '[ 1, 2 ]')}\n\n${line('evse/x', 'true')}`);
  rig.server.push(keepAlive);
  rig.server.push(`${line('keep-alive', '"null"')}\n${line('event_log/message', '"hello"')}\n`);
  rig.server.push(`${line('evse/state', '{"last":1}')}\n`);
  await until(() => rig.sink.latest.get('evse/state') === '{"last":1}', 'the last push');
  t.deepEqual(rig.sink.states.slice(before), [
    ['meter/values', '{"power":230.1000061,"x":1e-7}'],
    ['unknown/topic', '[ 1, 2 ]'],
    ['evse/x', 'true'],
    ['evse/state', '{"last":1}'],
  ]);
});

test('the handshake is as small as the oldest chargers need it, and asks for no compression', async (t) => {
  let headers: Record<string, unknown> = {};
  const rig = await start(t, {
    prepare: (server) => {
      server.dump = (push) => push.send('\n');
    },
  });
  await until(() => rig.server.pushes.size === 1, 'push');
  for (const push of rig.server.pushes) headers = { extensions: push.extensions, protocol: push.protocol };
  t.deepEqual(headers, { extensions: '', protocol: '' });
});

for (const status of [404, 400, 426, 503]) {
  test(`a charger that answers ${status} to /ws is polled, and asked for push again after a while`, async (t) => {
    const rig = await start(t, { server: { noPush: status } });
    await connected(rig, 'online polling');
    t.true(rig.clock.now() < 100, 'at once');
    await passUntil(rig, () => rig.clock.now() >= 25_000, '25 s', 250);
    t.true(rig.server.handshakes <= 2, `${rig.server.handshakes} handshakes`);
    t.deepEqual(rig.log.texts('info').length, 1);
    t.regex(rig.log.texts('info')[0] ?? '', new RegExp(`offers no push \\(HTTP ${status} for /ws\\)`));
    rig.server.options = {};
    await passUntil(rig, () => rig.sink.connection === 'online websocket', 'push', 250);
    t.true(rig.clock.now() <= 125_000, `after ${rig.clock.now()} ms`);
    t.deepEqual(rig.sink.connections, ['online polling', 'online websocket']);
  });
}

test('polling stands in within 2 s when push is lost, and stops when the dump is there again', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  rig.server.options = { noPush: 503 };
  rig.server.drop();
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'polling');
  t.true(rig.clock.now() <= 2_000, `after ${rig.clock.now()} ms`);
  await until(() => rig.server.requests.length >= 9, 'a whole round');

  rig.server.dump = (push) => push.send(keepAlive + line('evse/state', '{"from":"push"}'));
  rig.server.options = {};
  await passUntil(rig, () => rig.server.pushes.size === 1, 'push');
  const before = rig.server.requests.length;
  await passUntil(rig, () => rig.server.requests.length > before + 3, 'polls although the dump has begun');
  t.is(rig.sink.connection, 'online polling');
  rig.server.requests.length = 0;
  rig.server.push('\n');
  await connected(rig, 'online websocket');
  await audited(rig);
  await live(rig, 9_000);
  t.deepEqual(rig.server.requests, []);
});

test('a handshake that is never answered: polling stands in, and it is given up in time', async (t) => {
  const rig = await start(t, { server: { noPush: 0 } });
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'polling');
  t.true(rig.clock.now() <= 2_000, `after ${rig.clock.now()} ms`);
  t.is(rig.server.sockets.size, 2);
  await passUntil(rig, () => rig.server.sockets.size === 1, 'the end of its time');
  t.true(rig.clock.now() >= 5_000 && rig.clock.now() <= 5_200, `after ${rig.clock.now()} ms`);
});

test('a push connection that breaks before its dump is tried more and more rarely', async (t) => {
  const rig = await start(t, {
    prepare: (server) => {
      server.dump = (push) => push.terminate();
    },
  });
  await connected(rig, 'online polling');
  await passUntil(rig, () => rig.clock.now() >= 180_000, 'three minutes', 250);
  t.true(rig.server.handshakes >= 9 && rig.server.handshakes <= 20, `${rig.server.handshakes} handshakes`);
  t.deepEqual(rig.sink.connections, ['online polling']);
});

test('an eviction that is made good within a second goes unnoticed', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await live(rig, 31_000);
  for (const push of rig.server.pushes) push.terminate();
  rig.server.states.set('evse/slots', '["changed meanwhile"]');
  await passUntil(rig, () => rig.sink.latest.get('evse/slots') === '["changed meanwhile"]', 'the new dump');
  t.deepEqual(rig.sink.connections, ['online websocket']);
});

test('silence: polling helps out after 5 s, and after 10 s the connection is given up', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await audited(rig);
  const since = rig.clock.now();
  await rig.clock.pass(4_900);
  t.deepEqual(
    rig.server.asked('GET').filter((path) => path !== 'evse/low_level_state'),
    [],
  );
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'polling');
  t.true(rig.clock.now() - since <= 6_000, `after ${rig.clock.now() - since} ms`);
  await passUntil(rig, () => rig.clock.now() - since >= 9_900, '9.9 s');
  t.is(rig.server.handshakes, 1);
  await passUntil(rig, () => rig.server.handshakes === 2, 'a new connection');
  t.true(rig.clock.now() - since <= 11_500, `after ${rig.clock.now() - since} ms`);
  await connected(rig, 'online websocket');
  t.is(rig.server.pushes.size, 1);
  t.deepEqual(rig.sink.connections, ['online websocket', 'online polling', 'online websocket']);
});

test('a ping is a sign of life, and ends the help', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  for (let second = 0; second < 20; second++) {
    rig.server.ping();
    await turns();
    await rig.clock.pass(1_000);
  }
  t.deepEqual(rig.sink.connections, ['online websocket']);
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'polling');
  rig.server.ping();
  await connected(rig, 'online websocket');
  await turns();
  rig.server.requests.length = 0;
  await live(rig, 4_000);
  t.true(rig.server.requests.length <= 2, 'at most the audit');
  t.is(rig.server.handshakes, 1);
});

test('when neither answers, the charger is offline after 10 s, and then found again by push', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  rig.server.fault = () => true;
  await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
  t.true(rig.clock.now() >= 9_900 && rig.clock.now() <= 11_500, `after ${rig.clock.now()} ms`);
  rig.server.fault = undefined;
  await passUntil(rig, () => rig.sink.connection === 'online websocket', 'push');
  t.is(rig.server.pushes.size, 1);
});

test('after a power cut everything comes back by itself', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await rig.server.stop();
  await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
  const handshakes = rig.server.handshakes;
  await passUntil(rig, () => rig.clock.now() >= 60_000, 'a minute', 500);
  t.is(rig.server.handshakes, handshakes);
  t.is(rig.sink.connections.length, 2);
  rig.server.states.set('evse/slots', '["new"]');
  rig.server.startInMemory();
  await passUntil(rig, () => rig.sink.connection === 'online websocket', 'push');
  t.is(rig.sink.latest.get('evse/slots'), '["new"]');
});

test('a poll that was asked before newer push news does not undo it', async (t) => {
  const rig = await start(t, { server: { noPush: 503 } });
  await connected(rig, 'online polling');
  let late: (() => void) | undefined;
  rig.server.fault = ({ path }, response) => {
    if (path !== 'evse/external_current' || late) return false;
    late = () => response.end('{"current":6000}');
    return true;
  };
  await passUntil(rig, () => late !== undefined, 'a poll that hangs');
  rig.server.options = {};
  rig.server.states.set('evse/external_current', '{"current":9000}');
  await passUntil(rig, () => rig.sink.connection === 'online websocket', 'push');
  t.is(rig.sink.latest.get('evse/external_current'), '{"current":9000}');
  late?.();
  await until(() => rig.server.sockets.size <= 2, 'the answer');
  await live(rig, 2_000);
  t.is(rig.sink.latest.get('evse/external_current'), '{"current":9000}');
});

test('a message of 1 MB is taken, a larger one ends the connection', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  const text = (size: number) => JSON.stringify('x'.repeat(size));
  rig.server.push(line('evse/big', text(1_000_000)));
  await until(() => rig.sink.latest.get('evse/big')?.length === 1_000_002, 'the large state');
  rig.server.push(line('evse/big', text(1_100_000)));
  await until(() => rig.server.pushes.size === 0, 'the end');
  await passUntil(rig, () => rig.server.handshakes === 2, 'a new connection');
  t.is(rig.sink.latest.get('evse/big')?.length, 1_000_002);
});

test('unreadable lines are dropped, logged once, and cured by reading everything again', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await audited(rig);
  const since = rig.clock.now();
  for (let n = 0; n < 5; n++) rig.server.push(`{"topic":"evse/state","payl${n}\n`);
  rig.server.states.set('evse/state', '{"what":"was garbled"}');
  await until(() => rig.log.texts('warn').length > 0, 'the log line');
  await passUntil(rig, () => rig.sink.latest.get('evse/state') === '{"what":"was garbled"}', 'the state');
  t.true(rig.clock.now() - since <= 4_100, `after ${rig.clock.now() - since} ms`);
  t.is(rig.server.handshakes, 1);
  t.is(rig.log.texts('warn').length, 1);
  t.deepEqual(rig.sink.connections, ['online websocket']);
});

test('a line that is always unreadable does not make everything be read again and again', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await audited(rig);
  for (let second = 0; second < 600; second++) {
    rig.server.push('nonsense\n');
    await live(rig, 1_000);
  }
  const rounds = rig.server.asked('GET').length / rig.server.states.size;
  t.true(rounds <= 16, `${rounds} rounds in ten minutes, of which six are due anyway`);
  t.is(rig.server.handshakes, 1);
  t.is(rig.log.texts('warn').length, 1);
});

test('with a login there is one 401 in all, for HTTP and push together', async (t) => {
  const login = { username: 'owner', password: 'secret' };
  const rig = await start(t, { ...login, server: { login } });
  await connected(rig, 'online websocket');
  t.deepEqual([rig.server.handshakes, rig.server.refusals], [2, 1]);
  await rig.backend.write('evse/external_current', { current: 8000 });
  for (const push of rig.server.pushes) push.terminate();
  await passUntil(rig, () => rig.server.handshakes === 3, 'push');
  await until(() => rig.server.pushes.size === 1, 'push');
  t.is(rig.server.refusals, 1);
});

test('websocket: no polling while it is away; silence and loss make it offline', async (t) => {
  const rig = await start(t, { transport: 'websocket' });
  await connected(rig, 'online websocket');
  await rig.server.stop();
  await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
  t.regex(rig.sink.connection ?? '', /ECONNREFUSED/);
  rig.server.startInMemory();
  await passUntil(rig, () => rig.sink.connection === 'online websocket', 'push');
  await passUntil(rig, () => rig.server.handshakes === 3, 'another try after silence');
  rig.server.options = { noPush: 503 };
  rig.server.drop();
  // A read that was on its way when the connections broke is sent once more; that is no polling.
  await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline again');
  await turns();
  rig.server.requests.length = 0;
  await rig.clock.pass(60_000);
  t.deepEqual(rig.server.asked('GET'), []);
});

test('websocket: a charger without push is told so', async (t) => {
  const rig = await start(t, { transport: 'websocket', server: { noPush: 404 } });
  await connected(rig, 'offline');
  t.regex(rig.sink.connection ?? '', /offers no push \(HTTP 404 for \/ws\); set CHARGER_TRANSPORT=auto/);
  t.deepEqual(rig.server.requests, []);
});
