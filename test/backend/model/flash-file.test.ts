import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FlashFile, flashFileFaults } from '../../../src/backend/model/flash-file.js';
import { FakeClock, FakeLog } from '../../_fakes.js';

function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'evse-flash-file-'));
  const file = join(folder, 'flash.json');
  const clock = new FakeClock();
  const log = new FakeLog();
  // A folder in the place of the new image stands in the way of every write, as a full disk does.
  const block = () => mkdirSync(`${file}.new`);
  const free = () => rmSync(`${file}.new`, { recursive: true });
  return { folder, file, clock, log, block, free, flash: new FlashFile(file, clock, log) };
}

test('what could not be written is written by itself later, the newest of it', async (t) => {
  const { file, clock, log, block, free, flash } = bench();
  block();
  flash.save({ one: 1 });
  await flash.written();
  t.is(log.texts('error').length, 1);
  flash.save({ two: 2 });
  await flash.written();
  t.is(log.texts('error').length, 1, 'the same fault is told once');
  free();
  flash.save({ three: 3 });
  await flash.written();
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { three: 3 });
  t.regex(log.texts('info').join(), /is written again/);
  t.is(clock.waiting, 0);
});

test('nobody has to save again, and nothing has to end', async (t) => {
  const { file, clock, log, block, free, flash } = bench();
  block();
  flash.save({ one: 1 });
  while (log.texts('error').length === 0) await clock.pass(0);
  await clock.pass(60_000);
  free();
  await clock.pass(10_000);
  while (log.texts('info').length === 0) await clock.pass(0);
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { one: 1 });
  t.is(log.texts('error').length, 1);
  t.is(clock.waiting, 0);
});

test('a file that is no JSON is kept aside', async (t) => {
  const { file, log, flash } = bench();
  writeFileSync(file, '{"half":');
  t.is(await flash.load(), undefined);
  t.is(readFileSync(`${file}.unreadable`, 'utf8'), '{"half":');
  t.regex(log.texts('warn').join(), /is not JSON: moved to/);
});

test('what can be the flash of a model', (t) => {
  const { folder, file } = bench();
  writeFileSync(join(folder, 'old.json'), '{}');
  t.deepEqual(flashFileFaults(undefined), []);
  t.deepEqual(flashFileFaults(file), []);
  t.deepEqual(flashFileFaults(join(folder, 'old.json')), []);
  t.regex(flashFileFaults('/dev/null').join(), /^MODEL_STATE_FILE: \/dev\/null is a device$/);
  t.regex(flashFileFaults(folder).join(), /is a folder$/);
  t.regex(flashFileFaults(join(folder, 'not', 'there.json')).join(), /there is no folder .*not$/);
  t.regex(flashFileFaults(join(folder, 'old.json', 'x')).join(), /there is no folder/);
});
