/** One thing that is wrong with a value: where in it (`3.max_current`, empty for the value itself), and what. */
export interface Issue {
  readonly at: string;
  readonly text: string;
}

/** Whether a value is checked as a charger's report, or as a write, whose rules are often stricter. */
export type Use = 'report' | 'write';

/** Finds all faults of a value. Undefined if there are none: most values are right, and need no empty array. */
export type Check = (value: unknown, use: Use) => readonly Issue[] | undefined;

/** At most this many faults of a value are reported. Nobody reads more, and a long list of wrong items takes time. */
export const MAX_FAULTS = 50;

/** A value as an error shows it: as JSON, at most 60 characters. */
export function show(input: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(input);
  } catch {
    text = undefined;
  }
  if (text === undefined) return 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The issue of a value `got` that is not what was expected; `expected` completes "expected …". */
export function unexpected(expected: string, got: unknown, hint?: string): readonly Issue[] {
  return [{ at: '', text: `expected ${expected}, got ${show(got)}${hint === undefined ? '' : `; ${hint}`}` }];
}

/** The faults of a part as those of the whole: `name` is the member or the index of the part. */
export function within(name: string | number, faults: readonly Issue[]): readonly Issue[] {
  return faults.map(({ at, text }) => ({ at: at === '' ? String(name) : `${name}.${at}`, text }));
}

/** All faults of a payload in one text, each with the member that it is about (contract 4.4). */
export function issueText(faults: readonly Issue[]): string {
  const told = faults.slice(0, MAX_FAULTS).map(({ at, text }) => (at === '' ? text : `${at}: ${text}`));
  return [...told, ...(faults.length > MAX_FAULTS ? ['and more of that kind'] : [])].join('; ');
}
