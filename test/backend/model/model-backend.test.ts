import test from 'ava';
import { ModelBackend } from '../../../src/backend/model/index.js';
import { Controller } from '../../../src/model/controller.js';
import { modelTopics } from '../../../src/topics/index.js';
import { FakeClock, FakeLog } from '../../_fakes.js';
import { RecordingSink } from '../http/_rig.js';

test('stopped before it starts, it does not start', async (t) => {
  const clock = new FakeClock();
  const topics = modelTopics();
  const controller = new Controller();
  const backend = new ModelBackend({ controller, topics, clock, log: new FakeLog(), timeScale: 1 });
  const sink = new RecordingSink();
  await backend.run(sink, AbortSignal.abort());
  t.deepEqual(sink.connections, []);
  t.is(clock.waiting, 0);
});
