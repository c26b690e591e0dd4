import test from 'ava';
import { ControllerWatch } from '../../../src/backend/http/controller-watch.js';
import { RequestFailed } from '../../../src/backend/http/request-failed.js';
import { FakeClock } from '../../_fakes.js';

const UPTIME = 'evse/low_level_state';

/** A watch of a controller whose uptime was told twice, at 0 and at 100 ms of the clock. */
async function watched(): Promise<{ clock: FakeClock; watch: ControllerWatch; tell(uptime: number): void }> {
  const clock = new FakeClock();
  const watch = new ControllerWatch({ clock, ask: async () => {}, onVerdict: () => {} });
  const tell = (uptime: number) => watch.state(UPTIME, JSON.stringify({ uptime }));
  tell(50_000);
  await clock.pass(100);
  tell(50_100);
  return { clock, watch, tell };
}

/** Passes time with a look each 500 ms until the controller counts as frozen; says how long that took, ms. */
async function untilFrozen({ clock, watch }: { clock: FakeClock; watch: ControllerWatch }): Promise<number> {
  const since = clock.now();
  while (clock.now() - since < 30_000) {
    await clock.pass(500);
    watch.check();
    if (watch.verdict instanceof RequestFailed) return clock.now() - since;
  }
  return Number.POSITIVE_INFINITY;
}

test('an uptime that is read seldom tells by itself that it stood still for a while', async (t) => {
  const at = await watched();
  await at.clock.pass(4_000);
  at.tell(51_100);
  t.is(at.watch.verdict, undefined);
  t.is(await untilFrozen(at), 7_000, 'it stopped 3 s before it was read, and is frozen after 10 s');
});

test('an uptime that is told late is no reason to call the controller frozen at once', async (t) => {
  const at = await watched();
  await at.clock.pass(12_000);
  at.tell(50_200);
  at.watch.check();
  t.is(at.watch.verdict, undefined);
  t.is(await untilFrozen(at), 5_000, 'as one that was told 5 s ago');
});

test('an uptime that goes on, is ahead, or begins again has moved just now', async (t) => {
  for (const uptime of [53_100, 90_000, 7]) {
    const at = await watched();
    await at.clock.pass(3_000);
    at.tell(uptime);
    t.is(await untilFrozen(at), 10_000, String(uptime));
  }
});
