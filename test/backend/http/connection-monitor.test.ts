import test from 'ava';
import { ConnectionMonitor, StateOrdering } from '../../../src/backend/http/connection-monitor.js';
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
    miss: (kind: FailureKind = 'silent') => reach.failed(new RequestFailed(kind, kind)),
  };
}

test('before the first answer the reason is told at once, and again only when it is another one', (t) => {
  const { sink, miss } = bench();
  for (const kind of ['refused', 'refused', 'refused', 'silent', 'silent', 'refused'] as const) miss(kind);
  t.deepEqual(sink.connections, ['offline refused', 'offline silent', 'offline refused']);
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
  t.deepEqual(sink.connections, ['online polling', 'offline silent']);
  reach.connected('polling');
  t.deepEqual(sink.connections.at(-1), 'online polling');
});

for (const kind of ['login', 'forbidden', 'tls', 'stranger'] as const) {
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
  t.is(sink.connection, 'offline nothing came from it for 10 s; last: silent');
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

test('an answer is old when push or a later answer was faster', (t) => {
  const sink = new RecordingSink();
  const reports = new StateOrdering(sink, new AbortController().signal);
  const first = reports.beginRead('evse/a');
  reports.pushed('evse/a', '2');
  t.false(reports.answered(first, '1'));
  const [second, third] = [reports.beginRead('evse/a'), reports.beginRead('evse/a')];
  t.true(reports.answered(third, '4'));
  t.false(reports.answered(second, '3'));
  const [fourth, fifth] = [reports.beginRead('evse/a'), reports.beginRead('evse/a')];
  t.true(reports.answered(fourth, '5'));
  t.true(reports.answered(fifth, '6'), 'asked later, so newer');
  t.deepEqual(sink.told('evse/a'), ['2', '4', '5', '6']);
});

test('news of another topic, or from before the question, makes no answer old', (t) => {
  const sink = new RecordingSink();
  const reports = new StateOrdering(sink, new AbortController().signal);
  reports.pushed('evse/a', '1');
  const question = reports.beginRead('evse/a');
  reports.pushed('evse/b', '9');
  t.true(reports.answered(question, '2'));
});
