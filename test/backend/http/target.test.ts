import test from 'ava';
import { isPlainPath, targetOf } from '../../../src/backend/http/target.js';

const options = { timeout: 5_000, rejectUnauthorized: true };
const of = (url: string, more = {}) => targetOf({ url, ...options, ...more });

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
    const target = of(url);
    t.like(target, { hostname, port, base, shown, secure: url.startsWith('https') });
  });
}

test('the login of the settings goes before that of the URL', (t) => {
  t.is(of('http://h').login, undefined);
  t.deepEqual(of('http://a%40b:c%3Ad@h').login, { username: 'a@b', password: 'c:d' });
  const both = of('http://a:b@h', { username: 'owner', password: 'secret' });
  t.deepEqual(both.login, { username: 'owner', password: 'secret' });
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
