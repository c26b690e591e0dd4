import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import { fromError, fromStatus, notACharger, overdue } from '../src/backend/http/request-failed.js';
import { type Ending, failureOf, NoAnswerToConnect, SaidByBroker } from '../src/mqtt/connect-errors.js';
import { testTarget } from './backend/http/_target.js';

// Whoever looks for a line of the log in docs/troubleshooting.md finds it there, in the words of the program.

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(resolve(root, 'docs/troubleshooting.md'), 'utf8');

/** What stands in code in the first column of the tables below a heading: parts of messages. */
function phrases(heading: string): string[] {
  const [, after = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const cells = section.split('\n').flatMap((line) => /^\| (`.*?`) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, phrase = '']) => phrase));
}

const sources = readdirSync(resolve(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(resolve(root, 'src', file), 'utf8'))
  .join('\n');

for (const heading of [
  'The charger is offline',
  'No connection to the broker',
  'There is a connection, but something is missing',
  'Lines in the log that look bad',
]) {
  test(`what the page quotes below "${heading}" is what the program says`, (t) => {
    const found = phrases(heading);
    t.true(found.length > 2);
    for (const phrase of found)
      t.true(sources.includes(phrase.replaceAll("'", "\\'")) || sources.includes(phrase), phrase);
  });
}

test('every code of an answer is in the page', (t) => {
  const [, union = ''] = /type RefusalCode =([^;]+);/.exec(sources) ?? [];
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code = '']) => code);
  t.true(codes.length >= 10, 'the codes were found');
  const told = phrases('My write has no effect');
  for (const code of codes) t.true(told.includes(code), code);
});

const failed = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test('every reason for which a charger is offline is in the page', (t) => {
  const target = testTarget('http://192.168.1.10', {});
  const withLogin = testTarget('http://192.168.1.10', { username: 'a', password: 'b' });
  const codes = [
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ETIMEDOUT',
    'EPROTO',
    'ECONNRESET',
  ];
  const failures = [
    ...[...codes, 'CERT_HAS_EXPIRED', 'HPE_INVALID', 'EMFILE'].map((code) =>
      fromError(failed(code), target, true),
    ),
    fromStatus(401, target),
    fromStatus(401, withLogin),
    fromStatus(403, target),
    fromStatus(500, target),
    overdue(target, 5_000, true),
    notACharger(target),
  ];
  const told = phrases('The charger is offline');
  for (const { message } of failures)
    t.true(
      told.some((phrase) => message.includes(phrase)),
      message,
    );
});

test('every reason for which there is no connection to the broker is in the page', (t) => {
  const ending = (error: Ending['error'], more: Partial<Ending> = {}): Ending => ({
    accepted: false,
    lasted: 10,
    awaitedSubscription: false,
    secured: false,
    error,
    ...more,
  });
  const certificates = [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_REVOKED',
  ];
  const unknown = ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'];
  const network = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH'];
  const reasons = Array.from({ length: 35 }, (_, n) => n + 128);
  const always = [
    ...[...network, 'ECONNRESET', 'EMFILE', 'EADDRNOTAVAIL'].map((code) => ending(failed(code))),
    ...reasons.flatMap((code) => [
      ending(new SaidByBroker(code)),
      ending(new SaidByBroker(code), { accepted: true }),
    ]),
    ending(new NoAnswerToConnect('no answer to CONNECT within 10 s')),
    ending(undefined),
    ending(new Error('Invalid header flag bits')),
    ending(undefined, { accepted: true }),
    ending(failed('ECONNRESET'), { accepted: true }),
  ];
  const told = phrases('No connection to the broker');
  const withTls = [...always, ...[...certificates, ...unknown].map((code) => ending(failed(code)))];
  for (const protocol of ['mqtt', 'mqtts', 'ws', 'wss'] as const) {
    for (const one of protocol === 'mqtts' || protocol === 'wss' ? withTls : always) {
      const { text } = failureOf(one, { protocol, host: 'broker' });
      t.true(
        told.some((phrase) => text.includes(phrase)),
        `${protocol}: ${text}`,
      );
    }
  }
});
