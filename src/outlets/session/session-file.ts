import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import type { JsonObject } from '../../base/json.js';

/** What is read from the end of a file to find its last line, bytes: a line is much shorter. */
const TAIL = 4_096;

/**
 * The file of one year: `/data/sessions.jsonl` becomes `/data/sessions-2026.jsonl`. A charge belongs to the year in
 * which it began.
 */
export function fileOfYear(file: string, year: number): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}-${year}${extension}`;
}

/**
 * Appends a finished charge as one line of JSON, in one write, so that a line is there whole or not at all. The same
 * line is not written twice. Rejects where the file can't be written.
 */
export async function appendSession(file: string, line: JsonObject): Promise<void> {
  const path = fileOfYear(file, new Date(String(line.start)).getUTCFullYear());
  const text = JSON.stringify(line);
  await mkdir(dirname(path), { recursive: true });
  const last = await lastLine(path);
  if (last === text) return;
  // A line that a full disk cut off is ended first, so that this one stands alone.
  const torn = last !== undefined && !last.endsWith('}');
  await appendFile(path, `${torn ? '\n' : ''}${text}\n`, { mode: 0o600 });
}

/** The last line of a file; undefined where there is no file or nothing in it. */
async function lastLine(path: string): Promise<string | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n').at(-1) || undefined;
  } finally {
    await file.close();
  }
}
