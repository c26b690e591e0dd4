import test from 'ava';
import { ConnectionMonitor, type Obstacle } from '../../../src/backend/http/connection-monitor.js';
import { type FailureKind, RequestFailed } from '../../../src/backend/http/request-failed.js';
import { FakeClock } from '../../_fakes.js';
import { RecordingSink } from './_rig.js';

function bench() {
  const clock = new FakeClock();
  const sink = new RecordingSink();
  const ending = new AbortController();
  const calls: string[] = [];
  let obstacle: Obstacle | undefined;
  const monitor = new ConnectionMonitor({
    sink,
    clock,
    signal: ending.signal,
    obstacle: () => obstacle,
    onFound: () => calls.push('found'),
    onAway: () => calls.push('away'),
  });
  return {
    clock,
    sink,
    monitor,
    ending,
    calls,
    miss: (kind: FailureKind = 'timeout') => monitor.failed(new RequestFailed(kind, kind)),
    hinder(next: Obstacle | undefined) {
      obstacle = next;
      monitor.update();
    },
  };
}

test('before the first answer the reason is told at once, and again only when it is another one', (t) => {
  const { sink, miss } = bench();
  for (const kind of ['refused', 'refused', 'refused', 'timeout', 'timeout', 'refused'] as const) miss(kind);
  t.deepEqual(sink.connections, ['offline refused', 'offline timeout', 'offline refused']);
});

test('three misses in a row are offline, two and an answer are not', (t) => {
  const { sink, monitor, miss, calls } = bench();
  monitor.connected('polling');
  miss();
  miss();
  monitor.alive();
  miss();
  miss();
  t.deepEqual(sink.connections, ['online polling']);
  miss();
  t.deepEqual(sink.connections, ['online polling', 'offline timeout']);
  monitor.connected('polling');
  t.deepEqual(sink.connections.at(-1), 'online polling');
  t.deepEqual(calls, ['found', 'away', 'found']);
});

for (const kind of ['login', 'forbidden', 'tls', 'not_a_charger'] as const) {
  test(`what only a person can cure is offline at once: ${kind}`, (t) => {
    const { sink, monitor, miss } = bench();
    monitor.connected('polling');
    miss(kind);
    t.deepEqual(sink.connections, ['online polling', `offline ${kind}`]);
  });
}

test('ten silent seconds are offline', async (t) => {
  const { clock, sink, monitor, miss } = bench();
  monitor.connected('websocket');
  await clock.pass(9_999);
  miss();
  monitor.checkTimeout();
  t.true(monitor.reachable);
  await clock.pass(1);
  monitor.checkTimeout();
  t.false(monitor.reachable);
  t.is(sink.connection, 'offline nothing came from it for 10 s; last: timeout');
});

test('the way is told when it changes, and only then', (t) => {
  const { sink, monitor } = bench();
  for (const way of ['websocket', 'websocket', 'polling', 'polling', 'websocket']) monitor.connected(way);
  t.deepEqual(sink.connections, ['online websocket', 'online polling', 'online websocket']);
});

test('a way that comes and goes does not take the place of another one, but is better than none', (t) => {
  const { sink, monitor, miss } = bench();
  monitor.connected('polling');
  for (let n = 0; n < 5; n++) monitor.connected('websocket', 'unsteady');
  t.deepEqual(sink.connections, ['online polling']);
  miss('login');
  monitor.connected('websocket', 'unsteady');
  t.is(sink.connection, 'online websocket');
});

test('an answer alone is not online: everything has to be told first', (t) => {
  const { sink, monitor, miss } = bench();
  monitor.alive();
  miss();
  miss();
  t.deepEqual(sink.connections, [], 'a busy moment during the first round is no outage');
  t.false(monitor.reachable);
  monitor.connected('polling');
  t.deepEqual(sink.connections, ['online polling']);
});

test('an obstacle keeps it offline, with its reason once', (t) => {
  const { sink, monitor, hinder } = bench();
  hinder('pending');
  monitor.connected('websocket');
  t.deepEqual(sink.connections, []);
  hinder(new RequestFailed('frozen', 'stands still'));
  t.deepEqual(sink.connections, ['offline stands still (but websocket)']);
  t.false(monitor.reachable, 'everything has to be told again');
  monitor.connected('websocket');
  monitor.connected('websocket');
  t.deepEqual(sink.connections, ['offline stands still (but websocket)']);
  t.is(monitor.epoch, 1);
  hinder(undefined);
  t.deepEqual(sink.connections, ['offline stands still (but websocket)', 'online websocket']);
});

test('without its controller the way is told when it changes, and no way when the charger itself is away', (t) => {
  const { sink, monitor, hinder, miss } = bench();
  monitor.connected('websocket');
  hinder(new RequestFailed('no_controller', 'none'));
  monitor.connected('polling');
  monitor.connected('polling');
  for (let n = 0; n < 3; n++) miss();
  monitor.connected('polling');
  t.deepEqual(sink.connections, [
    'online websocket',
    'offline none (but websocket)',
    'offline none (but polling)',
    'offline timeout',
    'offline none (but polling)',
  ]);
});

test('an obstacle that is not the controller leaves no way', (t) => {
  const { sink, monitor, hinder } = bench();
  monitor.connected('websocket');
  hinder(new RequestFailed('too_old', 'firmware 1.3'));
  t.is(sink.connection, 'offline firmware 1.3');
});

test('after the signal nothing is told, and stopping is no fault', (t) => {
  const { sink, monitor, ending, miss } = bench();
  miss('stopped');
  ending.abort();
  monitor.connected('polling');
  miss();
  t.deepEqual(sink.connections, []);
});
