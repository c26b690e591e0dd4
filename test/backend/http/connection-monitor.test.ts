import test from 'ava';
import { ConnectionMonitor } from '../../../src/backend/http/connection-monitor.js';
import { type FailureKind, RequestFailed } from '../../../src/backend/http/request-failed.js';
import { FakeClock } from '../../_fakes.js';
import { RecordingSink } from './_rig.js';

function bench() {
  const clock = new FakeClock();
  const sink = new RecordingSink();
  const ending = new AbortController();
  const reach = new ConnectionMonitor(sink, clock, ending.signal);
  return {
    clock,
    sink,
    reach,
    ending,
    miss: (kind: FailureKind = 'timeout') => reach.failed(new RequestFailed(kind, kind)),
  };
}

test('before the first answer the reason is told at once, and again only when it is another one', (t) => {
  const { sink, miss } = bench();
  for (const kind of ['refused', 'refused', 'refused', 'timeout', 'timeout', 'refused'] as const) miss(kind);
  t.deepEqual(sink.connections, ['offline refused', 'offline timeout', 'offline refused']);
});

test('three misses in a row are offline, two and an answer are not', (t) => {
  const { sink, reach, miss } = bench();
  reach.connected('polling');
  miss();
  miss();
  reach.alive();
  miss();
  miss();
  t.deepEqual(sink.connections, ['online polling']);
  miss();
  t.deepEqual(sink.connections, ['online polling', 'offline timeout']);
  reach.connected('polling');
  t.deepEqual(sink.connections.at(-1), 'online polling');
});

for (const kind of ['login', 'forbidden', 'tls', 'not_a_charger'] as const) {
  test(`what only a person can cure is offline at once: ${kind}`, (t) => {
    const { sink, reach, miss } = bench();
    reach.connected('polling');
    miss(kind);
    t.deepEqual(sink.connections, ['online polling', `offline ${kind}`]);
  });
}

test('ten silent seconds are offline', async (t) => {
  const { clock, sink, reach, miss } = bench();
  reach.connected('websocket');
  await clock.pass(9_999);
  miss();
  reach.checkTimeout();
  t.true(reach.online);
  await clock.pass(1);
  reach.checkTimeout();
  t.false(reach.online);
  t.is(sink.connection, 'offline nothing came from it for 10 s; last: timeout');
});

test('the way is told when it changes, and only then', (t) => {
  const { sink, reach } = bench();
  for (const way of ['websocket', 'websocket', 'polling', 'polling', 'websocket']) reach.connected(way);
  t.deepEqual(sink.connections, ['online websocket', 'online polling', 'online websocket']);
});

test('after the signal nothing is told, and stopping is no fault', (t) => {
  const { sink, reach, ending, miss } = bench();
  miss('stopped');
  ending.abort();
  reach.connected('polling');
  miss();
  t.deepEqual(sink.connections, []);
});
