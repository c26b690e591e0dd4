import test from 'ava';
import { isPlainPath } from '../../../src/backend/http/target.js';
import { testTarget } from './_target.js';

const urls: readonly [url: string, hostname: string, port: number, base: string, shown: string][] = [
  ['http://warp-abc', 'warp-abc', 80, '', 'http://warp-abc'],
  ['http://warp-abc/', 'warp-abc', 80, '', 'http://warp-abc'],
  ['https://10.0.0.5', '10.0.0.5', 443, '', 'https://10.0.0.5'],
  ['http://10.0.0.5:8080', '10.0.0.5', 8080, '', 'http://10.0.0.5:8080'],
  ['http://[fe80::1]:81', 'fe80::1', 81, '', 'http://[fe80::1]:81'],
  ['https://home/warp/1/', 'home', 443, '/warp/1', 'https://home/warp/1'],
  ['http://owner:secret@warp-abc', 'warp-abc', 80, '', 'http://warp-abc'],
];

for (const [url, hostname, port, base, shown] of urls) {
  test(`target ${url}`, (t) => {
    const target = testTarget(url);
    t.like(target, { hostname, port, base, shown, secure: url.startsWith('https') });
  });
}

test('the login of the settings goes before that of the URL', (t) => {
  t.is(testTarget('http://h').login, undefined);
  t.deepEqual(testTarget('http://a%40b:c%3Ad@h').login, { username: 'a@b', password: 'c:d' });
  const both = testTarget('http://a:b@h', { username: 'owner', password: 'secret' });
  t.deepEqual(both.login, { username: 'owner', password: 'secret' });
});

test('the settings of requests are handed on', (t) => {
  t.like(testTarget('http://h', { timeout: 700, rejectUnauthorized: false }), {
    timeout: 700,
    rejectUnauthorized: false,
  });
});

for (const [path, plain] of [
  ['evse/state', true],
  ['evse/slots/8/max_current', true],
  ['power_manager/low-level.state', true],
  ['', false],
  ['/evse', false],
  ['evse/', false],
  ['evse//a', false],
  ['evse/a?b', false],
  ['evse/a%20b', false],
  ['evse/a b', false],
  ['evse/ä', false],
] as const) {
  test(`path ${JSON.stringify(path)} is ${plain ? '' : 'not '}plain`, (t) => t.is(isPlainPath(path), plain));
}
