import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadConfiguration } from '../../src/base/errors.js';
import { commands } from '../../src/commands/index.js';
import { commandOf } from '../../src/config/command-line.js';
import { type Grammar, readConfig } from '../../src/config/index.js';

const folder = mkdtempSync(join(tmpdir(), 'evse-config-'));
let files = 0;

/** A file with `text`, and its name. */
export function fileWith(text: string, name = `c${files++}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** How the program reads `argv`: by the command that it names. */
export async function grammarOf(argv: readonly string[]): Promise<Grammar> {
  const names = Object.keys(commands);
  const name = commandOf(argv, names);
  const command = await commands[name]?.();
  return {
    command: name,
    commands: names,
    options: command?.options ?? {},
    faults: (config) => command?.faults?.(config) ?? [],
  };
}

/** What the program finds wrong with its settings. */
export async function faultsOf(argv: string[], env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  try {
    await readConfig(argv, env, await grammarOf(argv));
    return [];
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
}
