import test from 'ava';
import fc from 'fast-check';
import { type Node, type ParseFault, parse } from '../../src/simulator/api/parser.js';
import { anyCharacter } from '../_code-points.js';

/** A parsed value without the difference between whole and other numbers. */
function plain(node: Node): unknown {
  if (node.kind === 'null') return null;
  if (node.kind === 'array') return node.items.map(plain);
  if (node.kind === 'object')
    return Object.fromEntries([...node.members].map(([key, value]) => [key, plain(value)]));
  return node.value;
}

/** Wire document 3.2: what the charger's parser takes. */
const readable: readonly (readonly [text: string, value: unknown])[] = [
  [' \t\r\n{ "a" : 1 , "b" : [ true , null ] }', { a: 1, b: [true, null] }],
  ['{"a":1}, and more', { a: 1 }],
  ['[1] ]', [1]],
  ['"x"y', 'x'],
  ['true\n', true],
  ['false,', false],
  ['null }', null],
  ["{'a':'b\"c'}", { a: 'b"c' }],
  ['{a_1:2}', { a_1: 2 }],
  ['{1:2}', { 1: 2 }],
  ['+16000', 16000],
  ['007', 7],
  ['.5', 0.5],
  ['-0', 0],
  ['5.', 5],
  ['1e3', 1000],
  ['{"a":1,"a":2}', { a: 2 }],
  ['{"a":1,"a":null}', { a: 1 }],
  ['{"a":null,"a":2}', { a: 2 }],
  ['"\\u00e9\\n\\/"', 'é\n/'],
  ['"line\nbreak"', 'line\nbreak'],
  ['{"__proto__":1}', Object.fromEntries([['__proto__', 1]])],
  [`${'['.repeat(10)}${']'.repeat(10)}`, [[[[[[[[[[]]]]]]]]]]],
];

for (const [text, value] of readable) {
  test(`reads ${JSON.stringify(text)}`, (t) => {
    const node = parse(text, 100);
    t.not(typeof node, 'string');
    if (typeof node !== 'string') t.deepEqual(plain(node), value);
  });
}

const faulty: readonly (readonly [text: string, fault: ParseFault])[] = [
  ['', 'empty'],
  [' \n', 'empty'],
  ['\0', 'empty'],
  ['16000\n', 'invalid'],
  ['16000 ', 'invalid'],
  ['16000,', 'invalid'],
  ['1.5 ', 'invalid'],
  ['--1', 'invalid'],
  ['.', 'invalid'],
  ['+', 'invalid'],
  ['1'.repeat(64), 'invalid'],
  ['/* x */ 1', 'invalid'],
  ['// x\n1', 'invalid'],
  ['{"a":1 /* x */}', 'invalid'],
  ['NaN', 'invalid'],
  ['Infinity', 'invalid'],
  ['-Infinity', 'invalid'],
  ['\ufeff{"a":1}', 'invalid'],
  ['{"a":1,}', 'invalid'],
  ['[1,]', 'invalid'],
  ['{"a" 1}', 'invalid'],
  ['{a-b:1}', 'invalid'],
  ['x', 'invalid'],
  ['True', 'invalid'],
  ['trux', 'invalid'],
  ['"\\x"', 'invalid'],
  ['"\\u00g0"', 'invalid'],
  ['{', 'incomplete'],
  ['[1', 'incomplete'],
  ['{"a', 'incomplete'],
  ['{"a":', 'incomplete'],
  ['tru', 'incomplete'],
  ['"abc', 'incomplete'],
  ['\'abc"', 'incomplete'],
  ['{"a":\0"b"}', 'incomplete'],
  ['['.repeat(11), 'too deep'],
  ['{"a":'.repeat(11), 'too deep'],
  ['['.repeat(50_000), 'too deep'],
];

for (const [text, fault] of faulty) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))} of ${text.length}`, (t) =>
    t.is(parse(text, 100), fault));
}

test('every member and element takes room, but not a key that comes again', (t) => {
  t.not(parse('{"a":[1,2]}', 3), 'no memory');
  t.is(parse('{"a":[1,2]}', 2), 'no memory');
  t.not(parse('{"a":1,"a":2}', 1), 'no memory');
  t.is(parse('[1]', 0), 'no memory');
  t.not(parse('[]', 0), 'no memory');
});

test('tells whole numbers from those with a point or an exponent', (t) => {
  t.deepEqual(parse('16000', 0), { kind: 'integer', value: 16000 });
  t.deepEqual(parse('16000.0', 0), { kind: 'decimal', value: 16000 });
  t.deepEqual(parse('1.6e4', 0), { kind: 'decimal', value: 16000 });
});

test('reads every strict JSON document as JSON.parse does', (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5, stringUnit: anyCharacter }), (text) => {
      const node = parse(text, Number.POSITIVE_INFINITY);
      return typeof node !== 'string' && JSON.stringify(plain(node)) === JSON.stringify(JSON.parse(text));
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('answers any text with a value or a fault', (t) => {
  const token = fc.constantFrom(...'{}[],:"\'\\0-1.e+tfnu \n\0a', 'true', 'null', '"a"', '12');
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
      const node = parse(tokens.join(''), 10);
      return typeof node === 'string' || 'kind' in node;
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});
