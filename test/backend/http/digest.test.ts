import { createHash } from 'node:crypto';
import test from 'ava';
import { DigestLogin } from '../../../src/backend/http/digest.js';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const nonce = (number: number) => String(number).repeat(32).slice(0, 32);
const challenge = (number: number) =>
  `Digest realm="esp32-lib", qop="auth", nonce="${nonce(number)}", opaque="${'f'.repeat(32)}"`;

function fields(header: string | undefined): Map<string, string> {
  const pairs = (header ?? '').replace(/^Digest /, '').matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))/g);
  return new Map([...pairs].map(([, name = '', quoted, bare]) => [name, quoted ?? bare ?? '']));
}

function started(password = 'secret'): DigestLogin {
  const digest = new DigestLogin('owner', password);
  digest.accept(challenge(1), undefined);
  return digest;
}

test('nothing is answered before the first challenge', (t) => {
  t.is(new DigestLogin('owner', 'secret').answer('GET', '/evse/state'), undefined);
});

test('the response is that of RFC 2617 with qop=auth', (t) => {
  const header = started().answer('GET', '/evse/state');
  const got = fields(header);
  const secret = md5('owner:esp32-lib:secret');
  const expected = md5(`${secret}:${nonce(1)}:00000001:${got.get('cnonce')}:auth:${md5('GET:/evse/state')}`);
  t.is(got.get('response'), expected);
  t.is(got.get('uri'), '/evse/state');
  t.is(got.get('opaque'), 'f'.repeat(32));
  t.true(header?.startsWith('Digest username="owner", '));
});

test('a nonce is used again with its count going up in hexadecimal, and a new one begins at 1', (t) => {
  const digest = started();
  const counts = Array.from({ length: 17 }, () => fields(digest.answer('GET', '/a')).get('nc'));
  t.is(counts[0], '00000001');
  t.is(counts[16], '00000011');
  digest.accept(challenge(2), undefined);
  const next = fields(digest.answer('PUT', '/a'));
  t.deepEqual([next.get('nc'), next.get('nonce')], ['00000001', nonce(2)]);
});

test('colons in a password and quotes in a name count', (t) => {
  const digest = new DigestLogin('the "owner"', 'a:b:c');
  digest.accept(challenge(3), undefined);
  const header = digest.answer('GET', '/x');
  const got = fields(header);
  const expected = md5(
    `${md5('the "owner":esp32-lib:a:b:c')}:${nonce(3)}:00000001:${got.get('cnonce')}:auth:${md5('GET:/x')}`,
  );
  t.is(got.get('response'), expected);
  t.true(header?.includes('username="the \\"owner\\""'));
});

test('a name is sent as UTF-8', (t) => {
  const digest = new DigestLogin('Jürgen ☀', 'x');
  digest.accept(challenge(3), undefined);
  const name = fields(digest.answer('GET', '/x')).get('username') ?? '';
  t.is(Buffer.from(name, 'latin1').toString('utf8'), 'Jürgen ☀');
});

test('asking again makes sense only with a challenge that was not answered yet', (t) => {
  const digest = started();
  const sent = digest.answer('GET', '/a');
  t.false(digest.accept(challenge(1), sent), 'the very nonce was refused: the password is wrong');
  t.true(digest.accept(challenge(1), undefined), 'the request had no login');
  t.true(digest.accept(challenge(1).replace('esp32', 'other'), sent), 'the realm was another');
  t.true(digest.accept(challenge(2), sent), 'the nonce was another');
});

const understood: readonly [header: string, expected: boolean][] = [
  [challenge(4), true],
  [`Basic realm="x", ${challenge(4)}`, true],
  [`${challenge(4)}, Basic realm="x"`, true],
  ['digest realm=a, qop="auth-int,auth", nonce=b', true],
  ['Digest realm="a", qop="auth", nonce="b", algorithm=MD5', true],
  ['Digest realm="a", qop="auth", nonce="b", algorithm=SHA-256', false],
  ['Digest realm="a", nonce="b"', false],
  ['Digest realm="a", qop="auth-int", nonce="b"', false],
  ['Digest qop="auth", nonce="b"', false],
  ['Basic realm="x"', false],
  ['', false],
];

for (const [header, expected] of understood) {
  test(`challenge ${header || '(none)'} is ${expected ? 'understood' : 'not a charger’s'}`, (t) => {
    const digest = new DigestLogin('owner', 'secret');
    t.is(digest.accept(header, undefined), expected);
    t.is(digest.answer('GET', '/') !== undefined, expected);
  });
}

test('a challenge that no charger would send is not taken apart: its length costs nothing', (t) => {
  const digest = new DigestLogin('owner', 'secret');
  t.true(digest.accept(`${challenge(1)}, x="${'y'.repeat(800)}"`, undefined));
  t.false(digest.accept(`${challenge(2)}, ${'y'.repeat(16_000)}`, undefined));
  t.is(fields(digest.answer('GET', '/a')).get('nonce'), nonce(1));
});
