import test from 'ava';
import { whereToOpen } from '../../../src/outlets/http/server-address.js';

test('the log names an address that can be opened', (t) => {
  t.is(whereToOpen('127.0.0.1', 8092, false), 'open http://127.0.0.1:8092 to see and control');
  t.is(whereToOpen('192.168.1.7', 80, true), 'open http://192.168.1.7:80 to see and control');
  for (const everywhere of ['0.0.0.0', '::']) {
    const text = whereToOpen(everywhere, 8092, true);
    t.regex(text, /open http:\/\/127\.0\.0\.1:8092, or port 8092 at another address/);
    t.notRegex(text, /0\.0\.0\.0|::/, 'nobody can open that');
  }
});

test('in a container nobody is sent to an address that is the container itself', (t) => {
  const text = whereToOpen('127.0.0.1', 8092, true);
  t.regex(text, /inside this container only; HTTP_HOST, HTTP_USERNAME and HTTP_PASSWORD/);
  t.notRegex(text, /http:/);
});
