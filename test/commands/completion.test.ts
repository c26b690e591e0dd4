import { spawnSync } from 'node:child_process';
import test from 'ava';
import { shellScripts } from '../../src/commands/completion-scripts.js';
import { type CliCommand, commands } from '../../src/commands/index.js';

const loaded: Record<string, CliCommand> = {};
test.before(async () => {
  for (const [name, load] of Object.entries(commands)) loaded[name] = await load();
});

const CASES: readonly (readonly [string, RegExp, RegExp])[] = [
  ['', /\bcheck\b/, /\bcsv\b/],
  ['che', /^check$/m, /topics/],
  ['--log-level ', /\berror\b/, /--/],
  ['--log-le', /^--log-level$/m, /warn/],
  ['sessions --format ', /\bcsv\b/, /--/],
  ['sessions --mo', /^--month$/m, /--mqtt/],
  ['simulate --simulate-f', /^--simulate-firmware$/m, /--mqtt-url/],
  ['completion ', /\bzsh\b/, /check/],
  ['check --mqtt-ur', /^--mqtt-url$/m, /--simulate/],
];

/** Puts what the user has typed before the cursor into words, as the shell does. */
const wordsOf = (typed: string) => ['evse-mqtt-bridge', ...typed.split(' ')];
const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

const SHELLS = {
  bash: (script: string, typed: string) => {
    const words = wordsOf(typed);
    const asked = `COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _evse_mqtt_bridge`;
    return ['bash', '--norc', '-c', `${script}\n${asked}\nprintf '%s\\n' "\${COMPREPLY[@]}"`];
  },
  zsh: (script: string, typed: string) => {
    const words = wordsOf(typed);
    // The real compadd works in the line editor only: this one prints what fits what was typed.
    const double = `compdef() { :; }; compadd() { shift; print -l -- \${(M)@:#\${words[CURRENT]}*}; }`;
    const asked = `words=(${quoted(words)}); CURRENT=${words.length}; _evse_mqtt_bridge`;
    return ['zsh', '-f', '-c', `${double}\n${script}\n${asked}`];
  },
  fish: (script: string, typed: string) => [
    'fish',
    '--no-config',
    '-c',
    `${script}\ncomplete -C 'evse-mqtt-bridge ${typed}' | string replace -r '\\t.*' ''`,
  ],
} as const;

for (const [shell, command] of Object.entries(SHELLS)) {
  test(`completion for ${shell}, run by ${shell}`, (t) => {
    const isThere = spawnSync(shell, ['-c', 'true']).error === undefined;
    if (!isThere) {
      t.log(`${shell} is not installed: its completion was not run`);
      t.not(process.env.CI, 'true');
      t.pass();
      return;
    }
    // The names are those of the table above.
    const script = shellScripts[shell as keyof typeof shellScripts](loaded);
    for (const [typed, wanted, unwanted] of CASES) {
      // fish offers options only behind a dash that was typed.
      const [name = '', ...args] = command(script, typed);
      const { stdout, stderr, status } = spawnSync(name, args, { encoding: 'utf8' });
      t.is(stderr, '', typed);
      t.is(status, 0, `${typed}: ${stderr}`);
      t.regex(stdout, wanted, `${shell}: ${typed}`);
      t.notRegex(stdout, unwanted, `${shell}: ${typed}`);
    }
  });
}
