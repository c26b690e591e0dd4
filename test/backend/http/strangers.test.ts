import test from 'ava';
import { chargerTopics } from '../../../src/topics/index.js';
import { MemorySocket } from '../../_memory-socket.js';
import { connected, passUntil, type Rig, someStates, start, turns } from './_rig.js';
import { line } from './_server.js';

// Who answers at the charger's address, and whether it is there at all.

const poll = { transport: 'poll' } as const;

/** Lets the charger push what it pushes each second, for `ms`. */
async function live({ server, clock }: Rig, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    server.beat();
    await turns();
    await clock.pass(1_000);
  }
}

const BODIES = ['<html><title>Router</title></html>', 'null', '[]', '{}', '"ok"', '['.repeat(10_000)];

for (const body of BODIES) {
  for (const transport of ['auto', 'poll'] as const) {
    const shown = body.slice(0, 10);
    test(`a web server that answers everything with ${shown} is no charger: ${transport}`, async (t) => {
      const rig = await start(t, {
        transport,
        server: { noPush: 200 },
        prepare: (server) => {
          server.fault = (_, response) => Boolean(response.writeHead(200).end(body));
        },
      });
      await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
      t.regex(rig.sink.connection ?? '', /is no WARP charger: .* check the address in CHARGER_URL/);
      await rig.clock.pass(120_000);
      t.deepEqual(rig.sink.states, [], 'nothing of it is told');
      const { length } = rig.server.requests;
      t.true(length <= 300, `${length} requests in two minutes`);
      t.is(rig.sink.connections.length, 1);
    });

    test(`another device that gets the address and answers ${shown} is found out: ${transport}`, async (t) => {
      const rig = await start(t, { transport });
      await passUntil(rig, () => rig.sink.connection?.startsWith('online') === true, 'online');
      await rig.clock.pass(1_000);
      rig.server.options = { noPush: 200 };
      rig.server.fault = (_, response) => Boolean(response.writeHead(200).end(body));
      rig.server.drop();
      const since = rig.clock.now();
      await passUntil(rig, () => rig.sink.connection?.startsWith('offline') === true, 'offline');
      t.true(rig.clock.now() - since <= 12_000, `after ${rig.clock.now() - since} ms`);
      t.regex(rig.sink.connection ?? '', /is no WARP charger/);
      rig.server.options = {};
      rig.server.fault = undefined;
      const back = rig.clock.now();
      await passUntil(rig, () => rig.sink.connection?.startsWith('online') === true, 'online again', 100);
      t.true(rig.clock.now() - back <= 6_000, `after ${rig.clock.now() - back} ms`);
    });
  }
}

test('a WebSocket that tells none of a charger’s topics as they are is no charger', async (t) => {
  const rig = await start(t, {
    transport: 'websocket',
    prepare: (server) => {
      server.dump = (push) => push.send(`${line('evse/state', '{}')}\n${line('x/y', '{"a":1}')}\n\n`);
    },
  });
  await connected(rig, 'offline');
  t.regex(rig.sink.connection ?? '', /is no WARP charger/);
});

test('an energy manager has no charge controller, and that is no fault', async (t) => {
  const states = {
    'info/name': { name: 'wem-X', type: 'wem', display_type: 'WARP Energy Manager', uid: 'X' },
    'info/version': { firmware: '2.4.1+6a300000', config: '2.4.1', config_type: 'wem' },
    'info/features': ['energy_manager', 'meters'],
    'power_manager/state': chargerTopics().get('power_manager/state')?.state?.example,
  };
  for (const transport of ['poll', 'auto'] as const) {
    const rig = await start(t, { transport, topics: chargerTopics(), states });
    await passUntil(
      rig,
      () => rig.sink.connection === `online ${transport === 'poll' ? 'polling' : 'websocket'}`,
      'online',
    );
    await live(rig, 20_000);
    t.is(rig.sink.connections.length, 1);
  }
});

for (const way of ['refused', 'silent'] as const) {
  test(`a charger that was away for ten minutes is found within 5 s: ${way}`, async (t) => {
    for (const transport of ['auto', 'poll', 'websocket'] as const) {
      let away = false;
      const rig = await start(t, { transport, timeout: 20_000 });
      await passUntil(rig, () => rig.sink.connection?.startsWith('online') === true, 'online');
      const { connect } = rig.server;
      rig.connectBy((target) =>
        away && way === 'silent' ? (MemorySocket.pair()[0] ?? connect(target)) : connect(target),
      );
      away = true;
      await rig.server.stop();
      await rig.clock.pass(600_000);
      t.regex(rig.sink.connection ?? '', /^offline/);
      away = false;
      rig.server.startInMemory();
      const since = rig.clock.now();
      const before = rig.server.connections;
      await passUntil(rig, () => rig.server.connections > before, 'the first try', 100);
      t.true(rig.clock.now() - since <= 5_100, `${transport}: after ${rig.clock.now() - since} ms`);
      await passUntil(rig, () => rig.sink.connection?.startsWith('online') === true, 'online', 100);
      t.true(rig.clock.now() - since <= 7_000, `${transport}: true after ${rig.clock.now() - since} ms`);
    }
  });
}

for (const status of [401, 403, 404, 500, 503]) {
  test(`a charger that answers ${status} while it starts is online at most 6 s later`, async (t) => {
    for (const transport of ['auto', 'poll', 'websocket'] as const) {
      const rig = await start(t, { transport });
      await passUntil(rig, () => rig.sink.connection?.startsWith('online') === true, 'online');
      await rig.server.stop();
      await rig.clock.pass(30_000);
      rig.server.options = { noPush: status };
      rig.server.fault = (_, response) => Boolean(response.writeHead(status).end());
      rig.server.startInMemory();
      await rig.clock.pass(12_000);
      rig.server.options = {};
      rig.server.fault = undefined;
      const since = rig.clock.now();
      await passUntil(rig, () => rig.sink.connection?.startsWith('online') === true, 'online', 100);
      t.true(rig.clock.now() - since <= 6_000, `${transport}: after ${rig.clock.now() - since} ms`);
    }
  });
}

test('a charger without a row of ours is polled where somebody wants it', async (t) => {
  const states = { ...someStates(), 'evse/novelty': { a: 1 }, 'meters/3/values': [1, 2] };
  const rig = await start(t, { states });
  await connected(rig, 'online websocket');
  rig.server.options = { noPush: 503 };
  rig.server.drop();
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'polling');
  rig.server.states.set('evse/novelty', '{"a":2}');
  rig.server.states.set('meters/3/values', '[3,4]');
  const since = rig.clock.now();
  await passUntil(rig, () => rig.sink.latest.get('evse/novelty') === '{"a":2}', 'the topic', 100);
  await passUntil(rig, () => rig.sink.latest.get('meters/3/values') === '[3,4]', 'the other', 100);
  t.true(rig.clock.now() - since <= 15_000, `after ${rig.clock.now() - since} ms`);
});

test('what nobody wants is not polled', async (t) => {
  const rig = await start(t, { states: { ...someStates(), 'wifi/config': { a: 1 } } });
  rig.sink.unwanted.add('wifi/config');
  await connected(rig, 'online websocket');
  rig.server.options = { noPush: 503 };
  rig.server.drop();
  await rig.clock.pass(60_000);
  t.is(rig.sink.connection, 'online polling');
  t.false(rig.server.asked('GET').includes('wifi/config'));
});

test('a change that the charger never tells is found, one topic every 10 s', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await live(rig, 5_000);
  rig.server.states.set('evse/global_current', '{"current":7000}');
  rig.server.requests.length = 0;
  await live(rig, 10_000 * rig.server.states.size);
  t.is(rig.sink.latest.get('evse/global_current'), '{"current":7000}');
  const asked = rig.server.requests.length;
  t.true(asked <= rig.server.states.size + 1, `${asked} requests`);
});

test('a polling round that is cut short is not online: everything has to be told', async (t) => {
  const rig = await start(t, {
    ...poll,
    prepare: (server) => {
      server.fault = ({ path }) => path === 'info/name';
    },
  });
  await passUntil(rig, () => rig.server.asked('GET').includes('info/name'), 'the topic that hangs');
  await rig.clock.pass(4_000);
  t.deepEqual(rig.sink.connections, []);
  rig.server.fault = undefined;
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'online');
  t.is(rig.sink.latest.size, rig.server.states.size);
});
