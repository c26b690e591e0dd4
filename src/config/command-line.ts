import { parseArgs } from 'node:util';
import { suggestion } from '../base/nearest.js';
import { flagKind } from './kinds.js';
import { settingSuggestion } from './other-names.js';
import { optionName, rows } from './settings.js';
import { shown, shownName } from './shown.js';
import { type Assignment, fileKey } from './sources.js';

/** An option that only one command has, besides the settings: `--format json`. */
export interface CommandOption {
  readonly doc: string;
  /** The values that it takes; the first is the default. Without `values` it takes any text, and has no default. */
  readonly values?: readonly [string, ...string[]];
  /** The placeholder of a text in the help. `FILE`: a shell completes names of files. Default: `TEXT`. */
  readonly sign?: string;
  /** Only the value is written, as the word after the command, without `--` and name. */
  readonly word?: true;
}

/** The options of a command by their names, without the two dashes. */
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** What the command line says. */
export interface CommandLine {
  readonly assignments: readonly Assignment[];
  /** The settings file that `--config` names. */
  readonly config: string | undefined;
  /** The values of the command's own options, defaults included. */
  readonly options: Readonly<Record<string, string>>;
}

/** The options that every command has. `true`: it takes no value. */
const GENERAL: Readonly<Record<string, boolean>> = { config: false, help: true, version: true };

/** Short forms: `-c` for `--config`. */
const SHORT: Readonly<Record<string, string>> = { config: 'c' };

interface SettingOption {
  readonly key: string;
  readonly flag: boolean;
  readonly secret: boolean;
}

/** The first word that names a command; else the first word, which names none, or `run` if there is no word. */
export function commandOf(argv: readonly string[], commands: readonly string[]): string {
  // The command's own options are not known yet, so the word after an unknown option may be its value.
  const { words } = tokensOf(argv, {});
  return words.find((word) => commands.includes(word)) ?? words[0] ?? 'run';
}

/** Reads the command line of `command`; every fault goes into `faults`. */
export function readArguments(
  argv: readonly string[],
  command: string,
  commands: readonly string[],
  own: CommandOptions,
  faults: string[],
): CommandLine {
  const { tokens, words, known } = tokensOf(argv, own);
  const assignments: Assignment[] = [];
  const options: Record<string, string> = Object.fromEntries(
    Object.entries(own).flatMap(([name, { values, word }]) => (values && !word ? [[name, values[0]]] : [])),
  );
  let config: string | undefined;
  for (const { name, rawName, value } of tokens) {
    const setting = known.get(name);
    const option = Object.hasOwn(own, name) ? own[name] : undefined;
    if (!setting && !option && !Object.hasOwn(GENERAL, name)) {
      const all = [...known.keys(), ...Object.keys(own), ...Object.keys(GENERAL)];
      faults.push(`${shownName(rawName)}: no such option${settingSuggestion(name, all, '--')}`);
    } else if (value === undefined && !(setting?.flag ?? GENERAL[name])) {
      faults.push(`${rawName}: needs a value`);
    } else if (setting) {
      assignments.push({ key: setting.key, value: value ?? 'true', where: rawName });
    } else if (option && value !== undefined) {
      if (option.values && !option.values.includes(value)) {
        faults.push(
          `${rawName}: expected ${option.values.join(', ')}, got ${shown(value, { harmless: /^[a-z-]{1,16}$/ })}`,
        );
      }
      options[name] = value;
    } else if (name === 'config') config = value;
  }
  // With a password on the line, a word may be its second half: somebody forgot the quotes.
  const hidden = tokens.some(({ name }) => known.get(name)?.secret);
  const shownWord = (word: string) =>
    !hidden && /^[A-Za-z-]{1,16}$/.test(word) ? word : `a word of ${word.length} characters`;
  if (!commands.includes(command)) {
    const guess = suggestion(command, commands, '');
    const there = `${guess === '' ? ';' : ''} the commands are ${commands.join(', ')}`;
    faults.push(`${shownWord(command)}: no such command${guess}${there}`);
  }
  const at = words.indexOf(command);
  const others = words.filter((_, index) => index !== at);
  const [name, wanted] = Object.entries(own).find(([, { word }]) => word) ?? [];
  if (name !== undefined) {
    const values: readonly string[] = wanted?.values ?? [];
    const [word] = others.splice(0, 1);
    if (word !== undefined && values.includes(word)) options[name] = word;
    else faults.push(`${command}: needs ${values.join(' or ')}${word ? `, got ${shownWord(word)}` : ''}`);
  }
  for (const word of others) {
    faults.push(
      `${shownWord(word)}: unexpected; options are written --name value, and a value with spaces in quotes`,
    );
  }
  return { assignments, config, options };
}

interface OptionToken {
  readonly name: string;
  /** As it was written. */
  readonly rawName: string;
  readonly value: string | undefined;
}

function tokensOf(argv: readonly string[], own: CommandOptions) {
  const known = new Map<string, SettingOption>();
  for (const [key, { env, kind, secret }] of rows) {
    known.set(optionName(env), { key, flag: kind.flag === true, secret: secret === true });
    if (secret) known.set(optionName(`${env}_FILE`), { key: fileKey(key), flag: false, secret: false });
  }
  const shapes = [
    ...[...known].map(([name, { flag }]) => [name, flag] as const),
    ...Object.entries(GENERAL),
    ...Object.entries(own).flatMap(([name, { word }]) => (word ? [] : [[name, false] as const])),
  ];
  const { tokens: parsed } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      shapes.map(([name, flag]) => {
        const type = flag ? ('boolean' as const) : ('string' as const);
        const short = SHORT[name];
        return [name, short === undefined ? { type } : { type, short }];
      }),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const names = new Set(shapes.map(([name]) => name));
  const tokens: OptionToken[] = [];
  const words: string[] = [];
  let unknownAt = Number.NEGATIVE_INFINITY;
  let flagAt = Number.NEGATIVE_INFINITY;
  for (const token of parsed) {
    // A flag needs no value, but people also write `--read-only true`.
    if (
      token.kind === 'positional' &&
      token.index === flagAt + 1 &&
      flagKind.read(token.value) !== undefined
    ) {
      const flag = tokens.pop();
      if (flag) tokens.push({ ...flag, value: token.value });
      continue;
    }
    // What follows an unknown option is probably its value, not a command.
    if (token.kind === 'positional' && token.index !== unknownAt + 1) words.push(token.value);
    if (token.kind !== 'option') continue;
    if (!names.has(token.name)) {
      // -abc is parsed as -a -b -c.
      if (unknownAt === token.index) continue;
      unknownAt = token.index;
    }
    // parseArgs takes `--b` in `--a --b` for the value of `--a`. Only `--a=--b` means that.
    const swallowed = token.inlineValue === false && names.has(/^--([^=]+)/.exec(token.value)?.[1] ?? '');
    const { name, rawName } = token;
    tokens.push({ name, rawName, value: swallowed ? undefined : token.value });
    if (known.get(name)?.flag && token.value === undefined) flagAt = token.index;
  }
  return { tokens, words, known };
}
