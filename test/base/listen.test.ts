import test from 'ava';
import { isLoopback } from '../../src/base/listen.js';

test('loopback is this machine alone, not a name that looks like it', (t) => {
  for (const host of ['127.0.0.1', '127.1', '127.255.0.3', 'localhost', '::1'])
    t.true(isLoopback(host), host);
  for (const host of [
    '127.evil.example',
    '127.0.0.1.evil.example',
    'localhost.example',
    '0.0.0.0',
    '::',
    '10.127.0.1',
  ])
    t.false(isLoopback(host), host);
});
