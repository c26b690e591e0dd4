import { readFileSync } from 'node:fs';

/**
 * The text of a file, without the byte order mark (BOM) that some editors put before it. Throws if the file can't be
 * read, or is not in UTF-8: in another encoding a password would be read wrong. `fileFault` puts it into words.
 */
export function readText(file: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
}
