import { BadConfiguration } from '../base/errors.js';
import { decoded } from './address-kinds.js';
import {
  type ChargerConfig,
  type ChargerEntry,
  folderEntries,
  listedEntries,
  readEntries,
} from './charger-entries.js';
import { type CommandOptions, readArguments } from './command-line.js';
import { allKeys, merge } from './merge.js';
import { type Key, rows, settings, type Values } from './settings.js';
import { inShard } from './shard.js';
import { flatten, readEnvironment, readFile } from './sources.js';

export type { ChargerConfig } from './charger-entries.js';

/** Everything that was set, checked and frozen. */
export interface Config {
  /** The values of the command's own options. */
  readonly options: Readonly<Record<string, string>>;
  /** Settings of the whole process. */
  readonly values: Values;
  readonly chargers: readonly ChargerConfig[];
  /** The topic prefixes of all chargers, including those in the shares of other processes. */
  readonly prefixes: readonly string[];
  /** What is not wrong but may surprise, one line each. */
  readonly notes: readonly string[];
  /** Values that no log line may show. */
  readonly secrets: readonly string[];
}

/** What the chosen command adds to the settings: its options, and its own checks. */
export interface Grammar {
  readonly command: string;
  readonly commands: readonly string[];
  /** The command's own options. */
  readonly options: CommandOptions;
  /** Further faults that the command finds, one line each. */
  faults(config: Config): readonly string[];
}

const PLAIN: Grammar = { command: 'run', commands: ['run'], options: {}, faults: () => [] };

/**
 * Reads defaults < file < environment < command line into one frozen Config.
 * Throws BadConfiguration with every fault that was found (contract 1 and 2).
 */
export async function readConfig(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  grammar: Grammar = PLAIN,
): Promise<Config> {
  const faults: string[] = [];
  const line = readArguments(argv, grammar.command, grammar.commands, grammar.options, faults);
  const file = line.config ?? (env.CONFIG_FILE || undefined);
  const tree = file === undefined ? {} : ((await readFile(file, faults)) ?? {});
  const { chargers: entries, ...rest } = tree;
  const fromFile = flatten(rest, file ?? '', allKeys(rows.map(([key]) => key)), faults);
  const later = [...readEnvironment(env, faults), ...line.assignments];
  const values = merge([...fromFile, ...later], faults);
  const notes: string[] = [];
  const lists: (readonly ChargerEntry[])[] = [];
  if (entries !== undefined) lists.push(listedEntries(entries, file ?? '', faults));
  if (values.chargersDir !== undefined) lists.push(await folderEntries(values.chargersDir, faults));
  const all =
    lists.length === 0
      ? [{ prefix: values['mqtt.prefix'], values }]
      : readEntries(lists.flat(), fromFile, later, faults, notes);
  const { shard } = values;
  const chargers = shard ? all.filter(({ prefix }) => inShard(shard, prefix)) : all;
  if (shard && lists.length === 0)
    faults.push('SHARD needs a list of chargers: write them under chargers: or put them in CHARGERS_DIR');
  if (chargers.length === 0)
    notes.push(
      all.length === 0
        ? 'there is no charger yet'
        : `this process has no charger: none of ${all.length} belongs to its share`,
    );
  for (const { prefix, values: own } of chargers) {
    faults.push(...pairFaults(own, PAIRS_PER_CHARGER).map((fault) => `${prefix}: ${fault}`));
  }
  faults.push(...pairFaults(values, PAIRS), ...brokerLoginFaults(values));
  const config = deepFreeze({
    options: line.options,
    values,
    chargers,
    prefixes: all.map(({ prefix }) => prefix),
    notes,
    secrets: secretsOf([values, ...chargers.map((charger) => charger.values)]),
  });
  faults.push(...grammar.faults(config));
  if (faults.length > 0) throw new BadConfiguration(faults);
  return config;
}

/** Pairs of settings: one alone is of no use. */
const PAIRS: readonly (readonly [Key, Key])[] = [
  ['http.username', 'http.password'],
  ['simulate.username', 'simulate.password'],
  ['mqtt.tls.certFile', 'mqtt.tls.keyFile'],
];
const PAIRS_PER_CHARGER: readonly (readonly [Key, Key])[] = [['charger.username', 'charger.password']];

function pairFaults(values: Values, pairs: typeof PAIRS): string[] {
  return pairs
    .filter(([one, other]) => (values[one] === undefined) !== (values[other] === undefined))
    .map(
      ([one, other]) => `${settings[one].env} and ${settings[other].env} go together, but only one is set`,
    );
}

/** MQTT 3.1.1 forbids a password without a user name: brokers then close the connection without a reason. */
function brokerLoginFaults(values: Values): string[] {
  if (values['mqtt.password'] === undefined || values['mqtt.username'] !== undefined) return [];
  const urls = values['mqtt.url'] ?? [];
  const named = urls.length > 0 && urls.every((url) => URL.canParse(url) && new URL(url).username !== '');
  return named ? [] : ['MQTT_PASSWORD is set, but MQTT_USERNAME is not'];
}

function secretsOf(all: readonly Values[]): string[] {
  const secrets = new Set<string>();
  for (const values of all) {
    for (const [key, { secret }] of rows) {
      const value = values[key];
      if (secret && typeof value === 'string') secrets.add(value);
      for (const text of Array.isArray(value) ? value : [value]) {
        if (typeof text !== 'string' || !URL.canParse(text)) continue;
        const { password } = new URL(text);
        secrets.add(password).add(decoded(password) ?? password);
      }
    }
  }
  secrets.delete('');
  return [...secrets];
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
