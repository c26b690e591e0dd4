import { readFileSync } from 'node:fs';
import convict from 'convict';
import { BadConfiguration } from '../base/errors.js';
import { type CommandOptions, readArguments } from './command-line.js';
import { decoded, prefixKind } from './kinds.js';
import { type Key, rows, settings, type Values } from './settings.js';
import { fileFault, shown, shownFile } from './shown.js';
import { type Assignment, fileKey, flatten, readEnvironment, readFile } from './sources.js';

/** The part of a configuration that is about one charger. */
export interface ChargerConfig {
  readonly prefix: string;
  readonly name?: string;
  readonly values: Values;
}

/** Everything that was set, checked and frozen. */
export interface Config {
  /** What was chosen for the options that only the command has. */
  readonly options: Readonly<Record<string, string>>;
  /** Settings of the whole process. */
  readonly values: Values;
  readonly chargers: readonly ChargerConfig[];
  /** What is no fault but may surprise, one line each. */
  readonly notes: readonly string[];
  /** Values that no log line may show. */
  readonly secrets: readonly string[];
}

/** What the program adds to the settings: its commands, and what else can be wrong. */
export interface Grammar {
  readonly command: string;
  readonly commands: readonly string[];
  /** The command's own options. */
  readonly options: CommandOptions;
  /** What else the command finds wrong, one line each. */
  faults(config: Config): readonly string[];
}

const PLAIN: Grammar = { command: 'run', commands: ['run'], options: {}, faults: () => [] };

/** Settings that an entry of `chargers:` may have of its own. */
const PER_CHARGER = rows.map(([key]) => key).filter((key) => /^(charger|model)\./.test(key));

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
  const chargers =
    entries === undefined ? [single(values)] : several(entries, file ?? '', fromFile, later, faults, notes);
  for (const { prefix, values: own } of chargers) {
    faults.push(...pairFaults(own, PAIRS_PER_CHARGER).map((fault) => `${prefix}: ${fault}`));
  }
  faults.push(...pairFaults(values, PAIRS));
  const config = deepFreeze({
    options: line.options,
    values,
    chargers,
    notes,
    secrets: secretsOf([values, ...chargers.map((charger) => charger.values)]),
  });
  faults.push(...grammar.faults(config));
  if (faults.length > 0) throw new BadConfiguration(faults);
  return config;
}

/** Later assignments win. The kinds check; convict only merges, and knows the defaults. */
function merge(assignments: readonly Assignment[], faults: string[]): Values {
  const config = convict(schema()) as convict.Config<Record<string, unknown>>;
  for (const { key, value, where } of assignments) {
    const secretKey = rows.find(([name, { secret }]) => secret && fileKey(name) === key)?.[0];
    const target = secretKey ?? key;
    const raw = secretKey ? contentOf(String(value), where, faults) : value;
    if (raw === undefined) continue;
    const { kind, secret } = settings[target as Key];
    const read = kind.read(raw);
    if (read === undefined) {
      const hint = secret || typeof raw !== 'string' ? undefined : kind.hint?.(raw);
      const got = secret ? 'something else' : shown(raw, kind);
      faults.push(`${where}: expected ${kind.words}, got ${got}${hint === undefined ? '' : `; ${hint}`}`);
    } else config.set(target, read);
  }
  return Object.fromEntries(rows.map(([key]) => [key, config.get(key) ?? undefined])) as unknown as Values;
}

function schema(): convict.Schema<Record<string, unknown>> {
  const root: Record<string, unknown> = {};
  for (const [key, { default: preset }] of rows) {
    const names = key.split('.');
    const last = names.pop() ?? '';
    let group = root;
    for (const name of names) {
      group[name] ??= {};
      // Made a line above.
      group = group[name] as Record<string, unknown>;
    }
    group[last] = { default: preset ?? null, format: '*' };
  }
  // The shape that the loop has built; convict's types want it known beforehand.
  return root as convict.Schema<Record<string, unknown>>;
}

function allKeys(keys: readonly Key[]): string[] {
  return keys.flatMap((key) => ('secret' in settings[key] ? [key, fileKey(key)] : [key]));
}

function contentOf(file: string, where: string, faults: string[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    faults.push(`${where}: can't read ${shownFile(file)}: ${fileFault(error)}`);
    return undefined;
  }
}

function single(values: Values): ChargerConfig {
  return { prefix: values['mqtt.prefix'], values };
}

function several(
  entries: unknown,
  file: string,
  before: readonly Assignment[],
  later: readonly Assignment[],
  faults: string[],
  notes: string[],
): ChargerConfig[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    faults.push(`${file}: chargers: expected a list of chargers, each with a prefix`);
    return [];
  }
  const seen = new Set<string>();
  const set: { readonly prefix: string; readonly keys: readonly string[] }[] = [];
  const chargers = entries.map((entry: unknown, at) => {
    const where = `${file}: chargers[${at}]`;
    const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
    const { prefix: rawPrefix, name, ...rest } = (isObject ? entry : {}) as Record<string, unknown>;
    const prefix = prefixKind.read(rawPrefix);
    if (rawPrefix === undefined) faults.push(`${where}.prefix: is missing: each charger has its own`);
    else if (prefix === undefined)
      faults.push(`${where}.prefix: expected ${prefixKind.words}, got ${shown(rawPrefix, prefixKind)}`);
    else if (seen.has(prefix)) faults.push(`${where}.prefix: "${prefix}" is another charger's already`);
    seen.add(prefix ?? '');
    if (name !== undefined && typeof name !== 'string')
      faults.push(`${where}.name: expected a text, got ${shown(name)}`);
    const own = flatten(rest, where, allKeys(PER_CHARGER), faults);
    set.push({ prefix: prefix ?? '', keys: own.map(({ key }) => key) });
    // Faults of the shared assignments have been told already. What an entry says itself wins over everything:
    // a variable can only mean all chargers at once.
    const found: string[] = [];
    const values = merge([...before, ...later, ...own], found);
    faults.push(...found.filter((fault) => fault.startsWith(where)));
    return { prefix: prefix ?? '', values, ...(typeof name === 'string' ? { name } : {}) };
  });
  for (const { key, where } of later) {
    const overruled = set.filter(({ keys }) => keys.includes(key)).map(({ prefix }) => prefix);
    if (overruled.length > 0) {
      notes.push(`${where} has no effect on ${overruled.join(', ')}: the file has a ${key} of its own there`);
    }
  }
  return chargers;
}

/** Settings of which one is of no use without the other. */
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

function secretsOf(all: readonly Values[]): string[] {
  const secrets = new Set<string>();
  for (const values of all) {
    for (const [key, { secret }] of rows) {
      const value = values[key];
      if (secret && typeof value === 'string') secrets.add(value);
      if (typeof value !== 'string' || !URL.canParse(value)) continue;
      const { password } = new URL(value);
      secrets.add(password).add(decoded(password) ?? password);
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
