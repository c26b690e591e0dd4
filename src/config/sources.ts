import { readFileSync } from 'node:fs';
import { messageOf } from '../base/errors.js';
import { meant, nearest } from '../base/nearest.js';
import { rows } from './settings.js';

/** One value as somebody wrote it, and where: `MQTT_PORT`, `config.yaml: mqtt.port`, `--mqtt-port`. */
export interface Assignment {
  readonly key: string;
  readonly value: unknown;
  readonly where: string;
}

/** What can be written to `mqtt.password` from a file: `MQTT_PASSWORD_FILE`, `mqtt.passwordFile`. */
export const fileKey = (key: string): string => `${key}File`;

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
