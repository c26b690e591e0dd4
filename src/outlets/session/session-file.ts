import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { type JsonObject, membersOf, parseJson } from '../../base/json.js';

/** What is read from the end of a file to find what was written last, bytes: more than a thousand charges. */
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
 * Appends a finished charge as one line of JSON, in one write, so that a line is there whole or not at all. The same
 * line is not written twice. Rejects where the file can't be written.
 */
export async function appendSession(file: string, line: JsonObject): Promise<void> {
  const path = pathOf(file, line);
  await mkdir(dirname(path), { recursive: true });
  const { lines } = await endOf(path);
  const text = JSON.stringify(line);
  if (lines.includes(text)) return;
  // A line that a full disk cut off is ended first, so that this one stands alone.
  const torn = lines.at(-1)?.endsWith('}') === false;
  await appendFile(path, `${torn ? '\n' : ''}${text}\n`, { mode: 0o600 });
}

/**
 * Appends a charge of which an earlier run did not say whether it wrote it down. One that ended before all that is
 * read from the end of the file is taken for written: others have been appended behind it. Rejects as `appendSession`.
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
  /** Whether they are all that there is. */
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
