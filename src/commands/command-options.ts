import type { Kind } from '../config/kinds.js';
import { optionName, rows } from '../config/settings.js';
import type { CliCommand } from './index.js';

/** The groups of settings of the daemon, and of commands that look at its settings. */
export const DAEMON_SETTINGS: readonly string[] = [
  'mqtt',
  'charger',
  'model',
  'chargersDir',
  'shard',
  'policy',
  'publish',
  'homeassistant',
  'http',
  'sessions',
  'log',
];

/** One option as help and completion show it. */
export interface OptionText {
  /** Without the dashes. */
  readonly name: string;
  /** The placeholder for its value in the help, such as FILE; undefined if it needs no value. */
  readonly sign: string | undefined;
  readonly values: readonly string[];
  readonly default: string | undefined;
  readonly doc: string;
}

/** The options of every command. */
export const GENERAL_OPTIONS: readonly OptionText[] = [
  {
    name: 'config',
    sign: 'FILE',
    values: [],
    default: undefined,
    doc: 'Settings in a YAML or JSON file; also -c.',
  },
  { name: 'help', sign: undefined, values: [], default: undefined, doc: 'This text; also -h.' },
  { name: 'version', sign: undefined, values: [], default: undefined, doc: 'The version; also -v.' },
];

/** The texts of settings name other settings by their keys in a file. In the help these are replaced by options. */
const BY_KEY = rows.map(([key, { env }]) => [key, `--${optionName(env)}`] as const);

/** The options of one group of settings. */
export function settingOptions(group: string): OptionText[] {
  return rows
    .filter(([key]) => key.split('.')[0] === group)
    .map(([, { env, kind, secret, default: preset, doc }]) => ({
      name: optionName(env),
      sign: kind.flag ? undefined : kind.sign,
      values: kind.flag ? [] : (kind.values ?? []),
      default: presetText(preset, kind),
      doc: `${asOptions(doc)}${secret ? ` Better: --${optionName(env)}-file FILE.` : ''}`,
    }));
}

/** The default as text; undefined if there is none, or it is off. */
function presetText(preset: unknown, { flag, write }: Kind<unknown>): string | undefined {
  if (preset === undefined || preset === false) return undefined;
  return flag ? 'on' : String(write?.(preset) ?? preset) || undefined;
}

function asOptions(doc: string): string {
  return BY_KEY.reduce(
    (text, [key, option]) => text.replaceAll(new RegExp(`\\b${key}\\b`, 'g'), option),
    doc,
  );
}

/** The options of `command` alone, without the one that is a plain word (see `wordOf`). */
export function ownOptions({ options = {} }: CliCommand): OptionText[] {
  return Object.entries(options)
    .filter(([, { word }]) => !word)
    .map(([name, { doc, values, sign = 'TEXT' }]) => ({
      name,
      sign: values?.join('|') ?? sign,
      values: values ?? [],
      default: values?.[0],
      doc,
    }));
}

/** The option of `command` that is given as a plain word without dashes, if it has one. */
export const wordOf = ({ options = {} }: CliCommand) => Object.values(options).find(({ word }) => word);
