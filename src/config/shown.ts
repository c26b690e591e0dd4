import type { Kind } from './kinds.js';

// An error shows the value that somebody wrote. But that may be a password in the wrong place: of a value that does not
// look like a harmless slip, only the length is shown.

/** A faulty value as it may be shown, in quotes where it is a text. */
export function shown(raw: unknown, kind?: Pick<Kind<unknown>, 'harmless' | 'shown'>): string {
  if (typeof raw === 'string' || typeof raw === 'number') {
    const text = String(raw);
    const part = kind?.shown?.(text);
    if (part !== undefined) return JSON.stringify(part);
    if (kind?.harmless?.test(text)) return typeof raw === 'number' ? text : JSON.stringify(raw);
    return kind ? `a text of ${text.length} characters` : 'a text';
  }
  if (Array.isArray(raw)) {
    const items = raw.every((item) => typeof item === 'string') ? kind?.shown?.(raw.join(',')) : undefined;
    return items === undefined ? 'a list' : `a list with ${JSON.stringify(items)}`;
  }
  return typeof raw === 'object' && raw !== null ? 'settings' : String(raw);
}

/** A name of a setting, an option or a command as somebody wrote it. */
export function shownName(name: string): string {
  return /^-{0,2}[A-Za-z][\w.-]{0,40}(\[\d+\])?$/.test(name) ? name : `a name of ${name.length} characters`;
}

/** A file name as an error may show it. What does not look like one may be a password: only its length is shown. */
export function shownFile(name: string): string {
  return /^[\w ./\\:~+-]{1,200}$/.test(name) && /[./\\]/.test(name) && !name.includes('://')
    ? name
    : `a file whose name is ${name.length} characters long`;
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no text in UTF-8: save it in that encoding',
};

/** Why a file can't be read, without its name. */
export function fileFault(error: unknown): string {
  // Only an error of the system has a code; its type is checked below.
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? (SYSTEM_ERRORS[code] ?? code) : 'unknown reason';
}
