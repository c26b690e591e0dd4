import { GENERAL_OPTIONS, type OptionText, ownOptions, settingOptions, wordOf } from './command-options.js';
import type { CliCommand } from './index.js';

/** The headings of the groups of settings; groups with the same heading are listed together. */
export const headings: Readonly<Record<string, string>> = {
  mqtt: 'Broker',
  charger: 'Charger',
  model: 'Built-in model',
  simulate: 'Simulated charger',
  chargersDir: 'Many chargers',
  shard: 'Many chargers',
  policy: 'Writes',
  publish: 'What is published',
  homeassistant: 'Home Assistant',
  http: 'Page, health checks, metrics',
  sessions: 'Finished charges',
  log: 'Log',
};

/** The width of the text, and where the description of an option begins, columns. */
const WIDTH = 100;
const INDENT = 36;

type Commands = Readonly<Record<string, CliCommand>>;

/** The text of `--help`: for the command `name`, or an overview of all commands with the options of `run`. */
export function help(version: string, commands: Commands, name: string | undefined): string {
  const chosen = commands[name ?? 'run'];
  if (!chosen) return '';
  const top = name === undefined ? overview(version, commands) : ofCommand(version, name, chosen);
  return [...top, ...optionTexts(chosen), ...FOOT].join('\n');
}

function overview(version: string, commands: Commands): string[] {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    `evse-mqtt-bridge ${version}: between a WARP charger and an MQTT broker`,
    '',
    'Try it:  evse-mqtt-bridge',
    '         the built-in model of a charger, and a small broker; then open http://127.0.0.1:8092',
    'Test it: evse-mqtt-bridge check --charger-url http://192.168.1.20 --mqtt-url mqtt://192.168.1.5',
    'Use it:  evse-mqtt-bridge --charger-url http://192.168.1.20 --mqtt-url mqtt://192.168.1.5',
    '',
    'Commands (evse-mqtt-bridge COMMAND --help has the options of one):',
    ...Object.entries(commands).map(([name, { doc }]) => `  ${name.padEnd(width)}  ${doc}`),
  ];
}

function ofCommand(version: string, name: string, command: CliCommand): string[] {
  const word = wordOf(command);
  return [
    `evse-mqtt-bridge ${version}, ${name}: ${command.doc}`,
    '',
    `usage: evse-mqtt-bridge ${name}${word ? ` ${word.values?.join('|')}` : ''} [options]`,
    '',
    ...command.examples.map((example, at) => `${at === 0 ? 'e.g.' : '    '}  ${example}`),
  ];
}

function optionTexts(command: CliCommand): string[] {
  const groups = new Map<string, OptionText[]>();
  const add = (heading: string, options: readonly OptionText[]) =>
    groups.set(heading, [...(groups.get(heading) ?? []), ...options]);
  add('Options', ownOptions(command));
  for (const group of command.settings) add(headings[group] ?? group, settingOptions(group));
  add('General', GENERAL_OPTIONS);
  return [...groups]
    .filter(([, options]) => options.length > 0)
    .flatMap(([heading, options]) => ['', `${heading}:`, ...options.flatMap(optionLines)]);
}

function optionLines({ name, sign, default: preset, doc }: OptionText): string[] {
  const left = `  --${name}${sign === undefined ? '' : ` ${sign}`}`;
  const shown = preset === undefined ? '' : ` [${preset.replaceAll(',', ', ')}]`;
  const [first = '', ...rest] = wrapped(`${doc}${shown}`, WIDTH - INDENT);
  const below = rest.map((line) => `${' '.repeat(INDENT)}${line}`);
  if (left.length + 2 <= INDENT) return [`${left.padEnd(INDENT)}${first}`, ...below];
  return [left, `${' '.repeat(INDENT)}${first}`, ...below];
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const FOOT = [
  '',
  'Every option is an environment variable too: --mqtt-url is MQTT_URL. An option that takes no value',
  'is switched off with =false. The command line overrides the environment, which overrides the file.',
];
