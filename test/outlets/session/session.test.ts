import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { chargeSessions } from '../../../src/outlets/session/index.js';
import { SessionBook } from '../../../src/outlets/session/session-book.js';
import { appendMissingSession, appendSession } from '../../../src/outlets/session/session-file.js';
import type { Session } from '../../../src/outlets/session/session-tracker.js';
import { FakeClock, FakeLink, FakeLog, type FakeSetup, fakeCharger, outletContext } from '../../_fakes.js';
import { until } from '../../_until.js';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'evse-sessions-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Joined extends FakeSetup {
  readonly close: () => Promise<void>;
}

async function joined(t: ExecutionContext, link = new FakeLink(), file?: string): Promise<Joined> {
  const setup = fakeCharger({ mirror: ['*'] });
  const end = await chargeSessions(outletContext(setup, link), { 'mqtt.qos': 1, 'sessions.file': file });
  const close = async () => void (await end());
  t.teardown(async () => {
    await close();
    setup.stop();
  });
  await setup.clock.pass(0);
  return { ...setup, close };
}

function bookFor(file: string) {
  const [clock, log] = [new FakeClock(), new FakeLog()];
  return { clock, log, book: new SessionBook(file, 'warp', clock, log) };
}

const charge = (wattHours: number): Session => ({
  start: Date.UTC(2026, 10, 24),
  end: Date.UTC(2026, 10, 24, 1),
  energy: wattHours,
  charging: 3_600_000,
  user: undefined,
  maxPower: undefined,
  meterStart: undefined,
});

function shows({ backend }: FakeSetup, charger_state: number, energy_abs: number): void {
  backend.reports('evse/state', {
    iec61851_state: [0, 1, 1, 2][charger_state] ?? 0,
    charger_state,
    contactor_state: 1,
    contactor_error: 0,
    allowed_charging_current: 16_000,
    error_state: 0,
    lock_state: 0,
  });
  backend.reports('meter/values', { power: charger_state === 3 ? 11_000 : 0, energy_rel: 0, energy_abs });
}

test('a charge is told while it goes on and when it ends, and its events as they come', async (t) => {
  const link = new FakeLink();
  const setup = await joined(t, link);
  const session = () =>
    setup.charger.read('bridge/session') as { energy: number; end: string | null } | undefined;
  shows(setup, 0, 100);
  await setup.clock.pass(1_000);
  t.is(session(), undefined);
  shows(setup, 3, 100);
  await setup.clock.pass(1_000);
  t.like(session(), { energy: 0, end: null, start: '2026-11-24T12:00:01Z' });
  shows(setup, 3, 101.5);
  await setup.clock.pass(31_000);
  shows(setup, 0, 102);
  await setup.clock.pass(1_000);
  t.is(session()?.energy, 2_000);
  t.truthy(session()?.end);
  t.deepEqual(
    link.seen('warp/bridge/event').map((event) => (event as { type: string }).type),
    ['plugged_in', 'charging_started', 'charging_stopped', 'unplugged'],
  );
  t.true(link.published.filter(({ topic }) => topic === 'warp/bridge/event').every(({ retain }) => !retain));
});

test('a charge that only grows is told at most every 30 s', async (t) => {
  const setup = await joined(t);
  let told = 0;
  setup.charger.watch({
    state(path) {
      if (path === 'bridge/session') told += 1;
    },
    connection() {},
  });
  for (let second = 0; second < 120; second++) {
    shows(setup, 3, 100 + second / 1_000);
    await setup.clock.pass(1_000);
  }
  t.true(told >= 4 && told <= 6, `${told}`);
});

test('what an earlier run knew of the charge goes on', async (t) => {
  const before = {
    start: '2026-11-24T10:00:00Z',
    end: null,
    energy: 3_000,
    charging_seconds: 900,
    user_id: null,
    max_power: 22_000,
    meter_start: 97_000,
  };
  const setup = await joined(t, new FakeLink({ 'warp/bridge/session': JSON.stringify(before) }));
  shows(setup, 3, 101);
  await setup.clock.pass(1_000);
  shows(setup, 0, 102);
  await setup.clock.pass(1_000);
  t.like(setup.charger.read('bridge/session') as object, {
    start: '2026-11-24T10:00:00Z',
    energy: 5_000,
    max_power: 22_000,
  });
});

test('a broker that is away for long does not keep charges from being told', async (t) => {
  const link = new FakeLink();
  link.up = false;
  const setup = await joined(t, link);
  shows(setup, 3, 100);
  await setup.clock.pass(31_000);
  t.truthy(setup.charger.read('bridge/session'));
});

test('a refused write is an event with code and reason', async (t) => {
  const link = new FakeLink();
  const setup = await joined(t, link);
  await setup.charger.write({ path: 'evse/external_current', payload: Buffer.from('3000'), retained: false });
  t.like(link.seen('warp/bridge/event')[0] as object, {
    type: 'refused',
    topic: 'evse/external_current',
    code: 'invalid',
  });
});

test('a write that the charger takes and ignores is an event too', async (t) => {
  const link = new FakeLink();
  const setup = await joined(t, link);
  setup.backend.reports('evse/external_enabled', { enabled: true });
  setup.backend.answer = async () => {};
  const payload = Buffer.from('false');
  const answer = setup.charger.write({ path: 'evse/external_enabled', payload, retained: false });
  await setup.clock.pass(10_000);
  t.like(await answer, { status: 'ok', applied: false });
  t.like(link.seen('warp/bridge/event')[0] as object, {
    type: 'refused',
    topic: 'evse/external_enabled',
    code: 'ignored',
    error:
      'since firmware 2.6.2 external control stays on; writing false has reset its current to 32 A instead',
  });
});

test('a finished charge is a line in the file of its year', async (t) => {
  const path = folder(t);
  const setup = await joined(t, new FakeLink(), join(path, 'sessions.jsonl'));
  shows(setup, 3, 100);
  await setup.clock.pass(1_000);
  shows(setup, 0, 107.35);
  await setup.clock.pass(1_000);
  const file = join(path, 'sessions-2026.jsonl');
  await until(() => readdirSync(path).length > 0 && readFileSync(file, 'utf8').endsWith('\n'), 'the line');
  t.like(JSON.parse(readFileSync(file, 'utf8')), { charger: 'warp', energy: 7_350 });
});

test('the same line is not written twice, and a torn one is left alone', async (t) => {
  const file = join(folder(t), 'sessions.jsonl');
  const line = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z', energy: 5 };
  await appendSession(file, line);
  await appendSession(file, line);
  const ofYear = file.replace('sessions.jsonl', 'sessions-2026.jsonl');
  t.is(readFileSync(ofYear, 'utf8').trim().split('\n').length, 1);
  writeFileSync(ofYear, `${JSON.stringify(line)}\n{"start":"2026-0`);
  await appendSession(file, { ...line, energy: 6 });
  const lines = readFileSync(ofYear, 'utf8').trim().split('\n');
  t.deepEqual([lines.length, JSON.parse(lines[2] ?? '').energy], [3, 6]);
});

test('a file that can’t be written is told, and tried again', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'file'), '');
  const setup = await joined(t, new FakeLink(), join(path, 'file/sessions.jsonl'));
  shows(setup, 3, 100);
  await setup.clock.pass(1_000);
  shows(setup, 0, 101);
  await setup.clock.pass(1_000);
  await until(() => setup.log.texts('error').length === 1, 'the error');
  rmSync(join(path, 'file'));
  await setup.clock.pass(60_000);
  await until(() => readdirSync(path).includes('file'), 'the folder');
  t.pass();
});

test('all charges that ended while the file could not be written are written later, in order', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'file'), '');
  const { clock, log, book } = bookFor(join(path, 'file/sessions.jsonl'));
  for (const wattHours of [1_000, 2_000, 3_000]) book.keep(charge(wattHours));
  await until(() => log.texts('error').length === 1, 'the error');
  rmSync(join(path, 'file'));
  await clock.pass(60_000);
  await book.close();
  const lines = readFileSync(join(path, 'file/sessions-2026.jsonl'), 'utf8').trim().split('\n');
  t.deepEqual(
    lines.map((line) => JSON.parse(line).energy),
    [1_000, 2_000, 3_000],
  );
});

test('a thousand charges wait for their file; of more the log has the oldest', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'file'), '');
  const { log, book } = bookFor(join(path, 'file/sessions.jsonl'));
  for (let number = 0; number < 1_002; number++) book.keep(charge(number));
  const lost = log.texts('error').filter((text) => text.includes('1000 others wait'));
  t.deepEqual(
    lost.map((text) => /"energy":(\d+)/.exec(text)?.[1]),
    ['1', '2'],
    'the first one is being written',
  );
  rmSync(join(path, 'file'));
  await book.close();
  const lines = readFileSync(join(path, 'file/sessions-2026.jsonl'), 'utf8').trim().split('\n');
  t.is(lines.length, 1_000);
});

test('a charge that could not be written before the stop is written at the next start', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'file'), '');
  const file = join(path, 'file/sessions.jsonl');
  const link = new FakeLink();
  const first = await joined(t, link, file);
  shows(first, 3, 100);
  await first.clock.pass(1_000);
  shows(first, 0, 107.35);
  await first.clock.pass(1_000);
  await until(() => first.log.texts('error').length === 1, 'the error');
  const retained = JSON.stringify(first.charger.read('bridge/session'));
  await first.close();
  t.regex(
    first.log.texts('error').at(-1) ?? '',
    /could not be written.*"energy":7350/,
    'whoever has no other place',
  );
  rmSync(join(path, 'file'));
  for (const run of ['a second', 'a third']) {
    const later = await joined(t, new FakeLink({ 'warp/bridge/session': retained }), file);
    await later.close();
    const lines = readFileSync(join(path, 'file/sessions-2026.jsonl'), 'utf8').trim().split('\n');
    t.is(lines.length, 1, `${run} run`);
    t.like(JSON.parse(lines[0] ?? ''), { charger: 'warp', energy: 7_350 });
  }
});

test('a charge that ends with the program is in its file when the program has ended', async (t) => {
  const path = folder(t);
  const setup = await joined(t, new FakeLink(), join(path, 'sessions.jsonl'));
  shows(setup, 3, 100);
  await setup.clock.pass(1_000);
  shows(setup, 0, 101);
  await setup.clock.pass(500);
  await setup.close();
  t.like(JSON.parse(readFileSync(join(path, 'sessions-2026.jsonl'), 'utf8')), { energy: 1_000 });
});

test('an old charge of a charger that is seldom used is not written again behind thousands of others', async (t) => {
  const path = folder(t);
  const file = join(path, 'sessions.jsonl');
  const ofYear = join(path, 'sessions-2026.jsonl');
  const line = (minute: number) => {
    const end = new Date(Date.UTC(2026, 0, 2, 0, minute)).toISOString().replace('.000', '');
    return { charger: 'other', start: '2026-01-02T00:00:00Z', end, energy: minute, meter_start: 12_345_678 };
  };
  const many = Array.from({ length: 3_000 }, (_, minute) => JSON.stringify(line(minute)));
  writeFileSync(ofYear, `${many.join('\n')}\n`);
  const old = { charger: 'warp', start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z', energy: 5 };
  await appendMissingSession(file, old);
  t.is(readFileSync(ofYear, 'utf8').trim().split('\n').length, 3_000);
  await appendMissingSession(file, { ...old, end: '2026-02-01T01:00:00Z' });
  t.is(readFileSync(ofYear, 'utf8').trim().split('\n').length, 3_001);
});
