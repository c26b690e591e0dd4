import test from 'ava';
import fc from 'fast-check';
import {
  equal,
  includes,
  isDeeperThan,
  type Json,
  membersOf,
  parseJson,
  valueAt,
} from '../../src/base/json.js';
import { StateStore } from '../../src/charger/state-store.js';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

test('a text that is no JSON parses to undefined, and JSON null to null', (t) => {
  for (const text of ['', '{', 'undefined', 'NaN', '{"a":1} x']) t.is(parseJson(text), undefined);
  t.is(parseJson(' null '), null);
});

const nested = (levels: number, inner = '', open = '[', close = ']') =>
  `${open.repeat(levels)}${inner}${close.repeat(levels)}`;

test('what is nested so deep that going through it would end the program is no JSON', (t) => {
  const deepest = parseJson(nested(500));
  t.is(JSON.stringify(deepest), nested(500));
  t.true(equal(deepest, parseJson(nested(500))));
  // Closing brackets in strings between the levels do not hide them.
  for (const deep of [nested(501), nested(200_000), nested(100_000, '0', '["]",{"a":', '}]')])
    t.is(parseJson(deep), undefined);
});

test('brackets inside strings are no levels', (t) => {
  const levels: readonly (readonly [text: string, depth: number])[] = [
    ['0', 0],
    ['"[[{"', 0],
    ['["\\"[[[",{}]', 2],
    ['["\\\\",[]]', 2],
    ['["]]",["}",[]]]', 3],
    ['[[],[],[]]', 2],
  ];
  for (const [text, depth] of levels) {
    t.false(isDeeperThan(depth, text), text);
    if (depth > 0) t.true(isDeeperThan(depth - 1, text), text);
  }
});

test('members are those of an object, and none of anything else', (t) => {
  t.deepEqual(membersOf({ a: 1 }), { a: 1 });
  for (const other of [null, 1, 'text', [1], undefined]) t.deepEqual(membersOf(other), {});
});

test('a value is found by members and indexes, never in what every object inherits', (t) => {
  const value = { a: [{ b: null }, 'text'] };
  t.is(valueAt(value, []), value);
  t.is(valueAt(value, ['a', 0, 'b']), null);
  t.is(valueAt(value, ['a', '1']), 'text');
  for (const path of [['x'], ['a', 2], ['a', 1, 0], ['constructor'], ['a', 'map'], ['a', 'length']]) {
    t.is(valueAt(value, path), undefined, path.join());
  }
});

test('equal: what has been written out and read in, in any order of members; nothing else', (t) => {
  fc.assert(fc.property(json, (value) => equal(value, parseJson(JSON.stringify(value)))));
  t.true(equal({ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 }));
  const pairs: readonly (readonly [Json | undefined, Json | undefined])[] = [
    [1, '1'],
    [null, undefined],
    [{}, []],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { constructor: 1 }],
  ];
  for (const [a, b] of pairs) {
    t.false(equal(a, b));
    t.false(equal(b, a));
  }
});

test('includes: every member that was asked for, whatever else there is', (t) => {
  t.true(includes({ a: 1, b: { c: [2] } }, { b: { c: [2] } }));
  t.true(includes(7, 7));
  t.false(includes({ a: 1 }, { a: 1, b: 2 }));
  t.false(includes({ a: { b: 1, c: 2 } }, { a: { b: 1 } }));
  t.false(includes(undefined, { a: 1 }));
  t.false(includes({ a: 1 }, 1));
});

test('the store parses a text once, and again when there is another one', (t) => {
  const store = new StateStore();
  t.is(store.read('evse/state'), undefined);
  store.set('evse/state', '{"a":1}');
  const first = store.read('evse/state');
  t.deepEqual(first, { a: 1 });
  t.false(store.set('evse/state', '{"a":1}'));
  t.is(store.read('evse/state'), first);
  t.true(store.set('evse/state', 'null'));
  t.is(store.read('evse/state'), null);
  t.deepEqual([...store.entries()], [['evse/state', 'null']]);
});
