import convict from 'convict';
import { type Key, rows, settings, type Values } from './settings.js';
import { fileFault, shown, shownFile } from './shown.js';
import { type Assignment, fileKey } from './sources.js';
import { readText } from './text-file.js';

/** Merges assignments: later ones win. Values are checked by their kinds; convict only merges and has the defaults. */
export function merge(assignments: readonly Assignment[], faults: string[]): Values {
  const config = convict(schema()) as convict.Config<Record<string, unknown>>;
  for (const { key, value, where } of assignments) {
    const secretKey = rows.find(([name, { secret }]) => secret && fileKey(name) === key)?.[0];
    const target = secretKey ?? key;
    const raw = secretKey ? contentOf(String(value), where, faults) : value;
    if (raw === undefined) continue;
    // Every assignment comes from `flatten`, `readEnvironment` or `readArguments`, which know only keys of the table.
    const { kind, secret } = settings[target as Key];
    const read = kind.read(raw);
    if (read === undefined) {
      const hint = secret || typeof raw !== 'string' ? undefined : kind.hint?.(raw);
      const got = secret ? 'something else' : shown(raw, kind);
      faults.push(`${where}: expected ${kind.words}, got ${got}${hint === undefined ? '' : `; ${hint}`}`);
    } else config.set(target, read);
  }
  // Each value was made by the kind of its own row, or is its default.
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

/** The names that a settings file may use for `keys`: a secret can also be given as a file (`mqtt.passwordFile`). */
export function allKeys(keys: readonly Key[]): string[] {
  return keys.flatMap((key) => ('secret' in settings[key] ? [key, fileKey(key)] : [key]));
}

function contentOf(file: string, where: string, faults: string[]): string | undefined {
  try {
    return readText(file);
  } catch (error) {
    faults.push(`${where}: can't read ${shownFile(file)}: ${fileFault(error)}`);
    return undefined;
  }
}
