/** The exit codes of the program, with their meaning (contract 1). */
export const exitCodes: Readonly<Record<0 | 1 | 78, string>> = {
  0: 'Stopped by SIGTERM or SIGINT. `check`: everything works; one that was stopped ends with 1. Other commands: done.',
  1: 'Anything else: a port that is in use, a file that cannot be written, a `check` with a `FAIL`. The last line says what.',
  78: 'The settings are wrong; every fault was listed. Starting again does not help, so the systemd unit does not try.',
};
