import { readFileSync } from 'node:fs';

/**
 * The text of a file, without the mark (BOM) that some editors put before it. Throws where the file can't be read or
 * is no UTF-8, for `fileFault` to tell: another encoding would make another password.
 */
export function readText(file: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
}
