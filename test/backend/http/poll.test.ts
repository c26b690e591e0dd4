import test from 'ava';
import { chargerTopics } from '../../../src/topics/index.js';
import { until } from '../../_until.js';
import { connected, passUntil, type Rig, someStates, start, turns } from './_rig.js';

const poll = { transport: 'poll' } as const;
const READABLE = Object.keys(someStates());

/** Waits until the first round is over. */
const round = ({ server }: Rig) =>
  until(
    () => READABLE.every((path) => server.asked('GET').includes(path)),
    () => `a whole round; asked was ${server.asked('GET').join(' ')}`,
  );

test('every state of the charger arrives just as it is, over one connection', async (t) => {
  const rig = await start(t, {
    ...poll,
    prepare: (server) => server.states.set('evse/slots', '[ {"odd" : 1.50} ]'),
  });
  await round(rig);
  await until(() => rig.sink.latest.size === READABLE.length, 'the last answer');
  t.deepEqual(Object.fromEntries(rig.sink.latest), Object.fromEntries(rig.server.states));
  t.deepEqual(rig.sink.connections, ['online polling']);
  t.is(rig.server.connections, 1);
  t.is(rig.server.handshakes, 0, 'no push is asked for');
  const once = rig.server.asked('GET').filter((path) => path !== 'evse/low_level_state');
  t.is(new Set(once).size, once.length, 'each once, but the one that shows whether the controller moves');
});

test('after the first round there are five requests a second, three of them the fast topics', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  await rig.clock.pass(1_000);
  const before = rig.server.requests.length;
  for (let step = 0; step < 100; step++) {
    await rig.clock.pass(100);
    await turns();
  }
  const asked = rig.server.asked('GET').slice(before);
  t.true(asked.length >= 40 && asked.length <= 51, `${asked.length} in 10 s`);
  for (const path of ['evse/state', 'evse/button_state', 'evse/external_current']) {
    const times = asked.filter((one) => one === path).length;
    t.true(times >= 9 && times <= 11, `${path}: ${times} times`);
  }
  t.true(asked.filter((path) => path === 'evse/low_level_state').length >= 2);
  t.is(rig.server.connections, 1);
});

test('a change is seen at the next turn', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  rig.server.states.set('evse/external_current', '{"current":7000}');
  await passUntil(
    rig,
    () => rig.sink.latest.get('evse/external_current') === '{"current":7000}',
    'the change',
  );
  t.true(rig.clock.now() <= 1_500, `after ${rig.clock.now()} ms`);
});

for (const status of [404, 405, 400]) {
  test(`a topic that answers ${status} is absent`, async (t) => {
    const rig = await start(t, {
      ...poll,
      prepare: (server) => {
        server.fault = ({ path }, response) =>
          path === 'evse/slots' && Boolean(response.writeHead(status, { 'Content-Length': 0 }).end());
      },
    });
    const asked = () => rig.server.asked('GET').filter((path) => path === 'evse/slots').length;
    await until(() => asked() === 1, 'the first try');
    for (let second = 0; second < 30; second++) await rig.clock.pass(1_000);
    t.is(asked(), 1);
    t.is(rig.sink.connection, 'online polling');
  });
}

for (const status of [500, 503]) {
  test(`a topic that answers ${status} is asked again when its turn comes`, async (t) => {
    let broken = true;
    const rig = await start(t, {
      ...poll,
      prepare: (server) => {
        server.fault = ({ path }, response) =>
          broken && path === 'evse/slots' && Boolean(response.writeHead(status).end('busy'));
      },
    });
    await until(() => rig.server.asked('GET').includes('evse/slots'), 'the first try');
    t.false(rig.sink.latest.has('evse/slots'));
    broken = false;
    await passUntil(rig, () => rig.sink.latest.has('evse/slots'), 'another try', 500);
    t.deepEqual(rig.sink.connections, ['online polling']);
  });
}

test('a topic that was there must be missing twice to be absent', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  let misses = 1;
  rig.server.fault = ({ path }, response) =>
    path === 'evse/state' && misses-- > 0 && Boolean(response.writeHead(404).end());
  rig.server.states.set('evse/state', '{"new":1}');
  await passUntil(rig, () => rig.sink.latest.get('evse/state') === '{"new":1}', 'the new state');
  t.pass();
});

test('a charger that goes away is offline after three misses, and everything is read when it is back', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  await rig.server.stop();
  await passUntil(rig, () => rig.sink.connections.length === 2, 'offline');
  t.regex(
    rig.sink.connection ?? '',
    /^offline http:\/\/127\.0\.0\.1:\d+ refused the connection \(ECONNREFUSED\)/,
  );
  t.true(rig.clock.now() < 4_000, `after ${rig.clock.now()} ms`);
  rig.server.states.set('info/name', '{"name":"other"}');
  rig.server.states.set('evse/slots', '[9]');
  rig.server.startInMemory();
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'online again');
  await until(() => rig.sink.latest.get('info/name') === '{"name":"other"}', 'the rare topics');
  await until(() => rig.sink.latest.get('evse/slots') === '[9]', 'the others');
  t.is(rig.sink.connections.length, 3);
});

test('a charger that stalls is offline after ten silent seconds', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  await rig.clock.pass(400);
  rig.server.fault = () => true;
  await passUntil(rig, () => rig.sink.connections.length === 2, 'offline');
  t.regex(rig.sink.connection ?? '', /nothing came from it for 10 s; last: .* did not answer within 5 s/);
  t.true(rig.clock.now() >= 10_000 && rig.clock.now() <= 11_500, `after ${rig.clock.now()} ms`);
});

test('tries get rarer, up to one in 30 s, and the reason is told once', async (t) => {
  const rig = await start(t, { ...poll, prepare: (server) => void server.stop() });
  await connected(rig, 'offline');
  await passUntil(rig, () => rig.clock.now() > 120_000, 'two minutes', 500);
  t.is(rig.sink.connections.length, 1);
  const before = rig.clock.now();
  rig.server.startInMemory();
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'online');
  t.true(rig.clock.now() - before <= 30_500, `${rig.clock.now() - before} ms`);
});

test('a charger that restarts between two reads is read completely', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  rig.server.states.set('event_log/boot_id', '{"boot_id":78}');
  rig.server.states.set('info/name', '{"name":"new"}');
  await passUntil(rig, () => rig.sink.latest.get('info/name') === '{"name":"new"}', 'the name');
  t.true(rig.clock.now() < 10_000, `after ${rig.clock.now()} ms`);
});

test('so is one whose counters went back', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  const counters = { ...(someStates()['evse/low_level_state'] as object), uptime: 12 };
  rig.server.states.set('evse/low_level_state', JSON.stringify(counters));
  rig.server.states.set('info/name', '{"name":"new"}');
  await passUntil(rig, () => rig.sink.latest.get('info/name') === '{"name":"new"}', 'the name');
  t.true(rig.clock.now() < 10_000, `after ${rig.clock.now()} ms`);
});

test('a restart that more than one counter shows is read completely only once', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  const counters = { ...(someStates()['evse/low_level_state'] as object), uptime: 12 };
  rig.server.states.set('evse/low_level_state', JSON.stringify(counters));
  rig.server.states.set('event_log/boot_id', '{"boot_id":78}');
  const before = rig.server.requests.length;
  const since = () => rig.server.asked('GET').slice(before);
  await passUntil(rig, () => since().includes('event_log/boot_id'), 'the boot id', 100);
  const begun = rig.clock.now();
  await passUntil(rig, () => rig.clock.now() >= begun + 8_000, 'some time', 100);
  // In this time it is asked for only by a round through everything.
  t.is(since().filter((path) => path === 'info/name').length, 1);
});

test('something that knows none of the topics is not taken for a charger', async (t) => {
  const rig = await start(t, { ...poll, states: {} });
  await connected(rig, 'offline');
  t.regex(
    rig.sink.connection ?? '',
    /is no WARP charger: something answers there, but not as a charger would; check the address in CHARGER_URL/,
  );
  t.is(rig.sink.connections.length, 1);
});

for (const body of ['<html><title>router</title>', 'null', '[]', '{}']) {
  test(`something that answers everything with ${body} is not taken for a charger`, async (t) => {
    let requests = 0;
    const rig = await start(t, {
      ...poll,
      prepare: (server) => {
        server.fault = (_, response) => {
          requests += 1;
          return Boolean(response.end(body));
        };
      },
    });
    await connected(rig, 'offline');
    t.regex(rig.sink.connection ?? '', /is no WARP charger/);
    t.is(rig.sink.states.length, 0, 'nothing of it is passed on');
    const before = requests;
    t.true(before < 50, `${before} requests`);
    await turns();
    t.is(requests, before, 'it is not asked on and on');
  });
}

test('what a charger does not have while it starts is read when it has started', async (t) => {
  let starting = 4;
  const rig = await start(t, {
    ...poll,
    prepare: (server) => {
      server.fault = (_, response) => starting-- > 0 && Boolean(response.writeHead(404).end());
    },
  });
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'online');
  t.deepEqual([...rig.sink.latest.keys()].sort(), [...READABLE].sort());
});

test('a charger is recognised again after another device has answered at its address', async (t) => {
  const rig = await start(t, poll);
  await round(rig);
  const { server } = rig;
  const own = new Map(server.states);
  server.fault = (_, response) => Boolean(response.end('{}'));
  await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
  // What the other device answered for are no topics of the charger.
  for (const path of ['evse/slots', 'evse/button_state', 'evse/global_current', 'evse/external_defaults'])
    own.delete(path);
  server.states.clear();
  for (const [path, text] of own) server.states.set(path, text);
  server.fault = undefined;
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'online');
  t.true(rig.clock.now() < 60_000, `after ${rig.clock.now()} ms`);
});

test('HTTPS-only mode is named, and tried again slowly after a minute in which it may be starting', async (t) => {
  const rig = await start(t, {
    ...poll,
    prepare: (server) => {
      server.fault = (_, response) => Boolean(response.writeHead(403).end('https only'));
    },
  });
  await connected(rig, 'offline');
  t.regex(
    rig.sink.connection ?? '',
    /forbids access \(HTTP 403\); it takes only HTTPS: set CHARGER_URL to https/,
  );
  await passUntil(rig, () => rig.clock.now() >= 60_000, 'a minute', 500);
  t.true(rig.server.requests.length >= 12, `${rig.server.requests.length} tries in the first minute`);
  await passUntil(rig, () => rig.clock.now() >= 66_000, 'the end of the minute', 500);
  const before = rig.server.requests.length;
  const since = rig.clock.now();
  await passUntil(rig, () => rig.clock.now() >= since + 240_000, 'four minutes', 500);
  const tries = rig.server.requests.length - before;
  t.true(tries >= 3 && tries <= 9, `${tries} tries in four minutes`);
  t.is(rig.sink.connections.length, 1);
});

test('a charger that wants a login, and none is set', async (t) => {
  const rig = await start(t, { ...poll, server: { login: { username: 'owner', password: 'secret' } } });
  await connected(rig, 'offline');
  t.regex(
    rig.sink.connection ?? '',
    /asks for a login \(HTTP 401\); set CHARGER_USERNAME and CHARGER_PASSWORD/,
  );
});

test('wrong credentials are one text, some tries in the first minute, then one every 30 to 60 s', async (t) => {
  const rig = await start(t, {
    username: 'owner',
    password: 'wrong',
    server: { login: { username: 'owner', password: 'secret' } },
  });
  await connected(rig, 'offline');
  t.regex(rig.sink.connection ?? '', /refuses the login of "owner" \(HTTP 401\); check CHARGER_USERNAME/);
  t.false(rig.sink.connections.join().includes('wrong'));
  await passUntil(rig, () => rig.clock.now() >= 66_000, 'a minute', 500);
  const before = rig.server.requests.length + rig.server.handshakes;
  t.true(before <= 45, `${before} requests`);
  await passUntil(rig, () => rig.clock.now() >= 306_000, 'four more minutes', 500);
  const tries = rig.server.requests.length + rig.server.handshakes - before;
  t.true(tries <= 12, `${tries} requests`);
  t.is(rig.sink.connections.length, 1);
  t.deepEqual(rig.log.texts('error'), []);
  t.true(rig.log.texts('warn').length + rig.log.texts('info').length <= 1);
});

test('a slow charger is asked one thing at a time', async (t) => {
  let open = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const rig = await start(t, {
    ...poll,
    topics: chargerTopics(),
    prepare: (server) => {
      server.fault = ({ path }, response) => {
        open += 1;
        most = Math.max(most, open);
        waiting.push(() => {
          open -= 1;
          const state = server.states.get(path);
          response.statusCode = state === undefined ? 404 : 200;
          response.end(state?.replace('"uptime":', `"uptime":${server.requests.length}`));
        });
        return true;
      };
    },
  });
  for (let n = 0; n < 120; n++) {
    await until(() => waiting.length > 0 || rig.clock.now() > 60_000, 'a request');
    await rig.clock.pass(900);
    waiting.shift()?.();
    await until(() => open === 0 || waiting.length > 0, 'the answer to go');
    await rig.clock.pass(300);
  }
  t.is(most, 1);
  t.is(rig.sink.connections.length, 1);
});
