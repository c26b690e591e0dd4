import test from 'ava';
import { createLog, type LogOptions } from '../../src/base/log.js';

function logged(options: Partial<LogOptions>) {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    secrets: [],
    output: { write: (line) => lines.push(line), takeMissing: () => 0 },
    ...options,
  });
  return { log, lines };
}

test('JSON lines carry level, charger, message and fields', (t) => {
  const { log, lines } = logged({});
  log.child('garage').warn('something', { count: 3 });
  const line = JSON.parse(lines[0] ?? '');
  t.like(line, { level: 'warn', charger: 'garage', message: 'something', count: 3 });
  t.regex(line.time, /^\d{4}-\d\d-\d\dT/);
});

test('pretty lines are one per message, whatever a stranger puts into it', (t) => {
  const { log, lines } = logged({ format: 'pretty' });
  log.info('write refused: \u001b[2J\r fake\n12:00:00 info  forged');
  t.is(lines.length, 1);
  t.false(['\u001b', '\r'].some((c) => lines[0]?.includes(c)));
  t.regex(lines[0] ?? '', /\n {9}12:00:00 info {2}forged$/);
});

test('secrets never show, in clear, percent-encoded or in fields', (t) => {
  for (const format of ['json', 'pretty', 'coloured'] as const) {
    const { log, lines } = logged({ format, secrets: ['p@ss"word', ''] });
    log.error('login with p@ss"word failed', {
      url: `mqtt://u:${encodeURIComponent('p@ss"word')}@h`,
      deep: { a: ['p@ss"word'] },
    });
    t.false(/ss"word|ss\\"word|p%40ss/.test(lines[0] ?? ''), lines[0]);
    t.regex(lines[0] ?? '', /\[secret\]/);
  }
});

test('a secret that is also a word of the line format leaves the format whole', (t) => {
  const { log, lines } = logged({ secrets: ['info'] });
  log.info('info about info');
  t.like(JSON.parse(lines[0] ?? ''), { level: 'info', message: '[secret] about [secret]' });
});

test('a short secret does not turn the log into mush, but is blanked in a login', (t) => {
  const { log, lines } = logged({ secrets: ['a', 'pw'] });
  log.info('a charger at http://bob:pw@192.0.2.1/x and mqtts://u@h');
  t.is(JSON.parse(lines[0] ?? '').message, 'a charger at http://[secret]@192.0.2.1/x and mqtts://[secret]@h');
});

test('no control character reaches a terminal, the second block of them neither', (t) => {
  const { log, lines } = logged({ format: 'pretty' });
  log.info('\u009b31mRED\u007f\u0085\u001b[0m');
  t.regex(lines[0] ?? '', /\\u009b31mRED\\u007f\\u0085\\u001b\[0m$/);
});

test('JSON lines hold no control character either', (t) => {
  const { log, lines } = logged({});
  log.info('\u009b31m\u007f\u001b');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  t.notRegex(lines[0] ?? '', /[\u0000-\u001f\u007f-\u009f]/);
  t.is(JSON.parse(lines[0] ?? '').message, '\u009b31m\u007f\u001b');
});

test('lines that a slow reader missed are counted', (t) => {
  let missing = 3;
  const lines: string[] = [];
  const takeMissing = () => {
    const count = missing;
    missing = 0;
    return count;
  };
  const { log } = logged({ output: { write: (line) => lines.push(line), takeMissing } });
  log.info('again');
  log.info('and again');
  t.deepEqual(
    lines.map((line) => JSON.parse(line).message),
    ['3 lines are missing here: the log was read too slowly', 'again', 'and again'],
  );
});

test('the level holds', (t) => {
  const { log, lines } = logged({ level: 'warn' });
  log.info('a');
  log.debug('b');
  log.warn('c');
  log.error('d');
  t.is(lines.length, 2);
});
