import test from 'ava';
import { bytes, type FakeSetup, fakeCharger } from '../_fakes.js';

const PER_SECOND = 2_000;
const SECONDS = 2;

/** ms that the charger needs for each request. */
const SLOW_MS = 50;

/** A charger that needs its time for everything. */
function slow(): FakeSetup {
  const setup = fakeCharger();
  const { backend, clock } = setup;
  const later = (run: () => void) =>
    new Promise<void>((done) => {
      clock.after(SLOW_MS, () => {
        run();
        done();
      });
    });
  backend.answer = (path, value) => later(() => backend.reports(path, value));
  backend.answerRead = () => later(() => {}).then(() => true);
  return setup;
}

const topics = [...fakeCharger().charger.topics.values()].filter(
  ({ command, state }) => command?.members[0] === 'enabled' && state && command.flash,
);

/** Topics of the charger without a row: enough to keep it busy for longer than a polite writer may wait. */
const UNKNOWN_TOPICS = 30;

const floods: readonly (readonly [name: string, write: (at: number) => readonly [string, string]])[] = [
  ['one topic', (at) => ['evse/external_current', String(6_000 + (at % 26_000))]],
  [
    'every switch that is kept in flash',
    (at) => [topics[at % topics.length]?.path ?? '', String(Math.floor(at / topics.length) % 2 === 0)],
  ],
  ['thirty topics', (at) => [`evse/unknown_${at % UNKNOWN_TOPICS}`, String(at)]],
  ['values that are refused', () => ['evse/external_current', 'x']],
  ['topics that there are not', (at) => [`evse/externl_current${at}`, '1']],
];

for (const [name, write] of floods) {
  test(`a flood on ${name}: everybody is answered, and a polite writer within a second`, async (t) => {
    const setup = slow();
    const { charger, clock } = setup;
    for (let at = 0; at < UNKNOWN_TOPICS; at++) setup.backend.reports(`evse/unknown_${at}`, at);
    let asked = 0;
    let answered = 0;
    const polite: number[] = [];
    for (let ms = 0; ms < SECONDS * 1_000; ms += 20) {
      for (let i = 0; i < (PER_SECOND * 20) / 1_000; i++) {
        const [path, payload] = write(asked++);
        void charger.write({ path, payload: bytes(payload), retained: false }).then(() => {
          answered += 1;
        });
      }
      if (ms % 200 === 0) {
        const began = clock.now();
        void charger
          .write({ path: 'evse/start_charging', payload: bytes(''), retained: false })
          .then(() => polite.push(clock.now() - began));
      }
      await clock.pass(20);
    }
    // What the guard of the flash holds back waits for a minute.
    await clock.pass(70_000);
    t.is(answered, asked);
    t.is(polite.length, SECONDS * 5);
    t.true(Math.max(...polite) <= 1_000, `the slowest polite answer took ${Math.max(...polite)} ms`);
    t.is(clock.waiting, 0);
  });
}
