import test from 'ava';
import { DAEMON_SETTINGS, settingOptions } from '../../src/commands/command-options.js';
import { headings, help } from '../../src/commands/help.js';
import { type CliCommand, commands } from '../../src/commands/index.js';
import { readConfig } from '../../src/config/index.js';
import { optionName, rows } from '../../src/config/settings.js';
import { Program } from '../_program.js';
import { faultsOf } from '../config/_faults.js';

const loaded: Record<string, CliCommand> = {};
test.before(async () => {
  for (const [name, load] of Object.entries(commands)) loaded[name] = await load();
});

const groups = new Set(rows.map(([key]) => key.split('.')[0] ?? ''));

test('every group of settings has a heading, and is used by a command', (t) => {
  t.deepEqual(Object.keys(headings).sort(), [...groups].sort());
  const used = new Set(Object.values(loaded).flatMap(({ settings }) => settings));
  t.deepEqual([...used].sort(), [...groups].sort());
});

test('the first help: three examples, all commands, every option of the daemon, in 100 columns', (t) => {
  const text = help('1.2.3', loaded, undefined);
  for (const line of text.split('\n')) t.true(line.length <= 104, line);
  for (const word of ['Try it:', 'Test it:', 'Use it:']) t.true(text.includes(word), word);
  for (const name of Object.keys(commands)) t.regex(text, new RegExp(`^  ${name} `, 'm'));
  for (const [key, { env }] of rows) {
    const isShown = new RegExp(`^  --${optionName(env)}(?: |$)`, 'm').test(text);
    t.is(isShown, DAEMON_SETTINGS.includes(key.split('.')[0] ?? ''), key);
  }
});

test('the help of a command has its options, values and examples, and no others', (t) => {
  const text = help('1.2.3', loaded, 'sessions');
  t.regex(text, /--format csv\|json .*\[csv\]/);
  t.regex(text, /--log-level error\|warn\|info\|debug/);
  t.regex(text, /^e\.g\. {2}evse-mqtt-bridge sessions /m);
  t.false(text.includes('--mqtt-host'));
  t.regex(help('1.2.3', loaded, 'completion'), /usage: evse-mqtt-bridge completion bash\|zsh\|fish/);
});

test('texts name options, not keys of a file', (t) => {
  const texts = [...groups].flatMap(settingOptions).map(({ doc }) => doc);
  for (const [key] of rows.filter(([one]) => one.includes('.')))
    t.false(
      texts.some((doc) => new RegExp(`(?<![\\w-])${key.replaceAll('.', '\\.')}\\b`).test(doc)),
      key,
    );
});

test('the examples of every command are good command lines', async (t) => {
  for (const [name, { examples, options = {} }] of Object.entries(loaded)) {
    t.true(examples.length > 0, name);
    for (const example of examples) {
      const words =
        /evse-mqtt-bridge ?([^>)#]*)/.exec(example)?.[1]?.trim().split(/\s+/).filter(Boolean) ?? [];
      // The files of the examples are not there.
      const argv = words.filter((word, at) => word !== '--config' && words[at - 1] !== '--config');
      const grammar = { command: name, commands: Object.keys(commands), options, faults: () => [] };
      await t.notThrowsAsync(readConfig(argv, {}, grammar), example);
    }
  }
});

test('a flag may have its value behind it; a word that is none stays a word', async (t) => {
  t.false((await readConfig(['--read-only', 'false'], { READ_ONLY: 'true' })).values['policy.readOnly']);
  t.true((await readConfig(['run', '--read-only', 'yes'], {})).values['policy.readOnly']);
  t.regex(
    (await faultsOf(['--read-only', 'maybe'], {})).join(),
    /^maybe: no such command|^maybe: unexpected/,
  );
});

for (const [args, code, said] of [
  [['help'], 0, /^Try it: {2}evse-mqtt-bridge$/m],
  [['-h'], 0, /^Broker:$/m],
  [['help', 'check'], 0, /, check: tests the connection/],
  [['check', '--help'], 0, /, check: tests the connection/],
  [['help', 'chek'], 78, /chek: no such command; did you mean check\?/],
  [['version'], 0, /^\d+\.\d+\.\d+/],
  [['-v'], 0, /^\d+\.\d+\.\d+/],
  [['-c', '/nowhere.yaml', 'topics'], 78, /\/nowhere\.yaml: can't be read/],
  [['completion', 'bsh'], 78, /completion: needs bash or zsh or fish, got bsh/],
] as const) {
  test(`evse-mqtt-bridge ${args.join(' ')}`, async (t) => {
    const program = new Program(t, args);
    t.is(await program.ended, code);
    t.regex(program.out + program.err, said);
  });
}
