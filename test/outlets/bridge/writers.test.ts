import test from 'ava';
import { Refused } from '../../../src/base/errors.js';
import type { Incoming } from '../../../src/mqtt/link.js';
import { bytes, settle } from '../../_fakes.js';
import { joined } from './_joined.js';

const correlation = bytes('request 7');
const asked: Partial<Incoming> = { responseTopic: 'me/answers', correlation };

test('an answer goes to everybody, and with its correlation to who asked for it', async (t) => {
  const { link, backend } = joined();
  backend.reports('evse/external_current', { current: 32_000 });
  link.send('warp/evse/external_current_update', '6000', asked);
  await settle();
  const answer = { topic: 'evse/external_current', status: 'ok', value: { current: 6_000 } };
  t.deepEqual(link.seen('warp/bridge/response'), [answer]);
  t.deepEqual(link.seen('me/answers'), [answer]);
  const own = link.published.find(({ topic }) => topic === 'me/answers');
  t.deepEqual(own?.correlation, correlation);
  t.false(own?.retain);
});

test('who has to wait for the flash is told at once, and again when it is done', async (t) => {
  const { link, backend, clock } = joined();
  backend.reports('evse/global_current', { current: 32_000 });
  for (let current = 6_000; current < 12_000; current += 1_000) {
    link.send('warp/evse/global_current_update', String(current), current === 11_000 ? asked : {});
    await settle();
  }
  t.like(link.seen('me/answers')[0], { status: 'waiting', value: { current: 11_000 }, seconds: 60 });
  await clock.pass(60_000);
  t.deepEqual(link.seen('me/answers').slice(1), [
    { topic: 'evse/global_current', status: 'ok', value: { current: 11_000 } },
  ]);
  const own = link.published.filter(({ topic }) => topic === 'me/answers');
  t.true(own.every((message) => message.correlation === correlation));
});

test('an answer that stands for others says how many, in words and as a member', async (t) => {
  const { link } = joined();
  link.send('warp/evse/external_current_update', '1');
  await settle();
  const message = link.published.find(({ topic }) => topic === 'warp/bridge/response');
  t.is(message?.answer?.share, 'evse/external_current');
  t.deepEqual(JSON.parse(message?.answer?.folded(37) ?? ''), {
    topic: 'evse/external_current',
    status: 'error',
    code: 'invalid',
    error: 'current: expected 0 or 6000..32000 mA, got 1',
    folded: 37,
    note: '37 more answers like it found no room',
  });
});

test('the log says of an action that it was sent, and names no value that it does not have', async (t) => {
  const { link, backend, log } = joined();
  backend.reports('evse/external_current', { current: 32_000 });
  link.send('warp/evse/start_charging', '');
  link.send('warp/evse/external_current_update', '10000');
  await settle();
  t.true(
    log.lines.some((line) => JSON.stringify(line).includes('evse/start_charging sent')),
    JSON.stringify(log.lines),
  );
  t.true(log.lines.some((line) => JSON.stringify(line).includes('evse/external_current set to')));
  t.false(JSON.stringify(log.lines).includes('null'));
});

test('a password is in no answer and in no line of the log', async (t) => {
  const { link, backend, log } = joined();
  const topic = 'warp/evse/reset_dc_fault_current_state';
  for (const payload of ['{"password":918273}', '{"password":"918273"}', '918273x']) {
    link.send(topic, payload, asked);
    link.send(`${topic}_update`, payload, asked);
    await settle();
  }
  backend.answer = async () => {
    throw new Refused('rejected', 'wrong password');
  };
  link.send(topic, '918273');
  await settle();
  t.is(link.seen('warp/bridge/response').length, 7);
  t.false(JSON.stringify([link.published, log.lines]).includes('918273'));
  t.is(backend.writes.length, 3);
});
