import test from 'ava';
import fc from 'fast-check';
import { matcher } from '../../src/charger/globs.js';

const table: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['external_current', 'external_current', true],
  ['external_current', 'external_current_', false],
  ['external_*', 'external_current', true],
  ['external_*', 'external_', true],
  ['*_enabled', 'evse/user_enabled', true],
  ['*_enabled', 'evse/user_enabled_', false],
  ['meters/*/values', 'meters/0/values', true],
  ['meters/*/values', 'meters/values', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['*ab*ab', 'ab', false],
  ['*ab*ab', 'abab', true],
  ['a.c', 'abc', false],
  ['**', 'anything/at/all', true],
];

for (const [pattern, text, expected] of table) {
  test(`the pattern "${pattern}" ${expected ? 'matches' : 'does not match'} "${text}"`, (t) => {
    t.is(matcher([pattern])(text), expected);
  });
}

test('any of several patterns is enough; without patterns nothing matches', (t) => {
  t.true(matcher(['a*', 'b*'])('bc'));
  t.false(matcher([])(''));
});

test('it agrees with the regular expression for short texts', (t) => {
  const text = (...letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  t.notThrows(() =>
    fc.assert(
      fc.property(text('a', 'b', '*'), text('a', 'b'), (pattern, input) => {
        const expected = new RegExp(`^${pattern.replaceAll(/\*+/g, '.*')}$`).test(input);
        return matcher([pattern])(input) === expected;
      }),
    ),
  );
});

test('no pattern takes long, however many stars it has', (t) => {
  const path = `evse/${'e'.repeat(100_000)}`;
  // Each star doubled the work of a regular expression; here a thousand of them are a thousand searches.
  t.false(matcher([`${'*e'.repeat(1_000)}#`])(path));
  t.true(matcher([`${'*e'.repeat(1_000)}*`])(path));
});
