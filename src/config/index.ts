import { readFileSync } from 'node:fs';
import convict from 'convict';
import { BadConfiguration, messageOf } from '../base/errors.js';
import { type Key, prefixKind, rows, settings, type Values } from './settings.js';
import { type Assignment, fileKey, flatten, readArguments, readEnvironment, readFile } from './sources.js';

export const commands = ['run', 'simulate', 'check', 'topics'] as const;
export type CommandName = (typeof commands)[number];

/** The part of a configuration that is about one charger. */
export interface ChargerConfig {
  readonly prefix: string;
  readonly name?: string;
  readonly values: Values;
}

/** Everything that was set, checked and frozen. */
export interface Config {
  readonly command: CommandName;
  readonly flags: Readonly<Record<string, string>>;
  /** Settings of the whole process. */
  readonly values: Values;
  readonly chargers: readonly ChargerConfig[];
  /** Values that no log line may show. */
  readonly secrets: readonly string[];
}

/** Settings that an entry of `chargers:` may have of its own. */
const PER_CHARGER = rows.map(([key]) => key).filter((key) => /^(charger|model)\./.test(key));

/**
 * Reads defaults < file < environment < command line into one frozen Config.
 * Throws BadConfiguration with every fault that was found (contract 1 and 2).
 */
export async function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Config> {
  const faults: string[] = [];
  const line = readArguments(argv, commands, faults);
  const file = line.flags.config ?? (env.CONFIG_FILE || undefined);
  const tree = file === undefined ? {} : ((await readFile(file, faults)) ?? {});
  const { chargers: entries, ...rest } = tree;
  const fromFile = flatten(rest, file ?? '', allKeys(rows.map(([key]) => key)), faults);
  const later = [...readEnvironment(env, faults), ...line.assignments];
  const values = merge([...fromFile, ...later], faults);
  const chargers =
    entries === undefined ? [single(values)] : several(entries, file ?? '', fromFile, later, faults);
  for (const charger of chargers) checkCharger(charger, faults);
  if ((values['simulate.username'] === undefined) !== (values['simulate.password'] === undefined)) {
    faults.push('SIMULATE_USERNAME and SIMULATE_PASSWORD go together, but only one is set');
  }
  if (faults.length > 0) throw new BadConfiguration(faults);
  return deepFreeze({
    command: line.command as CommandName,
    flags: line.flags,
    values,
    chargers,
    secrets: secretsOf([values, ...chargers.map((charger) => charger.values)]),
  });
}

/** Later assignments win; convict merges, applies the defaults and has the last word. */
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
  config.validate({ allowed: 'strict' });
  return Object.fromEntries(rows.map(([key]) => [key, config.get(key) ?? undefined])) as unknown as Values;
}

/** A faulty value as it may be shown: what stands where a URL has its login may be a password. */
function withoutLogin(raw: unknown): string {
  return JSON.stringify(raw).replace(/\/\/.*@/, '//…@');
}

function schema(): convict.Schema<Record<string, unknown>> {
  const root: Record<string, unknown> = {};
  for (const [key, { kind, default: preset, doc, secret }] of rows) {
    const names = key.split('.');
    const last = names.pop() ?? '';
    let room = root;
    for (const name of names) {
      room[name] ??= {};
      room = room[name] as Record<string, unknown>;
    }
    const check = (value: unknown) => {
      if (value !== null && kind.read(value) === undefined) throw new Error(`expected ${kind.words}`);
    };
    room[last] = { doc, default: preset ?? null, format: check, ...(secret ? { sensitive: true } : {}) };
  }
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

function checkCharger({ prefix, values }: ChargerConfig, faults: string[]): void {
  if (values['charger.backend'] === 'http' && values['charger.url'] === undefined) {
    faults.push(`${prefix}: BACKEND is http, but CHARGER_URL (charger.url) is not set`);
  }
  if ((values['charger.username'] === undefined) !== (values['charger.password'] === undefined)) {
    faults.push(`${prefix}: CHARGER_USERNAME and CHARGER_PASSWORD go together, but only one is set`);
  }
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
