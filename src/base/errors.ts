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

/** Settings that can't be used: all faults in one error, one line each. The process ends with exit code 78. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** The program can't get something that it needs to start: a port, a file. The message says what to change. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}

/** What to do about "too many open files": the limit of this process (EMFILE), or that of the machine (ENFILE). */
const OPEN_FILES: Readonly<Record<string, string>> = {
  EMFILE:
    'this process may open no more files and connections: raise its limit (LimitNOFILE= of a systemd unit, ulimits: nofile of a container, ulimit -n of a shell)',
  ENFILE: 'this machine can open no more files and connections: raise its limit (sysctl fs.file-max)',
};

/** The text to print for a caught value, which need not be an Error. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // Errors of the system have a code. Others may have none, or one of another type: that is checked below.
  const { code } = error as { readonly code?: unknown };
  return (typeof code === 'string' && OPEN_FILES[code]) || error.message || error.name;
}
