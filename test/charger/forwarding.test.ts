import test from 'ava';
import { bytes, type FakeSetup, fakeCharger } from '../_fakes.js';

const write = ({ charger }: FakeSetup, path: string, payload: string) =>
  charger.write({ path, payload: bytes(payload), retained: false });

const rules: readonly (readonly [path: string, mirror: readonly string[], passed: boolean])[] = [
  ['evse/state', [], false],
  ['evse/external_current', [], true],
  ['evse/brand_new', [], true],
  ['evse/a/b/c/d', [], true],
  ['evse/start_charging', [], false],
  ['info/version', [], false],
  ['info/features', [], true],
  ['info/modules', [], false],
  ['info/modules', ['info/*'], true],
  ['meter/values', [], false],
  ['meter/values', ['meter/*'], true],
  ['meters/1/errors', ['meters/*/errors'], true],
  ['meters/1/config', ['meters/*/errors'], false],
  ['ntp/state', ['*'], true],
  ['wifi/state_update', ['*'], false],
  ['bridge/anything', ['*'], false],
  ['bridge/current_limit', ['*'], false],
  ['wifi', ['*'], false],
  ['wifi/a/b/c/d/e', ['*'], false],
  ['wifi/#', ['*'], false],
  ['wifi//state', ['*'], false],
  ['/wifi/state', ['*'], false],
  ['wifi/st ate', ['*'], false],
  [`wifi/${'x'.repeat(65)}`, ['*'], false],
];

for (const [path, mirror, passed] of rules) {
  const title = `${path.slice(0, 30)} is ${passed ? '' : 'not '}passed on with the mirror ${JSON.stringify(mirror)}`;
  // Values of no shape are not passed on for topics that have one.
  const payload =
    path === 'evse/external_current'
      ? '{"current":6000}'
      : path === 'info/features'
        ? '[]'
        : '{"power":1,"energy_rel":null,"energy_abs":2}';
  test(title, (t) => {
    const { charger, backend } = fakeCharger({ mirror });
    backend.reports(path, payload);
    t.is(charger.store.get(path), passed ? payload : undefined);
  });
}

test('what does not fit its row is told once while it lasts, and when it is over', (t) => {
  const { charger, backend, log } = fakeCharger();
  backend.reports('evse/external_current', { current: 6_000 });
  for (const current of ['x', 'y', null]) backend.reports('evse/external_current', { current });
  t.is(log.texts('warn').length, 1);
  t.is(charger.store.get('evse/external_current'), '{"current":6000}');
  backend.reports('evse/external_current', { current: 7_000 });
  t.deepEqual(log.texts('info').slice(-1), ['evse/external_current from the charger is usable again']);
  backend.reports('evse/external_current', { current: 'x' });
  t.is(log.texts('warn').length, 2);
});

test('a topic that is unusable every other time does not flood the log', async (t) => {
  const { backend, log, clock, stop } = fakeCharger();
  for (let second = 0; second < 600; second++) {
    backend.reports('evse/external_current', { current: second % 2 ? 'x' : 6_000 + second });
    await clock.pass(1_000);
  }
  const lines = log.lines.filter(({ text }) => text.startsWith('evse/external_current'));
  t.true(lines.length - log.texts('debug').length <= 5 + 10 + 1, `${lines.length} lines`);
  stop();
  await clock.pass(0);
  t.is(clock.waiting, 0);
});

test('a topic without a row can be written once the charger has shown it, as long as it shows it', async (t) => {
  const setup = fakeCharger();
  t.like(await write(setup, 'evse/brand_new', '1'), { code: 'unknown' });
  setup.backend.reports('evse/brand_new', 0);
  t.true(setup.charger.isWritable('evse/brand_new'));
  t.like(await write(setup, 'evse/brand_new', '[1,{"a":"b"}]'), { status: 'ok', value: [1, { a: 'b' }] });
  t.like(await write(setup, 'evse/brand_new', ''), {
    code: 'invalid',
    error: 'empty payload; expected JSON',
  });
  t.like(await write(setup, 'evse/brand_new', 'x'), {
    code: 'invalid',
    error: 'not JSON: expected JSON, got "x"',
  });
  setup.backend.sink?.offline('away');
  setup.backend.sink?.online('polling');
  t.like(await write(setup, 'evse/brand_new', '1'), { code: 'unknown' });
  t.is(setup.backend.writes.length, 1);
});

test('a topic without a row outside evse can be read where it is mirrored, and not written', async (t) => {
  const setup = fakeCharger({ mirror: ['*'] });
  setup.backend.reports('wifi/state', { ip: '1.2.3.4' });
  t.false(setup.charger.isWritable('wifi/state'));
  t.like(await write(setup, 'wifi/state', '{}'), { code: 'unknown' });
  t.deepEqual(setup.backend.writes, []);
});

test('the rules for writing hold for topics without a row too', async (t) => {
  const policy = { readOnly: false, writable: ['external_*'], flashInterval: 0, acceptRetained: true };
  const setup = fakeCharger({ policy });
  setup.backend.reports('evse/brand_new', 0);
  t.like(await write(setup, 'evse/brand_new', '1'), { code: 'denied' });
  const retained = await setup.charger.write({ path: 'evse/brand_new', payload: bytes('1'), retained: true });
  t.like(retained, { code: 'retained' });
});
