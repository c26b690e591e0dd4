import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../base/errors.js';
import { optionName, rows } from './settings.js';

/** One value as somebody wrote it, and where: `MQTT_PORT`, `config.yaml: mqtt.port`, `--mqtt-port`. */
export interface Assignment {
  readonly key: string;
  readonly value: unknown;
  readonly where: string;
}

export interface CommandLine {
  readonly command: string;
  readonly assignments: readonly Assignment[];
  /** Options that are not settings: `config`, `help`, `version`, `format`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** What can be written to `mqtt.password` from a file: `MQTT_PASSWORD_FILE`, `mqtt.passwordFile`. */
export const fileKey = (key: string): string => `${key}File`;

/** Reads the command line; every fault goes into `faults`. */
export function readArguments(
  argv: readonly string[],
  commands: readonly string[],
  faults: string[],
): CommandLine {
  const known = new Map<string, { key: string; flag: boolean }>();
  for (const [key, { env, kind, secret }] of rows) {
    known.set(optionName(env), { key, flag: kind.flag === true });
    if (secret) known.set(optionName(`${env}_FILE`), { key: fileKey(key), flag: false });
  }
  const extra: Record<string, boolean> = { config: false, format: false, help: true, version: true };
  const options = Object.fromEntries([
    ...[...known].map(([name, { flag }]) => [
      name,
      { type: flag ? ('boolean' as const) : ('string' as const) },
    ]),
    ...Object.entries(extra).map(([name, flag]) => [
      name,
      { type: flag ? ('boolean' as const) : ('string' as const) },
    ]),
  ]);
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const assignments: Assignment[] = [];
  const flags: Record<string, string> = {};
  const words: string[] = [];
  let unknownAt = Number.NEGATIVE_INFINITY;
  for (const token of tokens) {
    // What follows an unknown option is probably its value, not a command.
    if (token.kind === 'positional' && token.index !== unknownAt + 1) words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    const setting = known.get(name);
    if (!setting && !(name in extra)) {
      unknownAt = token.index;
      faults.push(`${rawName}: no such option${meant(name, [...known.keys(), ...Object.keys(extra)], '--')}`);
    } else if (token.value === undefined && !(setting?.flag ?? extra[name]))
      faults.push(`${rawName}: needs a value`);
    else if (setting) assignments.push({ key: setting.key, value: token.value ?? 'true', where: rawName });
    else flags[name] = token.value ?? 'true';
  }
  const [command = 'run', ...surplus] = words;
  if (!commands.includes(command)) {
    faults.push(
      `${command}: no such command${meant(command, commands, '')}; there are ${commands.join(', ')}`,
    );
  }
  for (const word of surplus) faults.push(`${word}: unexpected; options are written --name value`);
  return { command, assignments, flags };
}

/** Reads the environment. An empty variable counts as unset, which is how compose files leave one out. */
export function readEnvironment(env: NodeJS.ProcessEnv, faults: string[]): Assignment[] {
  const known = new Map<string, string>([['CONFIG_FILE', '']]);
  for (const [key, { env: name, secret }] of rows) {
    known.set(name, key);
    if (secret) known.set(`${name}_FILE`, fileKey(key));
  }
  const assignments: Assignment[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue;
    const key = known.get(name);
    if (key !== undefined) {
      if (key !== '') assignments.push({ key, value, where: name });
    } else {
      const near = nearest(name, [...known.keys()]);
      if (near) faults.push(`${name}: not a setting; did you mean ${near}?`);
    }
  }
  return assignments;
}

/** Reads a YAML or JSON file into an object; undefined (and a fault) where that is not possible. */
export async function readFile(file: string, faults: string[]): Promise<Record<string, unknown> | undefined> {
  try {
    const text = readFileSync(file, 'utf8');
    const value: unknown = file.endsWith('.json')
      ? JSON.parse(text)
      : (await import('yaml')).default.parse(text);
    if (value === null || value === undefined) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    faults.push(`${file}: expected settings by name, got ${Array.isArray(value) ? 'a list' : typeof value}`);
  } catch (error) {
    faults.push(`${file}: can't be read: ${messageOf(error).split('\n')[0]}`);
  }
  return undefined;
}

/** Flattens nested settings into assignments; names that are no settings go into `faults`. */
export function flatten(
  tree: Record<string, unknown>,
  where: string,
  allowed: readonly string[],
  faults: string[],
  path = '',
): Assignment[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const key = path === '' ? name : `${path}.${name}`;
    if (allowed.includes(key))
      return value === null || value === '' ? [] : [{ key, value, where: `${where}: ${key}` }];
    if (allowed.some((other) => other.startsWith(`${key}.`))) {
      if (value === null) return [];
      if (typeof value === 'object' && !Array.isArray(value)) {
        return flatten(value as Record<string, unknown>, where, allowed, faults, key);
      }
      faults.push(`${where}: ${key}: expected settings below it, got ${JSON.stringify(value)}`);
      return [];
    }
    faults.push(`${where}: ${key}: not a setting${meant(key, allowed, '')}`);
    return [];
  });
}

function meant(name: string, known: readonly string[], before: string): string {
  const near = nearest(name, known);
  return near ? `; did you mean ${before}${near}?` : '';
}

/** The known name that was probably meant: a slip of two letters at most, or the beginning of just one name. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const allowed = name.length < 5 ? 1 : 2;
  const close = known
    .map((other) => ({ other, slips: distance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ slips }) => slips <= allowed)
    .sort((a, b) => a.slips - b.slips)[0]?.other;
  if (close !== undefined) return close;
  const longer = known.filter(
    (other) => name.length >= 7 && other.startsWith(name) && !/^[_.-]/.test(other.slice(name.length)),
  );
  return longer.length === 1 ? longer[0] : undefined;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
