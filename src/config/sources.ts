import { nearestSetting, settingSuggestion } from './other-names.js';
import { rows } from './settings.js';
import { fileFault, shown, shownFile, shownName } from './shown.js';
import { readText } from './text-file.js';

/** One value as somebody wrote it, and where: `MQTT_PORT`, `config.yaml: mqtt.port`, `--mqtt-port`. */
export interface Assignment {
  readonly key: string;
  readonly value: unknown;
  readonly where: string;
}

/** The key for a file that holds the value of `key`: `mqtt.passwordFile` for `mqtt.password`. */
export const fileKey = (key: string): string => `${key}File`;

/** Reads the environment. An empty variable counts as unset: compose files pass on one that is not set as empty. */
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
      // Kubernetes and linked containers set MQTT_PORT for a service that is called mqtt.
      if (/_PORT$/.test(name) && /^(tcp|udp):\/\//.test(value)) continue;
      if (key !== '') assignments.push({ key, value, where: name });
    } else {
      const near = nearestSetting(name, [...known.keys()]);
      if (near) faults.push(`${name}: not a setting; did you mean ${near}?`);
    }
  }
  return assignments;
}

/** Reads a YAML or JSON file into an object; undefined, with a line in `faults`, if that is not possible. */
export async function readFile(file: string, faults: string[]): Promise<Record<string, unknown> | undefined> {
  const name = shownFile(file);
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    faults.push(`${name}: can't be read: ${fileFault(error)}`);
    return undefined;
  }
  const parsed = file.endsWith('.json') ? parseJson(text) : (await import('./yaml.js')).parseYaml(text);
  if (parsed === undefined) {
    faults.push(`${name}: is not valid JSON: a quote, a comma or a bracket is missing, or one is too many`);
    return undefined;
  }
  if ('fault' in parsed) {
    faults.push(`${name}: ${parsed.fault}`);
    return undefined;
  }
  const { value } = parsed;
  if (value === null || value === undefined) return {};
  // An object that is no array has members, of any type.
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  faults.push(`${name}: expected settings by name, got ${shown(value)}`);
  return undefined;
}

/** Undefined for a text that is not JSON. The parser's message is not used: it quotes the text, perhaps a password. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Flattens nested settings into assignments. A name that is not in `allowed` becomes a line in `faults`. */
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
        // An object that is no array has members, of any type.
        return flatten(value as Record<string, unknown>, where, allowed, faults, key);
      }
      faults.push(`${where}: ${key}: expected settings below it, got ${shown(value)}`);
      return [];
    }
    faults.push(`${where}: ${shownName(key)}: not a setting${settingSuggestion(key, allowed, '')}`);
    return [];
  });
}
