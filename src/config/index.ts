import { readFileSync } from 'node:fs';
import convict from 'convict';
import { BadConfiguration, messageOf } from '../base/errors.js';
import { type CommandOptions, readArguments } from './command-line.js';
import { prefixKind } from './kinds.js';
import { type Key, rows, settings, type Values } from './settings.js';
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
  /** Values that no log line may show. */
  readonly secrets: readonly string[];
}

/** What the program adds to the settings: its commands, and what else can be wrong. */
export interface Grammar {
  readonly command: string;
  readonly commands: readonly string[];
  /** The command's own options. */
  readonly options: CommandOptions;
  /** What a charger's settings lack, one line each. */
  faults(charger: ChargerConfig): readonly string[];
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
  const chargers =
    entries === undefined ? [single(values)] : several(entries, file ?? '', fromFile, later, faults);
  for (const charger of chargers) faults.push(...loginFaults(charger), ...grammar.faults(charger));
  if ((values['simulate.username'] === undefined) !== (values['simulate.password'] === undefined)) {
    faults.push('SIMULATE_USERNAME and SIMULATE_PASSWORD go together, but only one is set');
  }
  if (faults.length > 0) throw new BadConfiguration(faults);
  return deepFreeze({
    options: line.options,
    values,
    chargers,
    secrets: secretsOf([values, ...chargers.map((charger) => charger.values)]),
  });
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
      faults.push(`${where}: expected ${kind.words}, got ${secret ? 'something else' : withoutLogin(raw)}`);
    } else config.set(target, read);
  }
  return Object.fromEntries(rows.map(([key]) => [key, config.get(key) ?? undefined])) as unknown as Values;
}

/** A faulty value as it may be shown: what stands where a URL has its login may be a password. */
function withoutLogin(raw: unknown): string {
  return JSON.stringify(raw).replace(/\/\/.*@/, '//…@');
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
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    faults.push(`${where}: can't read ${file}: ${messageOf(error)}`);
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
): ChargerConfig[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    faults.push(`${file}: chargers: expected a list of chargers, each with a prefix`);
    return [];
  }
  const seen = new Set<string>();
  return entries.map((entry: unknown, at) => {
    const where = `${file}: chargers[${at}]`;
    const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
    const { prefix: rawPrefix, name, ...rest } = (isObject ? entry : {}) as Record<string, unknown>;
    const prefix = prefixKind.read(rawPrefix);
    if (prefix === undefined)
      faults.push(`${where}.prefix: expected ${prefixKind.words}, got ${JSON.stringify(rawPrefix)}`);
    else if (seen.has(prefix)) faults.push(`${where}.prefix: "${prefix}" is another charger's already`);
    seen.add(prefix ?? '');
    if (name !== undefined && typeof name !== 'string')
      faults.push(`${where}.name: expected a text, got ${JSON.stringify(name)}`);
    const own = flatten(rest, where, allKeys(PER_CHARGER), faults);
    // Faults of the shared assignments have been told already. What an entry says itself wins over everything:
    // a variable can only mean all chargers at once.
    const found: string[] = [];
    const values = merge([...before, ...later, ...own], found);
    faults.push(...found.filter((fault) => fault.startsWith(where)));
    return { prefix: prefix ?? '', values, ...(typeof name === 'string' ? { name } : {}) };
  });
}

function loginFaults({ prefix, values }: ChargerConfig): string[] {
  if ((values['charger.username'] === undefined) === (values['charger.password'] === undefined)) return [];
  return [`${prefix}: CHARGER_USERNAME and CHARGER_PASSWORD go together, but only one is set`];
}

function secretsOf(all: readonly Values[]): string[] {
  const secrets = new Set<string>();
  for (const values of all) {
    for (const [key, { secret }] of rows) {
      const value = values[key];
      if (secret && typeof value === 'string') secrets.add(value);
      if (typeof value === 'string' && URL.canParse(value))
        secrets.add(decodeURIComponent(new URL(value).password));
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
