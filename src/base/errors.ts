/** Why a write was refused (contract 4.8). */
export type RefusalCode =
  | 'invalid'
  | 'retained'
  | 'unknown'
  | 'read_only'
  | 'denied'
  | 'offline'
  | 'rejected'
  | 'superseded'
  | 'expired'
  | 'too_large';

/** The caller's fault: the write can't be done as asked. The message is meant for the person who sent it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The charger's fault: it does not answer. The message says what was tried and what came back. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** A person's setting that can't be used; every fault in one error, one line each. Ends the process with 78. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** Something that the program needs from its surroundings is not to be had: a port, a file. Says what to set. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** What the machine calls "too many open files", for this process and for all of them: what to do about it. */
const OPEN_FILES: Readonly<Record<string, string>> = {
  EMFILE:
    'this process may open no more files and connections: raise its limit (LimitNOFILE= of a systemd unit, ulimits: nofile of a container, ulimit -n of a shell)',
  ENFILE: 'this machine can open no more files and connections: raise its limit (sysctl fs.file-max)',
};

/** What is printed of a caught value, which need not be an Error. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // Only asked for where there is one.
  const { code } = error as { readonly code?: unknown };
  return (typeof code === 'string' && OPEN_FILES[code]) || error.message || error.name;
}
