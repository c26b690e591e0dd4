/** One thing that is wrong with a value: where in it (`3.max_current`, empty for the value itself), and what. */
export interface Issue {
  readonly at: string;
  readonly text: string;
}

/** What a value is meant for: to be shown as a charger reports it, or to be written, which is often narrower. */
export type Use = 'report' | 'write';

/** Tells every fault of a value. `undefined` stands for none: nothing is made for the many that are right. */
export type Check = (value: unknown, use: Use) => readonly Issue[] | undefined;

/** So many faults of a value are told: a long list of wrong items would take long to go through, and nobody reads it. */
export const MAX_FAULTS = 50;

/** A value as it is shown in an error: as JSON, cut where it gets long. */
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

/** That something else was expected than `got`; `expected` finishes the sentence "expected …". */
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
