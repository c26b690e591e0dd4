import test from 'ava';
import type { QuirkChoice } from '../../src/model/quirks.js';
import { charging, OPEN, ready, type TimedController, waiting } from './_timed-controller.js';

const indicate = (rig: TimedController, indication: number, duration: number) =>
  rig.controller.setIndicatorLed({ indication, duration, color_h: 0, color_s: 0, color_v: 0 });

for (const quirks of ['default', 'all', 'none'] as const) {
  const on = quirks !== 'none';

  test(`Q1 ${quirks}: after -1 the old indication ${on ? 'stays' : 'is gone'}`, (t) => {
    const rig = ready({ quirks });
    rig.controller.setLedConfiguration(true);
    indicate(rig, 255, 10_000);
    rig.advance(1);
    indicate(rig, -1, 0);
    rig.advance(2);
    t.is(rig.look.L, 1);
    t.deepEqual([rig.look.indication, rig.look.duration], on ? [255, 8000] : [-1, 0]);
    indicate(rig, 1001, 500);
    rig.advance(3);
    t.deepEqual([rig.look.indication, rig.look.duration], [-1, 0]);
  });

  test(`Q2 ${quirks}: a stale timer ${quirks === 'all' ? 'opens at once' : 'is no more'}`, (t) => {
    const rig = charging({ quirks });
    rig.controller.stopCharging();
    rig.advance(1);
    rig.controller.startCharging();
    rig.advance(1.1);
    t.is(rig.look.K, 0, 'released again the contactor opens at once');
    rig.advance(20);
    t.is(rig.look.K, 1);
    rig.controller.stopCharging();
    rig.advance(21);
    t.is(rig.look.K, quirks === 'all' ? 0 : 1);
    rig.advance(23.5);
    t.is(rig.look.K, 0);
  });

  test(`Q3 ${quirks}: the guard timer ${quirks === 'all' ? 'keeps running' : 'starts anew'} when the pilot recovers`, (t) => {
    const rig = waiting({ quirks });
    rig.car(OPEN);
    rig.advance(0.7);
    rig.car(2700);
    rig.advance(4);
    t.is(rig.look.iec, 1);
    rig.car(OPEN);
    rig.advance(4.8);
    t.is(rig.look.iec, quirks === 'all' ? 0 : 1);
    rig.advance(8);
    t.is(rig.look.iec, 0);
  });

  test(`Q4 ${quirks}: passing through the C band ${on ? 'closes' : 'does not close'} the contactor`, (t) => {
    for (const load of [240, 100]) {
      const rig = waiting({ quirks });
      rig.car(load);
      const closed = rig.advance(3, () => rig.look.K === 1);
      t.is(closed, on, `${load} ohms`);
      rig.advance(8);
      t.is(rig.look.iec, load === 240 ? 3 : 4);
    }
  });

  test(`Q4 ${quirks}: 100 to 880 ohms ${on ? 'passes through D' : 'stays in E/F'}`, (t) => {
    const rig = ready({ quirks });
    rig.car(100);
    rig.advance(3);
    t.is(rig.look.iec, 4);
    rig.car(880);
    rig.advance(6);
    t.is(rig.look.iec, on ? 3 : 4);
  });

  test(`Q5 ${quirks}: a held button ${on ? 'hides' : 'does not hide'} an error`, (t) => {
    const rig = ready({ quirks, jumper: 7 });
    rig.button(true);
    rig.advance(1);
    t.deepEqual([rig.look.err, rig.look.chg, rig.look.L], on ? [0, 0, 0] : [2, 4, 2]);
  });

  test(`Q6 ${quirks}: a bare short looks ${on ? 'unplugged' : 'like an error'}`, (t) => {
    const rig = waiting({ quirks });
    rig.car(20);
    rig.advance(6);
    t.is(rig.look.iec, on ? 0 : 4);
    // One ohm less is lost in whole numbers.
    t.is(rig.look.R, on ? OPEN : 19);
  });

  test(`Q7 ${quirks}: a contactor error without a vehicle ${on ? 'clears' : 'keeps'} the slots`, (t) => {
    const rig = ready({ quirks });
    rig.controller.limits.setExternalClearOnDisconnect(true);
    rig.controller.world.setSupply({ live: false, contactor: 'ok' });
    rig.advance(1);
    t.is(rig.look.iec, 4);
    t.is(rig.slot(8), '32000/on/yes');
    rig.controller.world.setSupply({ live: true, contactor: 'ok' });
    rig.advance(2);
    t.is(rig.look.iec, 0);
    t.is(rig.slot(8), on ? '0/on/yes' : '32000/on/yes');
  });

  test(`windows ${quirks}: without averaging's side effects they are the same`, (t) => {
    t.deepEqual(times(quirks), { b: true, c: true, opened: true, a: true });
  });
}

/** Whether the latencies of controller-model 2.5 hold. */
function times(quirks: QuirkChoice) {
  const rig = ready({ quirks });
  const within = (load: number, iec: number, first: number, last: number) => {
    const from = rig.seconds;
    rig.car(load);
    const came = rig.advance(from + last, () => rig.look.iec === iec);
    return came && rig.seconds - from >= first;
  };
  const b = within(2700, 1, 0.75, 1);
  rig.advance(rig.seconds + 2);
  const c = within(880, 2, 0.25, 0.75);
  rig.advance(rig.seconds + 2);
  const opened = within(2700, 1, 0.06, 0.1);
  rig.advance(rig.seconds + 2);
  return { b, c, opened, a: within(OPEN, 0, 2.75, 3) };
}

test('a shorted vehicle diode makes an endless cycle of A and B', (t) => {
  const rig = ready();
  rig.vehicle({ connected: true, diode_fault: true });
  const changes: number[] = [];
  let iec = 0;
  rig.advance(60, () => {
    if (rig.look.iec !== iec) changes.push(rig.seconds);
    iec = rig.look.iec;
    return false;
  });
  const lengths = changes.slice(1).map((at, index) => at - (changes[index] ?? 0));
  t.true(changes.length > 20);
  t.true(
    lengths.filter((_, index) => index % 2 === 0).every((length) => Math.abs(length - 3.5) < 0.3),
    'B',
  );
  t.true(
    lengths.filter((_, index) => index % 2 === 1).every((length) => Math.abs(length - 1.5) < 0.3),
    'A',
  );
});

test('an error is not over while the vehicle keeps asking, nor for 30 s after that', (t) => {
  const rig = ready();
  rig.car(100);
  rig.advance(3);
  t.is(rig.look.iec, 4);
  rig.controller.world.setSupply({ live: true, contactor: 'welded' });
  rig.car(880);
  rig.advance(6);
  rig.controller.world.setSupply({ live: true, contactor: 'ok' });
  rig.advance(100);
  t.is(rig.look.iec, 4, 'each refused attempt begins the 30 s anew');
  rig.car(2700);
  rig.advance(103);
  t.is(rig.look.iec, 1);
  rig.car(880);
  rig.advance(129);
  t.is(rig.look.iec, 1);
  rig.advance(134);
  t.is(rig.look.iec, 2);
});
