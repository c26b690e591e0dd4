import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prefixKind } from './kinds.js';
import { allKeys, merge } from './merge.js';
import { rows, type Values } from './settings.js';
import { fileFault, shown, shownFile } from './shown.js';
import { type Assignment, flatten, readFile } from './sources.js';

/** The configuration of one charger. */
export interface ChargerConfig {
  readonly prefix: string;
  readonly name?: string;
  readonly values: Values;
}

/** Settings that can differ between several chargers. */
export const PER_CHARGER = rows.map(([key]) => key).filter((key) => /^(charger|model)\./.test(key));

/** The settings of one charger as they were written, and where. */
export interface ChargerEntry {
  readonly where: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** The entries of the list `chargers:` in the settings file `file`; other values go into `faults`. */
export function listedEntries(list: unknown, file: string, faults: string[]): readonly ChargerEntry[] {
  if (!Array.isArray(list) || list.length === 0) {
    faults.push(`${file}: chargers: expected a list of chargers, each with a prefix`);
    return [];
  }
  return list.map((entry: unknown, at) => {
    const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
    // An entry that is no object counts as empty: then its missing prefix is the fault that is reported.
    return { where: `${file}: chargers[${at}]`, members: isObject ? (entry as ChargerEntry['members']) : {} };
  });
}

/** The files of the folder that describe a charger. Editors and Kubernetes put other files beside them. */
const ENTRY_FILE = /^[^.].*\.(?:ya?ml|json)$/;

/** One entry for each YAML or JSON file of a folder, by name (contract 2, CHARGERS_DIR). */
export async function folderEntries(folder: string, faults: string[]): Promise<readonly ChargerEntry[]> {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => ENTRY_FILE.test(name));
  } catch (error) {
    faults.push(`CHARGERS_DIR: can't read ${shownFile(folder)}: ${fileFault(error)}`);
    return [];
  }
  const entries: ChargerEntry[] = [];
  for (const name of names.sort()) {
    const file = join(folder, name);
    const members = await readFile(file, faults);
    if (members) entries.push({ where: shownFile(file), members });
  }
  return entries;
}

/**
 * Reads `entries` on top of the settings for all chargers: `before` from the file, `later` from environment and command
 * line. What an entry sets wins over both, because a variable can only mean all chargers at once. `notes` gets a line
 * for each variable or option that has no effect on a charger for that reason.
 */
export function readEntries(
  entries: readonly ChargerEntry[],
  before: readonly Assignment[],
  later: readonly Assignment[],
  faults: string[],
  notes: string[],
): ChargerConfig[] {
  const seen = new Map<string, string>();
  const set: { readonly prefix: string; readonly keys: readonly string[] }[] = [];
  const chargers = entries.map(({ where, members }) => {
    const { prefix: rawPrefix, name, ...rest } = members;
    const prefix = prefixKind.read(rawPrefix);
    const other = prefix === undefined ? undefined : seen.get(prefix);
    if (rawPrefix === undefined)
      faults.push(`${where}.prefix: is missing: each charger needs one of its own`);
    else if (prefix === undefined)
      faults.push(`${where}.prefix: expected ${prefixKind.words}, got ${shown(rawPrefix, prefixKind)}`);
    else if (other !== undefined)
      faults.push(`${where}.prefix: "${prefix}" is already the prefix of another charger, in ${other}`);
    else seen.set(prefix, where);
    if (name !== undefined && typeof name !== 'string')
      faults.push(`${where}.name: expected a text, got ${shown(name)}`);
    const own = flatten(rest, where, allKeys(PER_CHARGER), faults);
    set.push({ prefix: prefix ?? '', keys: own.map(({ key }) => key) });
    // Faults of the settings for all chargers are reported once, by readConfig.
    const found: string[] = [];
    const values = merge([...before, ...later, ...own], found);
    faults.push(...found.filter((fault) => fault.startsWith(where)));
    return { prefix: prefix ?? '', values, ...(typeof name === 'string' ? { name } : {}) };
  });
  for (const { key, where } of later) {
    const overruled = set.filter(({ keys }) => keys.includes(key)).map(({ prefix }) => prefix);
    if (overruled.length > 0) {
      notes.push(
        `${where} has no effect on ${overruled.join(', ')}: ${key} is set there in the charger's own entry`,
      );
    }
  }
  return chargers;
}
