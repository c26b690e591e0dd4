import test from 'ava';
import { LogLimiter } from '../../src/base/log-limiter.js';
import { FakeClock, FakeLog } from '../_fakes.js';

function limiter() {
  const clock = new FakeClock();
  const log = new FakeLog();
  return { clock, log, limiter: new LogLimiter(clock, log) };
}

test('the first lines of a kind come as they are, then one summary a minute', async (t) => {
  const { clock, log, limiter: one } = limiter();
  for (let second = 0; second < 150; second++) {
    one.add('warn', 'evse/external_current invalid', `refused ${second}`);
    one.add('warn', 'evse/boost_mode invalid', 'another topic');
    await clock.pass(1_000);
  }
  const about = log.texts('warn').filter((text) => text.startsWith('refused'));
  t.deepEqual(about, [
    'refused 0',
    'refused 1',
    'refused 2',
    'refused 3',
    'refused 4',
    'refused 59 (lines like this held back: 55)',
    'refused 119 (lines like this held back: 60)',
  ]);
  t.is(log.texts('warn').filter((text) => text.startsWith('another')).length, 7);
  t.is(log.texts('debug').filter((text) => text.startsWith('refused')).length, 145);
});

test('a kind that was silent for a minute begins anew, and no timer is left', async (t) => {
  const { clock, log, limiter: one } = limiter();
  for (let line = 0; line < 6; line++) one.add('warn', 'kind', 'text');
  await clock.pass(120_000);
  t.is(log.texts('warn').length, 6);
  t.is(clock.waiting, 0);
  one.add('warn', 'kind', 'text');
  t.is(log.texts('warn').length, 7);
});

test('kinds that strangers make up are counted together from some number on', async (t) => {
  const { clock, log, limiter: one } = limiter();
  for (let line = 0; line < 10_000; line++) one.add('warn', `kind ${line}`, 'text');
  t.true(log.texts('warn').length <= 210, `${log.texts('warn').length} lines`);
  t.true(clock.waiting <= 201);
});

test('stopping tells what was held back', (t) => {
  const { clock, log, limiter: one } = limiter();
  for (let line = 0; line < 8; line++) one.add('info', 'kind', 'text');
  one.stop();
  t.is(log.texts('info').at(-1), 'text (lines like this held back: 3)');
  t.is(clock.waiting, 0);
});

test('what comes after the end is logged, and starts no timer', (t) => {
  const { clock, log, limiter: one } = limiter();
  one.stop();
  one.add('warn', 'kind', 'refused: it is stopping');
  t.deepEqual(log.texts('warn'), ['refused: it is stopping']);
  t.is(clock.waiting, 0);
});
