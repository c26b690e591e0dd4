import test from 'ava';
import fc from 'fast-check';
import {
  type Facts,
  type Session,
  SessionTracker,
  sessionOf,
  sessionPayload,
} from '../../../src/outlets/session/session-tracker.js';

const NOON = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;

const facts = (changes: Partial<Facts>): Facts => ({
  state: 0,
  meter: 1_000,
  power: 0,
  tracker: undefined,
  ...changes,
});

/** Both clocks agree. */
const at = (ms: number) => ({ date: ms, now: ms });

const tracked = (user: number | undefined, meterStart?: number, start?: number): Facts['tracker'] => ({
  user,
  meterStart,
  start,
});

test('a charge without a tracker: from the permission to the unplugging', (t) => {
  const sessions = new SessionTracker();
  sessions.observe(facts({ state: 0 }), at(NOON));
  t.is(sessions.session, undefined);
  sessions.observe(facts({ state: 1 }), at(NOON + MINUTE));
  t.is(sessions.session, undefined, 'a car that waits does not charge');
  sessions.observe(facts({ state: 3, power: 11_000 }), at(NOON + 2 * MINUTE));
  sessions.observe(facts({ state: 3, meter: 1_500, power: 10_000 }), at(NOON + 5 * MINUTE));
  sessions.observe(facts({ state: 1, meter: 1_500 }), at(NOON + 6 * MINUTE));
  t.is(sessions.session?.end, undefined, 'a pause does not end it');
  const ended = sessions.observe(facts({ state: 0, meter: 1_500 }), at(NOON + 9 * MINUTE));
  t.deepEqual(ended && sessionPayload(ended), {
    start: '2026-11-24T12:02:00Z',
    end: '2026-11-24T12:09:00Z',
    energy: 500,
    charging_seconds: 4 * 60,
    user_id: null,
    max_power: 11_000,
    meter_start: 1_000,
  });
});

test('with a tracker: its user, its start, its meter', (t) => {
  const sessions = new SessionTracker();
  const start = NOON - 30 * MINUTE;
  sessions.observe(facts({ state: 3, meter: 4_000, tracker: tracked(7, 1_000, start) }), at(NOON));
  t.like(sessions.session, { start, user: 7, energy: 3_000, meterStart: 1_000 });
  const ended = sessions.observe(facts({ meter: 4_200, tracker: tracked(undefined) }), at(NOON + MINUTE));
  t.like(ended, { end: NOON + MINUTE, energy: 3_200 });
});

test('without a meter there is no energy, and it is told as unknown', (t) => {
  const sessions = new SessionTracker();
  sessions.observe(facts({ state: 3, meter: undefined, power: undefined }), at(NOON));
  const ended = sessions.observe(facts({ state: 0, meter: undefined }), at(NOON + MINUTE));
  t.like(ended && sessionPayload(ended), { energy: null, max_power: null, meter_start: null });
});

test('a restart of the bridge in the middle: start, time and power go on', (t) => {
  const before = new SessionTracker();
  before.observe(facts({ state: 3, power: 11_000 }), at(NOON));
  before.observe(facts({ state: 3, meter: 2_000, power: 9_000 }), at(NOON + 10 * MINUTE));
  const kept = before.session && sessionPayload(before.session);
  const after = new SessionTracker(sessionOf(kept));
  after.observe(facts({ state: 3, meter: 2_500, power: 8_000 }), at(NOON + 20 * MINUTE));
  after.observe(facts({ state: 3, meter: 3_000, power: 8_000 }), at(NOON + 21 * MINUTE));
  t.like(after.session, { start: NOON, energy: 2_000, maxPower: 11_000, charging: 11 * MINUTE });
});

test('the car left while the bridge was away: the charge ends with what the meter says', (t) => {
  const restored: Session = {
    start: NOON,
    end: undefined,
    energy: 500,
    charging: MINUTE,
    user: undefined,
    maxPower: 11_000,
    meterStart: 1_000,
  };
  const sessions = new SessionTracker(restored);
  t.like(sessions.observe(facts({ state: 0, meter: 2_200 }), at(NOON + 60 * MINUTE)), { energy: 1_200 });
});

test('the tracker shows another charge than before: the first one ends where the second begins', (t) => {
  const sessions = new SessionTracker();
  sessions.observe(facts({ state: 3, meter: 1_500, tracker: tracked(1, 1_000, NOON) }), at(NOON + MINUTE));
  sessions.gap();
  const second = tracked(2, 4_000, NOON + 60 * MINUTE);
  const ended = sessions.observe(facts({ state: 3, meter: 4_300, tracker: second }), at(NOON + 90 * MINUTE));
  t.like(ended, { end: NOON + 60 * MINUTE, energy: 3_000, user: 1 });
  t.like(sessions.session, { start: NOON + 60 * MINUTE, energy: 300, user: 2 });
});

test('time in which nothing was seen is not counted as charging', (t) => {
  const sessions = new SessionTracker();
  sessions.observe(facts({ state: 3 }), at(NOON));
  sessions.gap();
  sessions.observe(facts({ state: 3 }), at(NOON + 600 * MINUTE));
  t.is(sessions.session?.charging, 0);
});

for (const [way, jump] of [
  ['back', -1_000 * MINUTE],
  ['forward, as on a machine without a clock of its own once it knows the time', 30_000_000 * MINUTE],
] as const) {
  test(`a time of day that jumps ${way} changes nothing of how long it was charged`, (t) => {
    const sessions = new SessionTracker();
    sessions.observe(facts({ state: 3 }), { date: NOON, now: 0 });
    sessions.observe(facts({ state: 3, meter: 1_100 }), { date: NOON + jump, now: MINUTE });
    t.like(sessions.session, { charging: MINUTE, energy: 100 });
  });
}

test('no charge ends before it began, although the clock of the charger is ahead of ours', (t) => {
  const sessions = new SessionTracker();
  const start = NOON + 10 * MINUTE;
  sessions.observe(facts({ state: 3, tracker: tracked(1, 1_000, start) }), at(NOON));
  const ended = sessions.observe(facts({ meter: 1_500, tracker: tracked(undefined) }), at(NOON + MINUTE));
  t.like(ended, { start, end: start, energy: 500 });
});

test('what is no session is not taken for one', (t) => {
  for (const odd of [
    undefined,
    null,
    5,
    'x',
    [],
    {},
    { start: 'yesterday' },
    { start: '2026-01-01T00:00:00Z', end: 'x' },
  ])
    t.is(sessionOf(odd), undefined);
});

test('a payload reads back as the session it was made of', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        start: fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1_000),
        end: fc.option(
          fc.integer({ min: 0, max: 4_000_000_000 }).map((s) => s * 1_000),
          { nil: undefined },
        ),
        energy: fc.option(fc.nat(), { nil: undefined }),
        charging: fc.nat(1_000_000).map((s) => s * 1_000),
        user: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
        maxPower: fc.option(fc.nat(50_000), { nil: undefined }),
        meterStart: fc.option(fc.nat(), { nil: undefined }),
      }),
      (session) => t.deepEqual(sessionOf(sessionPayload(session)), session),
    ),
  );
});

/** A charger with a meter and, perhaps, a tracker, which a script drives; the bridge and the charger restart at will. */
for (const hasTracker of [true, false]) {
  test(`1 000 random charges with restarts: the sessions are the meter, to the watt-hour (${hasTracker ? 'with' : 'without'} a tracker)`, (t) => {
    // Equal seeds make equal runs.
    let seed = 20_261_124;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    let now = NOON;
    let meter = 4_271_400;
    const finished: Session[] = [];
    let sessions = new SessionTracker();
    let trackerNow: Facts['tracker'] = hasTracker ? tracked(undefined) : undefined;
    const seen = (state: number) =>
      facts({ state, meter, power: state === 3 ? 11_000 : 0, tracker: trackerNow });
    const look = (state: number) => {
      now += 1_000 + random(60_000);
      const ended = sessions.observe(seen(state), at(now));
      if (ended) finished.push(ended);
      const chance = random(40);
      if (chance > 1) return;
      // The bridge starts again and knows what it told last, or the charger was away: then it is looked at anew.
      if (chance === 0)
        sessions = new SessionTracker(sessionOf(sessions.session && sessionPayload(sessions.session)));
      else sessions.gap();
      sessions.observe(seen(state), at(now + 500));
    };
    look(0);
    const before = meter;
    for (let charge = 0; charge < 1_000; charge++) {
      // The charger knows the time only now and then.
      const start = random(5) === 0 ? undefined : Math.floor(now / MINUTE) * MINUTE;
      if (hasTracker) trackerNow = tracked(charge % 3, meter, start);
      for (let steps = 1 + random(8); steps > 0; steps--) {
        const state = 1 + random(3);
        if (state === 3) meter += random(2_000);
        look(steps === 1 ? 3 : state);
      }
      // A car that is changed while nobody looks: the tracker tells, without it the two are one.
      const unseen = hasTracker && random(10) === 0;
      if (hasTracker) trackerNow = tracked(undefined);
      now += random(60) * MINUTE;
      if (!unseen) look(0);
    }
    look(0);
    const sum = finished.reduce((all, { energy = 0 }) => all + energy, 0);
    t.is(sum, meter - before);
    t.true(finished.every(({ start, end = 0 }) => end >= start));
  });
}
