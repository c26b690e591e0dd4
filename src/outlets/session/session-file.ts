import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { type JsonObject, membersOf, parseJson } from '../../base/json.js';

/** How much of the end of a file is read to find charges that are in it, bytes: more than a thousand charges. */
const TAIL = 256 * 1_024;

/**
 * The file of one year: `/data/sessions.jsonl` becomes `/data/sessions-2026.jsonl`. A charge belongs to the year in
 * which it began.
 */
export function fileOfYear(file: string, year: number): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}-${year}${extension}`;
}

/**
 * Appends a finished charge as one line of JSON, in one write, so that the line is there completely or not at all. The
 * same line is not written twice. Rejects if the file can't be read or written.
 */
export async function appendSession(file: string, line: JsonObject): Promise<void> {
  const path = pathOf(file, line);
  await mkdir(dirname(path), { recursive: true });
  const { lines } = await endOf(path);
  const text = JSON.stringify(line);
  if (lines.includes(text)) return;
  // If a full disk has cut off the last line, that line is ended first.
  const torn = lines.at(-1)?.endsWith('}') === false;
  await appendFile(path, `${torn ? '\n' : ''}${text}\n`, { mode: 0o600 });
}

/**
 * Appends a charge that an earlier run may have written already. If it ended before all charges in the end of the file
 * that is read, it counts as written: later ones have been appended after it. Rejects as `appendSession`.
 */
export async function appendMissingSession(file: string, line: JsonObject): Promise<void> {
  const { lines, isWhole } = await endOf(pathOf(file, line));
  const ends = lines.map((one) => membersOf(parseJson(one)).end).filter((end) => typeof end === 'string');
  const [oldest] = ends.sort();
  if (!isWhole && oldest !== undefined && String(line.end) < oldest) return;
  await appendSession(file, line);
}

const pathOf = (file: string, { start }: JsonObject): string =>
  fileOfYear(file, new Date(String(start)).getUTCFullYear());

interface FileEnd {
  /** The last lines; the first of them may have lost its beginning. */
  readonly lines: readonly string[];
  /** Whether these are all lines of the file. */
  readonly isWhole: boolean;
}

async function endOf(path: string): Promise<FileEnd> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return { lines: [], isWhole: true };
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return {
      lines: buffer
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== ''),
      isWhole: length === size,
    };
  } finally {
    await file.close();
  }
}
