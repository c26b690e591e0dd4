import test from 'ava';
import { current } from '../../src/topics/scalars.js';

for (const [value, text] of [
  [16, 'expected 0 or 6000..32000 mA, got 16; 16 A is 16000'],
  [16.1, 'expected 0 or 6000..32000 mA, got 16.1; 16.1 A is 16100'],
  [3000, 'expected 0 or 6000..32000 mA, got 3000'],
  [5, 'expected 0 or 6000..32000 mA, got 5'],
  ['16', 'expected 0 or 6000..32000 mA, got "16"'],
  [16_000, undefined],
  [0, undefined],
] as const) {
  test(`a current of ${JSON.stringify(value)}`, (t) => {
    t.is(current().check(value, 'write')?.[0]?.text, text);
    if (typeof value === 'number' && Number.isInteger(value))
      t.is(current().check(value, 'report'), undefined);
  });
}
