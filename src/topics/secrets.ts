import { isObject, type Json } from '../base/json.js';
import type { Command } from './topic.js';

/** `value` for an answer or the log: its secret members are replaced by `[secret]`. */
export function withoutSecrets(command: Command | undefined, value: Json): Json {
  if (!command?.secret || !isObject(value)) return value;
  const secret = new Set(command.secret);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, secret.has(name) ? '[secret]' : member]),
  );
}
