import test from 'ava';
import type { FlashFile } from '../../../src/backend/model/flash-file.js';
import { ModelBackend } from '../../../src/backend/model/index.js';
import type { FlashImage } from '../../../src/model/board/flash.js';
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

/** What is kept between two lives, in memory. */
class MemoryFlash implements Pick<FlashFile, 'save' | 'written'> {
  image: unknown;

  save(image: FlashImage): void {
    this.image = JSON.parse(JSON.stringify(image));
  }

  written(): Promise<void> {
    return Promise.resolve();
  }
}

async function life(flash: MemoryFlash | undefined, minutes: number) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const controller = new Controller({ noise: false, flash: flash?.image });
  const topics = modelTopics();
  const kept = flash ? { flash } : {};
  const backend = new ModelBackend({ controller, topics, clock, log, timeScale: 1, ...kept });
  const stop = new AbortController();
  const running = backend.run(new RecordingSink(), stop.signal);
  const before = controller.meter.values().energy_abs;
  controller.world.setVehicle({ ...controller.world.vehicle(), connected: true, requesting: true });
  await clock.pass(minutes * 60_000);
  const after = controller.meter.values().energy_abs;
  stop.abort();
  await running;
  return { before, after, log };
}

test('the count of the meter outlives a stop in the middle of a charge', async (t) => {
  const flash = new MemoryFlash();
  const first = await life(flash, 4);
  t.true((first.after ?? 0) > 0.3 && (first.after ?? 0) < 1);
  t.is((await life(flash, 1)).before, first.after);
});

test('without a file for it the model says what it forgets', async (t) => {
  const { log } = await life(undefined, 0);
  t.true(log.texts('info').some((text) => /MODEL_STATE_FILE/.test(text)));
  const { log: silent } = await life(new MemoryFlash(), 0);
  t.false(silent.texts('info').some((text) => /MODEL_STATE_FILE/.test(text)));
});
