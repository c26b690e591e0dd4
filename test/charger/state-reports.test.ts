import test from 'ava';
import { fakeCharger } from '../_fakes.js';

const slots = [{ max_current: 6_000, active: true, clear_on_disconnect: false }];

test('what the charger does not tell any more after it was away is not shown any more', (t) => {
  const { charger, backend } = fakeCharger();
  const gone: string[] = [];
  charger.watch({ state() {}, connection() {}, gone: (path) => gone.push(path) });
  backend.reports('evse/external_current', { current: 16_000 });
  backend.reports('evse/slots', slots);
  backend.reports('evse/brand_new', { a: 1 });
  backend.sink?.offline('away');
  t.is(
    charger.store.size,
    4,
    'while it is away its last states stay, and the connection says what they are worth',
  );
  backend.reports('evse/external_current', { current: 16_000 });
  t.deepEqual(gone, []);
  backend.sink?.online('polling');
  t.deepEqual(gone.sort(), ['bridge/current_limit', 'evse/brand_new', 'evse/slots']);
  t.deepEqual([...charger.store.entries()], [['evse/external_current', '{"current":16000}']]);
  t.false(charger.isWritable('evse/brand_new'));
});

test('a state that can not be used is no state of this connection', (t) => {
  const { charger, backend } = fakeCharger();
  backend.reports('evse/external_current', { current: 16_000 });
  backend.sink?.offline('away');
  backend.reports('evse/external_current', '"16000"');
  backend.sink?.online('polling');
  t.is(charger.read('evse/external_current'), undefined);
});

test('another way to the same charger forgets nothing, and a topic that comes back is told', (t) => {
  const { charger, backend } = fakeCharger();
  const told: string[] = [];
  backend.reports('evse/slots', slots);
  charger.watch({ state: (path) => told.push(path), connection() {} });
  backend.sink?.online('websocket');
  t.is(charger.store.size, 2);
  backend.sink?.offline('away');
  backend.sink?.online('websocket');
  t.is(charger.store.size, 0);
  backend.reports('evse/slots', slots);
  t.deepEqual(told, ['evse/slots', 'bridge/current_limit']);
});
