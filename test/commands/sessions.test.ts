import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BadConfiguration, CannotStart } from '../../src/base/errors.js';
import { sessions } from '../../src/commands/sessions.js';
import { readConfig } from '../../src/config/index.js';
import { FakeLog } from '../_fakes.js';

const line = (start: string, energy: number, charger = 'warp') =>
  JSON.stringify({
    charger,
    start,
    end: start,
    energy,
    charging_seconds: 60,
    user_id: null,
    max_power: 11_000,
    meter_start: 5,
  });

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'evse-charges-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  writeFileSync(join(path, 'charges-2025.jsonl'), `${line('2025-12-31T20:00:00Z', 1)}\n`);
  writeFileSync(
    join(path, 'charges-2026.jsonl'),
    `${line('2026-11-30T20:00:00Z', 3)}\n${line('2026-11-02T20:00:00Z', 2, 'a,"b')}\n`,
  );
  writeFileSync(join(path, 'charges-notes.jsonl'), 'no charge\n');
  return path;
}

async function printed(file: string | undefined, ...args: string[]) {
  const lines: string[] = [];
  const log = new FakeLog();
  const env = file === undefined ? {} : { SESSIONS_FILE: file };
  const grammar = {
    command: 'sessions',
    commands: ['sessions'],
    options: sessions.options ?? {},
    faults: () => [],
  };
  const config = await readConfig(['sessions', ...args], env, grammar);
  const code = await sessions.run({
    config,
    version: '0',
    log,
    signal: new AbortController().signal,
    print: (text) => lines.push(...text.split('\n')),
    settings: { read: async () => config, onHangup: () => () => {} },
  });
  return { code, lines, log };
}

test('all years, by their start, as CSV', async (t) => {
  const { code, lines } = await printed(join(folder(t), 'charges.jsonl'));
  t.is(code, 0);
  t.deepEqual(lines, [
    'charger,start,end,energy,charging_seconds,user_id,max_power,meter_start',
    'warp,2025-12-31T20:00:00Z,2025-12-31T20:00:00Z,1,60,,11000,5',
    '"a,""b",2026-11-02T20:00:00Z,2026-11-02T20:00:00Z,2,60,,11000,5',
    'warp,2026-11-30T20:00:00Z,2026-11-30T20:00:00Z,3,60,,11000,5',
  ]);
});

test('one month as JSON lines', async (t) => {
  const { lines } = await printed(join(folder(t), 'charges.jsonl'), '--format', 'json', '--month', '2026-11');
  t.deepEqual(
    lines.map((one) => JSON.parse(one).energy),
    [2, 3],
  );
});

test('a line that is no charge is told and left out', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'charges-2027.jsonl'), '{"start":"2027-0');
  const { code, lines, log } = await printed(join(path, 'charges.jsonl'));
  t.deepEqual([code, lines.length], [1, 4]);
  t.regex(log.texts('warn')[0] ?? '', /charges-2027\.jsonl, line 1/);
});

test('a month that is none, and no file: both are told at once', async (t) => {
  const error = await t.throwsAsync(printed(undefined, '--month', 'May'), { instanceOf: BadConfiguration });
  t.regex(error?.message ?? '', /SESSIONS_FILE[\s\S]*--month/);
  const wrong = join(folder(t), 'nowhere/charges.jsonl');
  await t.throwsAsync(printed(wrong), { message: /SESSIONS_FILE.*nowhere/ });
});

test('a file that can’t be read is told, and is no bug', async (t) => {
  const path = folder(t);
  mkdirSync(join(path, 'charges-2024.jsonl'));
  const error = await t.throwsAsync(printed(join(path, 'charges.jsonl')), { instanceOf: CannotStart });
  t.regex(error?.message ?? '', /can't read .*charges-2024\.jsonl/);
});
