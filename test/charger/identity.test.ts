import test from 'ava';
import type { Json } from '../../src/base/json.js';
import { identityOf } from '../../src/charger/identity.js';

const STATES: Readonly<Record<string, Json>> = {
  'info/name': { name: 'warp2-AbCd', display_type: 'WARP2 Charger Pro' },
  'info/version': { firmware: '2.8.9' },
};

for (const [states, address, wanted] of [
  [STATES, 'http://192.168.1.20', 'WARP2 Charger Pro, firmware 2.8.9, http://192.168.1.20'],
  [STATES, undefined, 'WARP2 Charger Pro, firmware 2.8.9'],
  [{ 'info/name': { name: 'warp2-AbCd' } }, 'http://h', 'warp2-AbCd, http://h'],
  [{ 'info/name': { display_type: `a\nb\u001b${'x'.repeat(99)}` } }, undefined, `a b ${'x'.repeat(56)}`],
  [{ 'info/name': 7, 'info/version': { firmware: {} } }, undefined, ''],
] as const) {
  test(`a charger is called ${JSON.stringify(wanted)}`, (t) => {
    // Each of them is a table of states.
    const known = states as Readonly<Record<string, Json>>;
    t.is(
      identityOf((path) => known[path], address),
      wanted,
    );
  });
}
